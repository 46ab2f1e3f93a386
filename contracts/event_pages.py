"""The catalogue of events as Markdown pages for people: an index by stage of the journey, and a page per event type."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.catalogue import CATALOGUE, leaves_of
from contracts.changelog import changelog
from contracts.compatibility.describe import Description
from contracts.events.base import Contract
from contracts.examples import Examples, examples_of
from contracts.fields import Leaf
from contracts.glossary_page import anchor_of
from contracts.governance import Lifecycle
from contracts.parse import InvalidEvent, parse_data, parse_event
from contracts.releases import UNRELEASED
from contracts.vocabulary import Stage

INDEX = "README.md"
_NEWLINE = "\n"
_GENERATED = "Generated from the contracts by `python -m contracts.generate`; do not edit."
_STAGES = {
    Stage.PREVENTION: "Prevention",
    Stage.REPORT: "Report",
    Stage.SEARCH: "Search",
    Stage.RETURNING: "Return",
    Stage.INTERVIEW: "Interview",
    Stage.AFTERCARE: "Aftercare",
    Stage.HANDOVER: "Handover",
    Stage.GOVERNANCE: "About the sharing itself",
}
_INDEX = f"""\
# Events

{_GENERATED}

Every event is a CloudEvents 1.0 envelope whose `data` is given by the contract of its type. Each page says what the
event is for, who may publish it, what it holds, and shows it. The same contracts stand as JSON Schema at
`/schemas/<type>.json` of a hub, and all together, with the lines they travel on, at `/asyncapi.json`.

## How to read a page

| Word | Meaning |
| --- | --- |
| Kind | what a field holds; a code is one of the list that is named. Where the sender's own word may stand, it is \
`{{"unmapped": "…"}}`: for a word that has no code |
| Ring | an involved agency that is not told of such an event must be rung |
| Category | the data category that a protocol's clauses speak of; a narrative without `contains` counts as every one |
| Whose | whose personal data a field is, which an access request must tell apart |
| Place | a field from which a protected child's whereabouts could be inferred |
| Required | required in the object that holds the field |
| Since | the release of the contracts that brought a field, if it was not the first: no permit of a protocol \
that was signed against an earlier one reaches it |

Where a schema allows `null`, it means the same as leaving the member out: not sent. Times carry their offset.
"""


def event_pages(releases: Mapping[str, Sequence[Description]]) -> dict[str, str]:
    """Return every page by its file name: the index, and one for each event type. `releases` are those of each type."""
    pages = {page_name(name): _page(contract, releases.get(name, ())) for name, contract in CATALOGUE.items()}
    return {INDEX: _index(releases)} | pages


def page_name(event_type: str) -> str:
    """Return the file name of an event type's page."""
    return f"{event_type}.md"


def _index(releases: Mapping[str, Sequence[Description]]) -> str:
    return _INDEX + "".join(_stage(stage, title, releases) for stage, title in _STAGES.items())


def _stage(stage: Stage, title: str, releases: Mapping[str, Sequence[Description]]) -> str:
    contracts = [contract for contract in CATALOGUE.values() if contract.stage is stage]
    if not contracts:
        return ""
    rows = "\n".join(
        f"| [`{contract.type}`]({page_name(contract.type)}) | {contract.purpose} "
        f"| {_version(releases.get(contract.type, ()))} | {'yes' if contract.ring else ''} |"
        for contract in contracts
    )
    return f"\n## {title}\n\n| Event | Purpose | Version | Ring |\n| --- | --- | --- | --- |\n{rows}\n"


def _page(contract: Contract, releases: Sequence[Description]) -> str:
    examples = examples_of(contract.type)
    rows = "\n".join(_row(leaf) for leaf in leaves_of(contract.type))
    return f"""\
# `{contract.type}`

{_GENERATED}

{contract.purpose}

| | |
| --- | --- |
| Version | {_version(releases)} |
| Status | {_standing(contract.lifecycle)} |
| Steward | {contract.owner.replace("_", " ")} |
| Stage | [{_STAGES[contract.stage]}]({INDEX}) |
| Subject | {_subject(contract)} |
| Who may publish | {_publishers(contract)} |
| NATS | {_request(contract)} |
| Ring an involved agency that is not told | {"yes" if contract.ring else "no"} |
| Schema | [`{contract.type}.json`](../../../contracts/schemas/{contract.type}.json) |

## Fields of `data`

[What the columns mean]({INDEX}#how-to-read-a-page).

| Field | Kind | Category | Whose | Place | Required | Definition |
| --- | --- | --- | --- | --- | --- | --- |
{rows}

## Samples

The least that may be sent:

{_json(examples.minimal)}

With every field:

{_json(examples.full)}

Refused, with {_fault(contract, examples)}:

{_json(examples.invalid)}

## Changelog

{_NEWLINE.join(changelog(releases)) or "Not released: every protocol withholds all of it."}
"""


def _version(releases: Sequence[Description]) -> str:
    return str(releases[-1]["version"]) if releases else "not released"


def _standing(lifecycle: Lifecycle) -> str:
    since = "" if lifecycle.since is None else f" since {lifecycle.since}"
    if lifecycle.successor is None:
        return f"{lifecycle.status}{since}"
    return f"{lifecycle.status}{since}: publish [`{lifecycle.successor}`]({page_name(lifecycle.successor)}) instead"


def _row(leaf: Leaf) -> str:
    categories = ", ".join(sorted(leaf.categories))
    place, required = ("yes" if said else "" for said in (leaf.whereabouts, leaf.required))
    definition = leaf.definition.replace("|", "&#124;").replace("<", "&lt;") + _since(leaf)
    return f"| `{leaf.path}` | {_kind(leaf)} | {categories} | {leaf.whose} | {place} | {required} | {definition} |"


def _kind(leaf: Leaf) -> str:
    """Say what a field holds; of a code, of which list."""
    if leaf.vocabulary is None:
        return leaf.kind
    words = f"{leaf.kind} of [`{leaf.vocabulary}`](../glossary.md#{anchor_of(leaf.vocabulary)})"
    return f"{words}, or the sender's own word" if leaf.takes_unmapped else words


def _since(leaf: Leaf) -> str:
    """Say which release brought a field, if it was not the first."""
    if leaf.since == 1:
        return ""
    return " *Not released.*" if leaf.since == UNRELEASED else f" *Since release {leaf.since}.*"


def _publishers(contract: Contract) -> str:
    if contract.derived:
        return "the hub alone"
    if not contract.publishers.roles:
        return "any registered agency"
    roles = ", ".join(sorted(f"`{role}`" for role in contract.publishers.roles))
    return f"{roles} ({'confirmed' if contract.publishers.confirmed else 'claimed or confirmed'})"


def _request(contract: Contract) -> str:
    if contract.derived:
        return "comes from the hub; nobody publishes it"
    return f"request on `in.<agency>.{contract.type}`"


def _subject(contract: Contract) -> str:
    if contract.no_subject:
        return "none"
    if contract.either_subject:
        return "`episode/<id>` or `child/<handle>`"
    return "`child/<handle>`" if contract.about_child else "`episode/<id>`"


def _fault(contract: Contract, examples: Examples) -> str:
    """Say what the invalid example is refused for, in the words of the parser itself."""
    try:
        if contract.derived:
            parse_data(contract, examples.invalid["data"])
        else:
            parse_event(examples.invalid)
    except InvalidEvent as error:
        return "; ".join(f"`{fault.code}` at `{fault.pointer}`: {fault.message}" for fault in error.faults)
    raise ValueError(f"the invalid example of {contract.type} is not refused")


def _json(event: dict[str, Any]) -> str:
    return f"```json\n{json.dumps(event, indent=2, ensure_ascii=False)}\n```"

"""The catalogue of events as a Markdown page for people."""

import json
from typing import Any

from contracts.catalogue import CATALOGUE, leaves_of
from contracts.events.base import Contract
from contracts.examples import examples_of
from contracts.fields import Leaf
from contracts.governance import Lifecycle
from contracts.releases import UNRELEASED, version_of

_HEAD = """\
# Events

Generated from the contracts by `python -m contracts.generate`; do not edit.

Every event is a CloudEvents 1.0 envelope whose `data` has the fields below. *Required* means required in the object
that holds the field. Where a type's schema allows `null`, it means the same as leaving the member out: not sent.
Times carry their offset. A narrative without `contains` counts as every data category, whatever its field's own.
*Place* marks a field from which a protected child's whereabouts could be inferred. *Whose* says whose personal data a
field is, which an access request must tell apart. *Since* names the release of the contracts that brought a field, if
it was not the first: no permit of a protocol that was signed against an earlier release reaches it.
"""


def catalogue_page() -> str:
    """Return the page: for every event type its purpose, who may publish it, its fields and an example."""
    types = sorted(CATALOGUE)
    index = "\n".join(f"- [`{name}`](#{_anchor(name)}): {CATALOGUE[name].purpose}" for name in types)
    return "\n".join([_HEAD, index, *(_section(CATALOGUE[name]) for name in types)])


def _section(contract: Contract) -> str:
    example: dict[str, Any] = examples_of(contract.type).full
    rows = "\n".join(_row(leaf) for leaf in leaves_of(contract.type))
    return f"""
## `{contract.type}`

{contract.purpose}

- Version: {version_of(contract.type) or "not released"} ({_standing(contract.lifecycle)})
- Steward: {contract.owner}
- Stage: {contract.stage}
- Subject: {_subject(contract)}
- Who may publish: {_publishers(contract)}
- An involved agency that is not told must be rung: {"yes" if contract.ring else "no"}

| Field | Kind | Category | Whose | Required | Definition |
| --- | --- | --- | --- | --- | --- |
{rows}

```json
{json.dumps(example, indent=2)}
```
"""


def _standing(lifecycle: Lifecycle) -> str:
    since = "" if lifecycle.since is None else f" since {lifecycle.since}"
    successor = "" if lifecycle.successor is None else f", publish `{lifecycle.successor}` instead"
    return f"{lifecycle.status}{since}{successor}"


def _row(leaf: Leaf) -> str:
    categories = ", ".join(sorted(leaf.categories)) + (" · *place*" if leaf.whereabouts else "")
    if leaf.since > 1:
        categories += " · *not released*" if leaf.since == UNRELEASED else f" · *since {leaf.since}*"
    required = "yes" if leaf.required else ""
    return f"| `{leaf.path}` | {leaf.kind} | {categories} | {leaf.whose} | {required} | {leaf.definition} |"


def _subject(contract: Contract) -> str:
    if contract.no_subject:
        return "none"
    if contract.either_subject:
        return "`episode/<id>` or `child/<handle>`"
    return "`child/<handle>`" if contract.about_child else "`episode/<id>`"


def _publishers(contract: Contract) -> str:
    if contract.derived:
        return "the hub alone"
    if not contract.publishers.roles:
        return "any registered agency"
    roles = ", ".join(sorted(contract.publishers.roles))
    return f"{roles} ({'confirmed' if contract.publishers.confirmed else 'claimed or confirmed'})"


def _anchor(event_type: str) -> str:
    return event_type.replace(".", "")

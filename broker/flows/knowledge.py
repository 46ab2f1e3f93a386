"""Telling about telling is a disclosure too: who may be shown which agency in connection with a child."""

from dataclasses import replace
from typing import Any

from broker.casework.naming import named_agencies
from broker.flows.draft import Draft
from broker.flows.occurrence import Case, Occurrence
from contracts.catalogue import leaves_of
from contracts.values import Kind


def learn_own(draft: Draft, event: Occurrence) -> None:
    """Note the agencies that a publisher has named itself."""
    named = named_agencies(event.data, event.type) - {event.controller.id}
    if named:
        draft.learn(event.controller.id, event.subject, named)


def as_known_to(draft: Draft, reader: str, event: Occurrence, case: Case) -> Occurrence:
    """Return a notice without the agencies that its own controller may not be shown.

    The controller's event caused the notice, but what the hub adds from the case is not the controller's record.
    """
    known = known_to(draft, reader, case) | {reader}
    data = event.data
    for leaf in leaves_of(event.type):
        if leaf.kind is Kind.AGENCY:
            data = _without(data, leaf.path.split("."), known)
    return replace(event, data=data)


def _without(value: Any, steps: list[str], known: frozenset[str]) -> Any:
    """Return the value less the agencies below it, at the end of the steps, that are not known."""
    if not steps:
        return value if value in known else None
    name, many = steps[0].removesuffix("[]"), steps[0].endswith("[]")
    if not isinstance(value, dict) or name not in value:
        return value
    inner = value[name]
    if many:
        kept: Any = [one for item in inner if (one := _without(item, steps[1:], known)) is not None]
    else:
        kept = _without(inner, steps[1:], known)
    rest = {key: other for key, other in value.items() if key != name}
    return rest if kept is None else rest | {name: kept}


def known_to(draft: Draft, reader: str, case: Case) -> frozenset[str]:
    """Return the agencies that a reader may be shown in this case: from its episode and from the child's record."""
    known = draft.knows(reader, case.subject)
    return known if case.child is None else known | draft.knows(reader, f"child/{case.child}")

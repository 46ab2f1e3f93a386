"""Telling about telling is a disclosure too: who may be shown which agency in connection with a child."""

from typing import Any

from broker.casework.naming import named_agencies
from broker.flows.draft import Draft
from broker.flows.occurrence import Case, Occurrence


def learn(draft: Draft, reader: str, event: Occurrence, data: dict[str, Any]) -> None:
    """Note the agencies that a reader has now named itself or been told of: those in the data, and who published it."""
    if data:
        named = named_agencies(data, event.type) | ({event.controller.id} if not event.is_derived else frozenset())
        draft.learn(reader, event.subject, named - {reader})


def known_to(draft: Draft, reader: str, case: Case) -> frozenset[str]:
    """Return the agencies that a reader may be shown in this case: from its episode and from the child's record."""
    known = draft.knows(reader, case.subject)
    return known if case.child is None else known | draft.knows(reader, f"child/{case.child}")

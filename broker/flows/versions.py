"""Versions of an event type on the one path: decided in the newest, given in the one that a recipient knows."""

from collections.abc import Iterable
from typing import Any

from broker.casework.recipient import Recipient
from broker.flows.parts import Parts
from broker.sharing.selectors import keeps_back
from contracts.catalogue import contract_of, leaves_of
from contracts.conversion import ConversionFailed
from contracts.disclosure import Caution
from contracts.governance import Status
from contracts.lineage import following, lower_data, raise_data
from contracts.parse import InvalidEvent, ParsedEvent, parse_data

EVERYTHING = "-field:**"
"""The mark of a publisher that keeps a whole event back."""


def newest(event: ParsedEvent, document: dict[str, Any]) -> tuple[ParsedEvent, dict[str, Any]]:
    """Return an event, and its CloudEvent, in the newest version of its type.

    What cannot be converted comes back as it is: it is accepted, and `require_newest` keeps it from everybody.
    """
    received = event.contract.type
    if following(received) is None:
        return event, document
    try:
        event_type, raised = raise_data(received, event.plain())
        contract = contract_of(event_type)
        data = parse_data(contract, raised)
    except (ConversionFailed, InvalidEvent):
        return event, document
    changes = {"type": event_type, "data": raised}
    marks = marks_in_newest(received, event.envelope.concordataudience)
    if marks is not None:
        changes["concordataudience"] = marks
    return ParsedEvent(event.envelope.model_copy(update=changes), contract, data), document | changes


def newest_of_kept(event_type: str, document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the type and CloudEvent of an event that was accepted earlier, as it reads now; ConversionFailed."""
    if following(event_type) is None:
        return event_type, document
    newest_type, data = raise_data(event_type, document["data"])
    marks = marks_in_newest(event_type, document.get("concordataudience"))
    return newest_type, document | {"type": newest_type, "data": data, "concordataudience": marks}


def require_newest(event_type: str) -> None:
    """Raise ConversionFailed for a version that should have been converted.

    Protocols speak of the newest version: what they forbid of it would not be found under the names of an older one.
    """
    if following(event_type) is not None:
        raise ConversionFailed("this event could not be converted to the newest version of its type")


def as_known(event_type: str, data: dict[str, Any], recipient: Recipient, parts: Parts) -> tuple[str, dict[str, Any]]:
    """Return type and released data in the version that the recipient knows; ConversionFailed if there is no way."""
    agency = parts.registry.agency(recipient.agency_id)
    return (event_type, data) if agency is None or not agency.knows else lower_data(event_type, data, agency.knows)


def marks_in_newest(event_type: str, audience: str | None) -> str | None:
    """Return `concordataudience` of an older version as it reads in the newest: what it kept back, it keeps back.

    A mark whose fields cannot all be followed to fields of the newer version keeps the whole event back.
    """
    while audience is not None and (after := following(event_type)) is not None:
        marks = dict.fromkeys(
            new for mark in audience.split() for new in _followed(mark, event_type, after.type)
        )  # in order, each once
        audience, event_type = " ".join(marks), after.type
    return audience


def _followed(mark: str, older: str, newer: str) -> Iterable[str]:
    selector = mark.removeprefix("-field:")
    if selector == mark:
        return (mark,)
    conversion = contract_of(newer).converts
    assert conversion is not None  # noqa: S101 (the newer version follows the older one by its conversion)
    there = frozenset(leaf.path for leaf in leaves_of(newer))
    reached = [
        path
        for leaf in leaves_of(older)
        if keeps_back(selector, leaf.path)
        for path in conversion.moved.get(leaf.path, (leaf.path,))
    ]
    return [f"-field:{path}" for path in reached] if there.issuperset(reached) else (EVERYTHING,)


def on_version(received: str) -> tuple[Caution, ...]:
    """Return the warning that a publisher gets with its receipt for an event of a deprecated type."""
    lifecycle = contract_of(received).lifecycle
    if lifecycle.status is not Status.DEPRECATED:
        return ()
    words = f"deprecated since {lifecycle.since}: publish {lifecycle.successor} instead"
    return (Caution(code="deprecated_type", pointer="/type", detail=words),)

"""From untrusted JSON to typed events, with errors that name the place and never the value."""

from dataclasses import dataclass
from typing import Any

import rfc8785
from pydantic import ValidationError

from contracts.catalogue import UnknownType, contract_of
from contracts.envelope import CloudEvent
from contracts.events.base import Contract, EventData


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an event: where (RFC 6901 pointer), a stable code, and what to do."""

    pointer: str
    code: str
    message: str


class InvalidEvent(ValueError):
    """The event is malformed or against its contract. Carries every fault found; echoes no submitted value."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("the event is not valid")
        self.faults = faults


@dataclass(frozen=True)
class ParsedEvent:
    """An event that satisfies the envelope and the contract of its type."""

    envelope: CloudEvent
    contract: Contract
    data: EventData

    def plain(self) -> dict[str, Any]:
        """Return `data` as JSON in contract order, members that were not sent left out, times in UTC."""
        return dict(self.data.model_dump(mode="json", exclude_none=True, exclude_unset=True))


def parse_event(document: object) -> ParsedEvent:
    """Read one CloudEvent that has been parsed from JSON; InvalidEvent names every fault."""
    if not isinstance(document, dict):
        raise InvalidEvent((Fault("", "not_an_object", "send one CloudEvent as a JSON object"),))
    if "data_base64" in document:
        raise InvalidEvent((Fault("/data_base64", "not_json", "send the payload as JSON in data"),))
    try:
        envelope = CloudEvent.model_validate(document)
    except ValidationError as error:
        raise InvalidEvent(_faults(error, "", CloudEvent)) from None
    try:
        contract = contract_of(envelope.type)
    except UnknownType as error:
        raise InvalidEvent((Fault("/type", "unknown_type", str(error)),)) from None
    return ParsedEvent(envelope, contract, parse_data(contract, envelope.data))


def parse_data(contract: Contract, data: dict[str, Any]) -> EventData:
    """Check `data` against a contract; InvalidEvent names every fault by its pointer below `/data`."""
    try:
        # JSON mode of strict validation: text stands for times and codes, but a number never for text.
        return contract.data.model_validate_json(rfc8785.dumps(data))
    except ValidationError as error:
        raise InvalidEvent(_faults(error, "/data", contract.data)) from None
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError):
        fault = Fault("/data", "not_json", "data holds a number or text that JSON cannot carry between systems")
        raise InvalidEvent((fault,)) from None


# What pydantic says that could carry a submitted value, or says badly, is said in our own words.
_MESSAGES = {
    "extra_forbidden": "the contract has no such member here: see the type's schema for those it has",
    "missing": "this member is required",
    "json_invalid": "this is not JSON",
}


def _faults(error: ValidationError, prefix: str, _model: type) -> tuple[Fault, ...]:
    faults = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        kind = str(item["type"])
        location = list(item["loc"])
        if kind == "extra_forbidden":
            # The member's name is the sender's own text: point at the object that holds it.
            location = location[:-1]
        path = "".join(f"/{_escape(part)}" for part in location)
        message = _MESSAGES.get(kind, str(item["msg"]).removeprefix("Value error, "))
        faults.append(Fault(prefix + path, kind, message))
    return tuple(faults)


def _escape(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")

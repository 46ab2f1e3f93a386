"""From untrusted JSON to typed events, with errors that name the place and never the value."""

from dataclasses import dataclass
from typing import Any

import rfc8785
from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticSerializationError, to_json

from contracts.catalogue import UnknownType, contract_of
from contracts.coded import TAGS
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
        """Return `data` as JSON in contract order, members that were not sent left out, times in UTC.

        It is made once for all who ask, and is not theirs to change.
        """
        return self.data.plain


def parse_event(document: object) -> ParsedEvent:
    """Read one CloudEvent that has been parsed from JSON; InvalidEvent names every fault."""
    if not isinstance(document, dict):
        raise InvalidEvent((Fault("", "not_an_object", "send one CloudEvent as a JSON object"),))
    if "data_base64" in document:
        raise InvalidEvent((Fault("/data_base64", "not_json", "send the payload as JSON in data"),))
    try:
        envelope = CloudEvent.model_validate(document)
    except ValidationError as error:
        raise InvalidEvent(_faults(error, "")) from None
    try:
        contract = contract_of(envelope.type)
    except UnknownType as error:
        raise InvalidEvent((Fault("/type", "unknown_type", str(error)),)) from None
    return ParsedEvent(envelope, contract, parse_data(contract, envelope.data))


def parse_data(contract: Contract, data: dict[str, Any]) -> EventData:
    """Check `data` against a contract; InvalidEvent names every fault by its pointer below `/data`."""
    try:
        # JSON mode of strict validation: text stands for times and codes, but a number never for text.
        return contract.data.model_validate_json(_text_of(data))
    except ValidationError as error:
        raise InvalidEvent(_faults(error, "/data")) from None
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError):
        fault = Fault("/data", "not_json", "data holds a number or text that JSON cannot carry between systems")
        raise InvalidEvent((fault,)) from None


_LARGEST_INTEGER = 2**53 - 1
"""What every JSON reader agrees on (RFC 8785, section 3.2.2.3)."""


def _text_of(data: dict[str, Any]) -> bytes:
    """Write data as JSON. Raises what `parse_data` words if JSON cannot carry it between systems."""
    try:
        if _is_common(data):
            return to_json(data)
    except (PydanticSerializationError, TypeError, RecursionError):
        pass
    # RFC 8785 knows every case, at a twentieth of the speed.
    return rfc8785.dumps(data)


def _is_common(value: Any) -> bool:
    """Say whether an object or array has only what every writer of JSON writes alike, which nearly all data does.

    Raises TypeError for a member whose name is no text.
    """
    if type(value) is dict:
        "".join(value)  # the fastest way to see that every name is text
        value = value.values()
    for one in value:
        kind = type(one)
        if kind is str or kind is bool or one is None:
            continue
        if kind is dict or kind is list:
            common = _is_common(one)
        elif kind is int:
            common = -_LARGEST_INTEGER <= one <= _LARGEST_INTEGER
        else:
            common = kind is float and one - one == 0 and one % 1 != 0  # RFC 8785 writes 2.0 as 2
        if not common:
            return False
    return True


# pydantic's own sentences could carry a submitted value or speak of Python: every fault is said in these words.
# The only numbers, codes and patterns put into them are the contract's own.
_MESSAGES = {
    "extra_forbidden": "the contract has no such member here: see the type's schema for those it has",
    "missing": "this member is required",
    "json_invalid": "this is nested too deeply",
    "invalid_key": "the names of members are text",
    "string_type": "send text here",
    "string_unicode": "send text here that is valid Unicode",
    "string_too_short": "send at least {min_length} characters, or leave the member out",
    "string_too_long": "send at most {max_length} characters",
    "string_pattern_mismatch": "the text has not the form that is asked for: {pattern}",
    "bool_type": "send true or false here",
    "int_type": "send a whole number here, not in quotes",
    "int_from_float": "send a whole number here",
    "float_type": "send a number here, not in quotes",
    "finite_number": "send a finite number here",
    "greater_than_equal": "send a number that is at least {ge}",
    "less_than_equal": "send a number that is at most {le}",
    "enum": "send one of the codes {expected}",
    "literal_error": "send {expected}",
    "datetime_type": "send a time as text, such as 2026-11-22T21:40:00Z",
    "timezone_aware": "a time needs its offset, such as Z or +01:00",
    "date_type": "send a day as text, such as 2026-11-22",
    "model_type": "send an object here",
    "model_attributes_type": "send an object here",
    "dict_type": "send an object here",
    "tuple_type": "send an array here",
    "too_short": "send at least {min_length} items",
    "too_long": "send at most {max_length} items",
}
_LIMITS = ("min_length", "max_length", "pattern", "ge", "le", "expected")
_ANY_OTHER = "this is not what the contract asks for: see the type's schema"


def _faults(error: ValidationError, prefix: str) -> tuple[Fault, ...]:
    found = error.errors(include_url=False, include_input=False)
    faults = [Fault(prefix + _pointer(item), str(item["type"]), _message(item)) for item in found]
    return tuple(fault for fault in faults if not _is_echo(fault, faults))


def _is_echo(fault: Fault, faults: list[Fault]) -> bool:
    # A list whose items are faulty is counted without them: say only what is wrong with the items.
    return fault.code == "too_short" and any(other.pointer.startswith(fault.pointer + "/") for other in faults)


def _pointer(item: ErrorDetails) -> str:
    location = list(item["loc"])
    # The name of a member that the contract has not is the sender's own text: point at the object that holds it.
    if "[key]" in location:
        location = location[: location.index("[key]") - 1]
    elif item["type"] in ("extra_forbidden", "invalid_key"):
        location = location[:-1]
    parts = (str(part) for part in location if part not in TAGS)
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _message(item: ErrorDetails) -> str:
    if item["type"] == "value_error":
        # Raised by the contracts' own validators, whose sentences are fixed.
        return str(item["msg"]).removeprefix("Value error, ")
    limits = {name: item.get("ctx", {}).get(name, "") for name in _LIMITS}
    return _MESSAGES.get(item["type"], _ANY_OTHER).format(**limits)

"""What a recipient gets, as schemas: any field may have been withheld, and a transform may stand for a value.

Withheld fields are absent, so nothing inside `data` is required; later versions may add members, so nothing is closed.
Values that the sharing rules take as a whole (a place, a narrative) are whole or absent.
"""

from typing import Any

from contracts.asyncapi.mailbox import ENVELOPE, SUFFIX, fixed
from contracts.asyncapi.schemas import add, local, reference
from contracts.catalogue import ACKNOWLEDGEMENT, CATALOGUE, leaves_of
from contracts.events.base import Contract
from contracts.json_schema import data_schema
from contracts.values import Kind

_TRANSFORMED = "Transformed"
_TRANSFORMED_PARTS = "TransformedParts"
_COARSE = "CoarsePlace"
_AS_IT_IS = frozenset({Kind.CODE, Kind.AGENCY, Kind.NUMBER, Kind.FLAG, Kind.RECORD, Kind.NARRATIVE})
"""Kinds that take no transform, and the narrative, whose mask is a narrative too."""


def receivable() -> list[Contract]:
    """Return the contracts that mail may be of.

    An acknowledgement changes the told matrix and is not mailed; what has a schema of its own is told of there.
    """
    return [one for one in CATALOGUE.values() if one.type != ACKNOWLEDGEMENT and one.type + SUFFIX not in fixed()]


def schemas() -> dict[str, Any]:
    """Return the schema of every message that a mailbox may hold, and of what these are made of."""
    found: dict[str, Any] = fixed()
    for contract in receivable():
        data = data_schema(contract)
        definitions = data.pop("$defs", {})
        _Reading(contract.type, definitions, found).read(data, f"{contract.type}.data{SUFFIX}", "")
        members = {"type": {"const": contract.type}, "data": reference(f"{contract.type}.data{SUFFIX}")}
        found[contract.type + SUFFIX] = {
            "description": contract.purpose,
            "allOf": [reference(ENVELOPE), {"type": "object", "required": ["data"], "properties": members}],
        }
    return found


class _Reading:
    """One contract's data on its way into the file."""

    def __init__(self, event_type: str, definitions: dict[str, Any], found: dict[str, Any]) -> None:
        self._kinds = {leaf.path: leaf.kind for leaf in leaves_of(event_type)}
        self._definitions = definitions
        self._found = found

    def read(self, schema: dict[str, Any], name: str, prefix: str) -> None:
        """Put an object of the contract into the file under a name; `prefix` is its contract path."""
        members = {member: self._member(said, f"{prefix}{member}") for member, said in schema["properties"].items()}
        told = {"type": "object", "properties": members}
        add(self._found, {name: told | {key: schema[key] for key in ("description",) if key in schema}})

    def _member(self, said: dict[str, Any], path: str) -> dict[str, Any]:
        marks = {key: value for key, value in said.items() if key == "description" or key.startswith("x-")}
        value, many = _bare(said)
        path += "[]" if many else ""
        kind = self._kinds.get(path)
        told = self._group(value, path) if kind is None else self._leaf(value, kind)
        if many:
            return marks | {"type": "array", "items": told}
        return marks | ({"allOf": [told]} if "$ref" in told else told)

    def _group(self, value: dict[str, Any], path: str) -> dict[str, Any]:
        name = value["$ref"].removeprefix("#/$defs/")
        self.read(self._definitions[name], name + SUFFIX, f"{path}.")
        return reference(name + SUFFIX)

    def _leaf(self, value: dict[str, Any], kind: Kind) -> dict[str, Any]:
        self._carry(value)
        if kind in _AS_IT_IS:
            return dict(local(value))
        name = _COARSE if kind is Kind.PLACE else _TRANSFORMED_PARTS if "$ref" in value else _TRANSFORMED
        add(self._found, {name: _STAND_INS[name]})
        return {"anyOf": [local(value), reference(name)]}

    def _carry(self, value: Any) -> None:
        """Have what a leaf refers to in the file, as the contract has it."""
        if isinstance(value, list):
            for item in value:
                self._carry(item)
        elif isinstance(value, dict):
            for inner in value.values():
                self._carry(inner)
            if "$ref" in value:
                name = value["$ref"].removeprefix("#/$defs/")
                add(self._found, {name: self._definitions[name]})
                self._carry(self._definitions[name])


def _bare(said: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return the schema of a value without marks, null and list around it, and whether it was a list."""
    value = {key: part for key, part in said.items() if key not in ("description", "default") and key[:2] != "x-"}
    options = [one for one in value.get("anyOf", ()) if one.get("type") != "null"]
    if len(options) == 1:
        value = options[0]
    if value.get("type") == "array":
        return _bare(value["items"])[0], True
    return value, False


_STAND_INS: dict[str, Any] = {
    _TRANSFORMED: {
        "type": "string",
        "description": (
            "What a protocol lets stand for the value: `[masked]`, a year, an hour, an age band, initials, an outward "
            "postcode, or a pseudonym that is the recipient's own. The explanation of the disclosure says which."
        ),
    },
    _TRANSFORMED_PARTS: {
        "type": "object",
        "description": "What a protocol lets stand for a value of several parts: text in place of each.",
        "additionalProperties": {"type": "string"},
    },
    _COARSE: {
        "type": "object",
        "description": "What a protocol lets stand for a place: about where it is.",
        "minProperties": 1,
        "properties": {
            "outward_postcode": {"type": "string", "description": "The first half of the postcode."},
            "area": {"type": "string", "description": "ONS GSS code of the local authority."},
        },
    },
}

"""The JSON Schema (draft 2020-12) of an event type: the whole CloudEvent as it is published."""

from typing import Any

from contracts.catalogue import contract_of
from contracts.envelope import ATTRIBUTE_TEXT, EXTENSION_NAME, HUB_SOURCE, MAX_INTEGER, CloudEvent
from contracts.events.base import Contract

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_BASE = "https://concordat.example/schemas/"

EXTENSION: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "pattern": ATTRIBUTE_TEXT},
        {"type": "integer", "minimum": -MAX_INTEGER - 1, "maximum": MAX_INTEGER},
        {"type": "boolean"},
        {"type": "null"},
    ]
}
"""Any member that the envelope does not name is an extension attribute; null is the same as not sent."""


def schema_of(event_type: str) -> dict[str, Any]:
    """Return the JSON Schema of an event type as it is published; UnknownType if there is no such contract."""
    contract = contract_of(event_type)
    data = data_schema(contract)
    definitions = data.pop("$defs", {})
    return {
        "$schema": DIALECT,
        "$id": f"{SCHEMA_BASE}{event_type}.json",
        "title": event_type,
        "description": contract.purpose,
        **_envelope(contract),
        "$defs": {**definitions, "data": data},
    }


def data_schema(contract: Contract) -> dict[str, Any]:
    """Return the schema of a contract's `data`, with what it refers to under `$defs`."""
    data: dict[str, Any] = _tidy(contract.data.model_json_schema(ref_template="#/$defs/{model}"))
    data.pop("description", None)
    return data


def envelope_schema() -> dict[str, Any]:
    """Return the schema of the envelope as an agency publishes it, whatever the type; `data` is any object."""
    envelope = _tidy(CloudEvent.model_json_schema())
    return {
        "type": "object",
        "properties": {name: _patterned(member) for name, member in envelope["properties"].items()},
        "required": envelope["required"],
        "propertyNames": {"pattern": EXTENSION_NAME},
        "additionalProperties": EXTENSION,
    }


def _envelope(contract: Contract) -> dict[str, Any]:
    envelope = envelope_schema()
    properties: dict[str, Any] = envelope["properties"]
    properties["type"] = {"const": contract.type, "description": properties["type"]["description"]}
    properties["data"] = {"$ref": "#/$defs/data", "description": properties["data"]["description"]}
    if contract.derived:
        properties["source"] = {"const": HUB_SOURCE, "description": "The hub alone publishes this."}
    return envelope


def _patterned(member: dict[str, Any]) -> dict[str, Any]:
    """Put a pattern that stands beside a choice of text and null to the text, which alone it speaks of."""
    if "anyOf" not in member or "pattern" not in member:
        return member
    pattern = member["pattern"]
    options = [one | {"pattern": pattern} if one.get("type") == "string" else one for one in member["anyOf"]]
    return {name: value for name, value in member.items() if name != "pattern"} | {"anyOf": options}


def _tidy(schema: Any, *, names: bool = False) -> Any:
    """Drop titles that only repeat a name, and defaults of null: a member that is null counts as not sent."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if names:
        return {name: _tidy(item) for name, item in schema.items()}
    return {
        key: _tidy(item, names=key in ("properties", "$defs"))
        for key, item in schema.items()
        if key != "title" and not (key == "default" and item is None)
    }

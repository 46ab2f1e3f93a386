"""What is published, and what it is answered with, as schemas that stand together in one file.

AsyncAPI's own schemas are a superset of JSON Schema draft 07, in which nothing may stand beside a `$ref`: a reference
with a description goes into `allOf`. No contract has a keyword that draft 07 lacks.
"""

from typing import Any

from contracts.catalogue import CATALOGUE
from contracts.disclosure import Receipt
from contracts.events.base import Contract
from contracts.json_schema import data_schema, envelope_schema
from contracts.problem import PROBLEM_SCHEMA

ENVELOPE = "Envelope"
PROBLEM = "Problem"
RECEIPT = "Receipt"


def reference(name: str) -> dict[str, str]:
    """Return a reference to one of the file's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def publishable() -> list[Contract]:
    """Return the contracts of what agencies publish."""
    return [contract for contract in CATALOGUE.values() if not contract.derived]


def published() -> dict[str, Any]:
    """Return the envelope, every published event (`<type>`), its data (`<type>.data`), and what these are made of."""
    found: dict[str, Any] = {ENVELOPE: envelope_schema()}
    for contract in publishable():
        data = data_schema(contract)
        add(found, data.pop("$defs", {}))
        found[f"{contract.type}.data"] = local(data)
        members = {"type": {"const": contract.type}, "data": reference(f"{contract.type}.data")}
        found[contract.type] = {
            "description": contract.purpose,
            "allOf": [reference(ENVELOPE), {"type": "object", "properties": members}],
        }
    return found


def add(found: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Put definitions under their names; ValueError if a name stands for something else already."""
    for name, definition in definitions.items():
        told = local(definition)
        if found.setdefault(name, told) != told:
            raise ValueError(f"two contracts define {name}, each in its own way: give one of them another name")


def local(schema: Any) -> Any:
    """Return a schema with its references pointing into the file, each of them alone in its object."""
    if isinstance(schema, list):
        return [local(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" not in schema:
        return {key: local(value) for key, value in schema.items()}
    target = reference(schema["$ref"].rpartition("/")[2])
    beside = {key: local(value) for key, value in schema.items() if key != "$ref"}
    return {**beside, "allOf": [target]} if beside else target


def answers() -> dict[str, Any]:
    """Return the receipt and the problem document."""
    receipt = Receipt.model_json_schema(mode="serialization", ref_template="#/$defs/{model}")
    found: dict[str, Any] = {}
    add(found, receipt.pop("$defs", {}))
    return found | {RECEIPT: local(receipt), PROBLEM: PROBLEM_SCHEMA}

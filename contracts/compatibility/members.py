"""Every member that a contract's data can have, by its path, with what the JSON Schema says of it beside its values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Member:
    """One member at one place of the schema."""

    path: str
    """As a contract path: names with dots between them, `[]` after the name of a list."""
    required: bool
    default: Any
    """The value that its absence stands for; `NONE` if absence says nothing."""


NONE = object()


def members(schema: Mapping[str, Any]) -> Iterator[Member]:
    """Yield every member of an event's data, those of each alternative too; a definition within itself only once."""
    definitions = schema.get("$defs", {})
    yield from _members(schema["properties"]["data"], definitions, "", ())


def open_objects(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the path of every object in the data that takes members which its contract does not name."""
    definitions = schema.get("$defs", {})
    for path, part in _parts(schema["properties"]["data"], definitions, "", ()):
        if "properties" in part and part.get("additionalProperties", True) is not False:
            yield path


def _members(schema: Any, definitions: Mapping[str, Any], prefix: str, within: tuple[str, ...]) -> Iterator[Member]:
    for path, part in _parts(schema, definitions, prefix, within):
        below = f"{path}." if path else ""
        for name, one in part.get("properties", {}).items():
            default = one.get("default", NONE) if isinstance(one, Mapping) else NONE
            many = "[]" if _is_list(one, definitions) else ""
            yield Member(f"{below}{name}{many}", name in part.get("required", ()), default)


def _parts(
    schema: Any, definitions: Mapping[str, Any], path: str, within: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every object schema with its path, from the outermost inwards."""
    if not isinstance(schema, Mapping):
        return
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        if name not in within:
            yield from _parts(definitions.get(name), definitions, path, (*within, name))
    for keyword in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(keyword, ()):
            yield from _parts(one, definitions, path, within)
    if "properties" in schema or "additionalProperties" in schema:
        yield path, schema
    for name, one in schema.get("properties", {}).items():
        yield from _parts(one, definitions, f"{path}.{name}" if path else name, within)
    if "items" in schema:
        yield from _parts(schema["items"], definitions, f"{path}[]", within)


def _is_list(schema: Any, definitions: Mapping[str, Any]) -> bool:
    if not isinstance(schema, Mapping):
        return False
    if "$ref" in schema:
        return _is_list(definitions.get(str(schema["$ref"]).removeprefix("#/$defs/")), definitions)
    return schema.get("type") == "array" or any(
        _is_list(one, definitions) for keyword in ("anyOf", "oneOf", "allOf") for one in schema.get(keyword, ())
    )

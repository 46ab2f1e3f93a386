"""What a mapping fills: one place in the data of an event type, as its JSON Schema describes it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from contracts.json_schema import schema_of
from contracts.vocabulary.library import Library

_STEP = re.compile(r"([a-z][a-z0-9_]*)(?:\[(\d{1,2})\])?", re.ASCII)


class Form(StrEnum):
    """How the value of a place is made from a text."""

    TEXT = "text"
    CODE = "code"
    FLAG = "flag"
    INTEGER = "integer"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"
    NARRATIVE = "narrative"


class NoSuchPlace(LookupError):
    """The event type has no such place, or one that is not filled as a whole. The sentence says what to do."""


@dataclass(frozen=True)
class Target:
    """One place in an event's data."""

    steps: tuple[str | int, ...]
    """Names of members, and numbers of list items."""
    form: Form
    codes: frozenset[str]
    """The contract's codes, where it has a list."""
    takes_unmapped: bool
    speaks_by_absence: bool
    """Whether the contract gives the field a value where it is left out."""

    @property
    def item(self) -> tuple[str | int, ...] | None:
        """The outermost list item that the place lies in."""
        number = next((place for place, step in enumerate(self.steps) if isinstance(step, int)), None)
        return None if number is None else self.steps[: number + 1]


def target_of(event_type: str, path: str, library: Library) -> Target:
    """Resolve a path of a mapping. Raises NoSuchPlace; contracts.catalogue.UnknownType for an unknown type.

    `library` has the codes of lists that an operator may replace, which no schema has.
    """
    schema = _schema(event_type)
    definitions: dict[str, Any] = schema["$defs"]
    steps: list[str | int] = []
    node, unmapped, spoken = definitions["data"], False, False
    for written in path.split("."):
        match = _STEP.fullmatch(written)
        members = node.get("properties", {})
        if match is None or match[1] not in members:
            raise NoSuchPlace("the event type has no such field: see its page or schema for the paths")
        spoken = "default" in members[match[1]]
        node, unmapped = _resolve(members[match[1]], definitions)
        steps.append(match[1])
        if (node.get("type") == "array") is (match[2] is None):
            raise NoSuchPlace("write the items of a list, and of nothing else, by number: involved[0].agency")
        if match[2] is not None:
            node, unmapped = _resolve(node["items"], definitions)
            steps.append(int(match[2]))
    form = _form(node)
    if unmapped and form is Form.TEXT:
        versions = library.versions.get(node["x-vocabulary"], ())
        codes = frozenset(one.code for version in versions for one in version.codes)
        return Target(tuple(steps), Form.CODE, codes, unmapped, spoken)
    return Target(tuple(steps), form, frozenset(node.get("enum", ())), unmapped, spoken)


@cache
def _schema(event_type: str) -> dict[str, Any]:
    return schema_of(event_type)


def _resolve(node: dict[str, Any], definitions: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Follow references and unions to the one shape that a value has; also say whether `Unmapped` may stand there."""
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/$defs/")
        return definitions[name] | {"$name": name}, False
    options = node.get("anyOf") or node.get("oneOf")
    if options is None:
        return node, False
    beside = {name: value for name, value in node.items() if name not in ("anyOf", "oneOf")}
    found = [_resolve(beside | one if "$ref" not in one else one, definitions) for one in options]
    unmapped = any(also for _, also in found) or any(shape.get("$name") == "Unmapped" for shape, _ in found)
    shapes = [shape for shape, _ in found if shape.get("type") != "null" and shape.get("$name") != "Unmapped"]
    if len(shapes) != 1:
        raise NoSuchPlace("this field takes values of more than one shape: name a member of one of them")
    return shapes[0], unmapped


def _form(node: dict[str, Any]) -> Form:
    if node.get("$name") == "Narrative":
        return Form.NARRATIVE
    if "enum" in node:
        return Form.CODE
    kind, written = node.get("type"), node.get("format")
    if kind == "string":
        return {"date": Form.DAY, "date-time": Form.INSTANT}.get(str(written), Form.TEXT)
    forms = {"boolean": Form.FLAG, "integer": Form.INTEGER, "number": Form.NUMBER}
    if kind not in forms:
        raise NoSuchPlace("this is no single value: go on to the fields that it holds")
    return forms[kind]

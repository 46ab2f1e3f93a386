"""A JSON Schema (draft 2020-12) as the forms that its values can take: references inlined, alternatives apart.

A *form* is a flat schema: no `$ref`, `anyOf`, `oneOf` or `allOf`, and no annotations. Every value of the schema has at
least one of its forms. What cannot be brought into forms raises `Unjudgeable`, and the gate then fails closed.
"""

import json
from collections.abc import Mapping
from typing import Any

Form = Mapping[str, Any]

ANNOTATIONS = frozenset(
    {"$schema", "$id", "$comment", "title", "description", "examples", "default", "deprecated", "readOnly", "writeOnly"}
)
"""Keywords that decide about no value; and every one that begins with `x-`."""
JUDGED = frozenset(
    {
        "type", "enum", "const",
        "minLength", "maxLength", "pattern", "format",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "items", "minItems", "maxItems", "uniqueItems",
        "properties", "required", "additionalProperties", "propertyNames",
    }
)  # fmt: skip
_ALTERNATIVES = ("anyOf", "oneOf")
_MOST_FORMS = 256
NOTHING: Form = {"enum": []}
"""The form that no value has."""


class Unjudgeable(Exception):
    """A schema uses what the gate does not judge."""


def resolved(schema: Any, definitions: Mapping[str, Any], open_: tuple[str, ...] = ()) -> Any:
    """Return a schema with its references to `#/$defs/…` replaced by what they stand for, and annotations left out.

    Raises Unjudgeable for a definition that contains itself, and for any other reference.
    """
    if isinstance(schema, bool):
        return schema
    inner: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in ANNOTATIONS or keyword.startswith("x-") or keyword in ("$defs", "$ref"):
            continue
        if keyword == "properties":
            inner[keyword] = {name: resolved(one, definitions, open_) for name, one in value.items()}
        elif keyword in ("items", "additionalProperties", "propertyNames"):
            inner[keyword] = resolved(value, definitions, open_)
        elif keyword in (*_ALTERNATIVES, "allOf"):
            inner[keyword] = [resolved(one, definitions, open_) for one in value]
        else:
            inner[keyword] = value
    if "$ref" not in schema:
        return inner
    name = str(schema["$ref"]).removeprefix("#/$defs/")
    if name not in definitions or name in open_:
        raise Unjudgeable("a reference that leads out of the schema or back into itself")
    target = resolved(definitions[name], definitions, (*open_, name))
    return target if not inner else inner if target is True else {"allOf": [target, inner]}


def forms(schema: Any) -> list[Form]:
    """Return forms of a resolved schema that together have every one of its values, and maybe more.

    An alternative of `oneOf` counts as one of `anyOf`: that can only add values.
    """
    if schema is True:
        return [{}]
    if schema is False:
        return [NOTHING]
    flat: list[Form] = [{name: value for name, value in schema.items() if name not in (*_ALTERNATIVES, "allOf")}]
    for part in schema.get("allOf", ()):
        flat = _both(flat, forms(part))
    for keyword in _ALTERNATIVES:
        if keyword in schema:
            flat = _both(flat, [form for one in schema[keyword] for form in forms(one)])
    return [one for form in flat for one in _by_type(form)]


def _by_type(form: Form) -> list[Form]:
    given = form.get("type")
    return [{**form, "type": one} for one in given] if isinstance(given, list) else [form]


def _both(some: list[Form], others: list[Form]) -> list[Form]:
    if len(some) * len(others) > _MOST_FORMS:
        raise Unjudgeable("too many combinations of alternatives")
    return [_merged(one, other) for one in some for other in others]


def _merged(one: Form, other: Form) -> Form:
    if not all(is_same(one[name], other[name]) for name in one.keys() & other.keys()):
        raise Unjudgeable("keywords beside a reference or an alternative that contradict it")
    across = {"properties", "additionalProperties"}
    if not across.isdisjoint(one) and not across.isdisjoint(other) and not is_same(one, other):
        # What counts as additional is told by the properties beside it: two such schemas cannot be laid together.
        raise Unjudgeable("members that are described in two places")
    return {**one, **other}


def types_of(form: Form) -> frozenset[str]:
    """Return the JSON types that values of a form can have; `number` stands for `integer` too."""
    if "const" in form or "enum" in form:
        return frozenset(type_of(value) for value in values_of(form) or ())
    given = form.get("type", ("null", "boolean", "number", "string", "array", "object"))
    return frozenset([given] if isinstance(given, str) else given)


def values_of(form: Form) -> list[Any] | None:
    """Return the values of a form that lists them, None of one that does not."""
    if "const" in form:
        return [form["const"]] if "enum" not in form or same_in(form["const"], form["enum"]) else []
    return list(form["enum"]) if "enum" in form else None


def type_of(value: Any) -> str:
    """Return the JSON type of a value; `integer` for a number without a fraction."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if float(value).is_integer() else "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def is_same(one: Any, other: Any) -> bool:
    """Say whether two JSON values are written the same, members in any order: 1, 1.0 and true are three values."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def same_in(value: Any, values: list[Any]) -> bool:
    """Say whether a value is among others, where true is not 1 (JSON Schema, section 4.2.2)."""
    return any(type_of(value) == type_of(one) and value == one for one in values)


def opened(schema: Any) -> Any:
    """Return a resolved schema as a reader applies it who leaves out members that it does not know."""
    if isinstance(schema, bool):
        return schema
    inner = {name: value for name, value in schema.items() if (name, value) != ("additionalProperties", False)}
    for keyword in ("items", "additionalProperties"):
        if keyword in inner:
            inner[keyword] = opened(inner[keyword])
    if "properties" in inner:
        inner["properties"] = {name: opened(one) for name, one in inner["properties"].items()}
    for keyword in (*_ALTERNATIVES, "allOf"):
        if keyword in inner:
            inner[keyword] = [opened(one) for one in inner[keyword]]
    return inner

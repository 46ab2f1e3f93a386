"""Whether everything that one JSON Schema allows is allowed by another. Says yes only where it is certain.

A *writer* sends what its schema allows; a *reader* accepts what its own allows. A gap is a place where the reader might
not accept what the writer may send. What is not certain counts as a gap, never as none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.compatibility.forms import (
    JUDGED,
    Form,
    Unjudgeable,
    forms,
    is_same,
    resolved,
    same_in,
    type_of,
    types_of,
    values_of,
)


@dataclass(frozen=True)
class Gap:
    """One place where a reader may refuse what a writer may send."""

    place: str
    """Member names from the top, `[]` for the items of a list."""
    what: str
    """What the reader does not accept."""


def gaps(writer: Any, reader: Any) -> Iterator[Gap]:
    """Yield the gaps between two resolved schemas; none if every value of the writer's is surely one of the reader's.

    A schema that cannot be judged is one gap, unless both are the same.
    """
    try:
        yield from _gaps(writer, reader, "")
    except Unjudgeable as error:
        yield Gap("", f"the gate cannot judge {error}: write the schema without it")


def whole(schema: Mapping[str, Any]) -> Any:
    """Return a schema document resolved by its own `$defs`; Unjudgeable if it cannot be."""
    return resolved(schema, schema.get("$defs", {}))


def _gaps(writer: Any, reader: Any, at: str) -> Iterator[Gap]:
    if reader is True or writer is False or is_same(writer, reader):
        return
    for form in forms(writer):
        yield from _met(form, reader, at)


def _met(form: Form, reader: Any, at: str) -> Iterator[Gap]:
    """Yield the gaps between one form and a reader: every part of the reader must accept it."""
    if reader is False:
        yield Gap(at, "anything at all")
        return
    if reader is True:
        return
    plain = {name: value for name, value in reader.items() if name not in ("anyOf", "oneOf", "allOf")}
    yield from _form_gaps(form, plain, at)
    for part in reader.get("allOf", ()):
        yield from _met(form, part, at)
    if "anyOf" in reader:
        yield from _nearest(form, reader["anyOf"], at)
    if "oneOf" in reader:
        yield from _exactly_one(form, reader["oneOf"], at)


def _nearest(form: Form, branches: list[Any], at: str) -> Iterator[Gap]:
    """Yield nothing if one branch accepts the form; else the gaps to the branch that is nearest to it."""
    found = [list(_met(form, branch, at)) for branch in branches]
    if not all(found):
        return
    alike = [gap for gap, branch in zip(found, branches, strict=True) if not _are_apart(form, branch)]
    yield from min(alike, key=len, default=[Gap(at, f"a value such as {_words(form)}")])


def _exactly_one(form: Form, branches: list[Any], at: str) -> Iterator[Gap]:
    """Yield nothing if one branch accepts the form and every other surely refuses it."""
    for index, branch in enumerate(branches):
        others = [other for place, other in enumerate(branches) if place != index]
        if not any(_met(form, branch, at)) and all(_are_apart(form, other) for other in others):
            return
    yield Gap(at, f"a value such as {_words(form)}: exactly one alternative must accept it, and that is not certain")


def _are_apart(form: Form, schema: Any) -> bool:
    """Say whether no value of the form can be one of the schema's, by its type or by a member that tells them apart."""
    return all(_forms_are_apart(form, other) for other in forms(schema))


def _forms_are_apart(one: Form, other: Form) -> bool:
    ours, theirs = _spelled(types_of(one)), _spelled(types_of(other))
    if ours.isdisjoint(theirs):
        return True
    values, others = values_of(one), values_of(other)
    if values is not None and others is not None and not any(same_in(value, others) for value in values):
        return True
    if ours != {"object"}:
        return False
    for name in one.get("required", ()):
        mine, its = one.get("properties", {}).get(name), other.get("properties", {}).get(name)
        if isinstance(mine, Mapping) and isinstance(its, Mapping):
            values, others = values_of(mine), values_of(its)
            if values is not None and others is not None and not any(same_in(value, others) for value in values):
                return True
    return False


def _spelled(types: frozenset[str]) -> frozenset[str]:
    return types | {"integer"} if "number" in types else types


def _form_gaps(writer: Form, reader: Form, at: str) -> Iterator[Gap]:
    """Yield the gaps between two forms (the reader's alternatives aside)."""
    if not reader or is_same(writer, reader):
        return
    strange = sorted((set(writer) | set(reader)) - JUDGED)
    if strange:
        raise Unjudgeable(f"`{'`, `'.join(strange)}`")
    if values_of(writer) is not None:
        yield from _values(writer, reader, at)
        return
    if values_of(reader) is not None:
        yield Gap(at, "a value that is not in a list of values")
        return
    ours, theirs = types_of(writer), _spelled(types_of(reader))
    if not ours <= theirs:
        yield Gap(at, f"a value of type {', '.join(sorted(ours - theirs))}")
        return
    if "string" in ours:
        yield from _text(writer, reader, at)
    if not ours.isdisjoint({"number", "integer"}):
        yield from _numbers(writer, reader, at)
    if "array" in ours:
        yield from _lists(writer, reader, at)
    if "object" in ours:
        yield from _objects(writer, reader, at)


def _values(writer: Form, reader: Form, at: str) -> Iterator[Gap]:
    refused = [value for value in values_of(writer) or () if not _accepts(reader, value)]
    if refused:
        listed = ", ".join(str(value) for value in refused[:5])
        yield Gap(at, f"the {'value' if len(refused) == 1 else 'values'} {listed}")


def _text(writer: Form, reader: Form, at: str) -> Iterator[Gap]:
    if writer.get("minLength", 0) < reader.get("minLength", 0):
        yield Gap(at, f"text of fewer than {reader['minLength']} characters")
    if writer.get("maxLength", float("inf")) > reader.get("maxLength", float("inf")):
        yield Gap(at, f"text of more than {reader['maxLength']} characters")
    for keyword in ("pattern", "format"):
        if keyword in reader and writer.get(keyword) != reader[keyword]:
            yield Gap(at, f"text that is not sure to have the {keyword} {reader[keyword]}")


def _numbers(writer: Form, reader: Form, at: str) -> Iterator[Gap]:
    if _lower(writer) < _lower(reader):
        yield Gap(at, f"a number below {_lower(reader)[0]}")
    if _upper(writer) > _upper(reader):
        yield Gap(at, f"a number above {_upper(reader)[0]}")
    step = reader.get("multipleOf")
    if step is not None and not _is_multiple(writer.get("multipleOf"), step):
        yield Gap(at, f"a number that is no multiple of {step}")


def _lower(form: Form) -> tuple[float, bool]:
    """Return the lower bound, and whether it is itself shut out: in the order of how much they shut out."""
    return max((form.get("minimum", float("-inf")), False), (form.get("exclusiveMinimum", float("-inf")), True))


def _upper(form: Form) -> tuple[float, bool]:
    return min((form.get("maximum", float("inf")), True), (form.get("exclusiveMaximum", float("inf")), False))


def _is_multiple(step: Any, of: Any) -> bool:
    return isinstance(step, int) and isinstance(of, int) and step % of == 0


def _lists(writer: Form, reader: Form, at: str) -> Iterator[Gap]:
    if writer.get("minItems", 0) < reader.get("minItems", 0):
        yield Gap(at, f"a list of fewer than {reader['minItems']} items")
    if writer.get("maxItems", float("inf")) > reader.get("maxItems", float("inf")):
        yield Gap(at, f"a list of more than {reader['maxItems']} items")
    if reader.get("uniqueItems") and not writer.get("uniqueItems"):
        yield Gap(at, "a list in which an item stands twice")
    yield from _gaps(writer.get("items", True), reader.get("items", True), f"{at}[]")


def _objects(writer: Form, reader: Form, at: str) -> Iterator[Gap]:
    missing = sorted(set(reader.get("required", ())) - set(writer.get("required", ())))
    for name in missing:
        yield Gap(_below(at, name), "its absence")
    ours, theirs = writer.get("properties", {}), reader.get("properties", {})
    others, unknown = writer.get("additionalProperties", True), reader.get("additionalProperties", True)
    for name in sorted(set(ours) | set(theirs)):
        sent = ours.get(name, others)
        if name not in theirs and unknown is False and sent is not False:
            yield Gap(_below(at, name), "a member of this name")
        else:
            yield from _gaps(sent, theirs.get(name, unknown), _below(at, name))
    if unknown is False and others is not False:
        yield Gap(at, "members of other names")
    else:
        yield from _gaps(others, unknown, _below(at, "*"))
    if writer.get("propertyNames", True) != reader.get("propertyNames", True) and "propertyNames" in reader:
        yield Gap(at, "names of members that are not sure to have its form")


def _words(form: Form) -> str:
    values = values_of(form)
    return ", ".join(sorted(types_of(form)) if values is None else [str(value) for value in values[:5]])


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _accepts(reader: Form, value: Any) -> bool:
    """Say whether a form (of the reader's, its alternatives aside) surely has a single value."""
    listed = values_of(reader)
    if listed is not None:
        rest = {name: limit for name, limit in reader.items() if name not in ("enum", "const")}
        return same_in(value, listed) and _accepts(rest, value)
    if type_of(value) not in _spelled(types_of(reader)):
        return False
    if isinstance(value, str):
        return (
            reader.get("minLength", 0) <= len(value) <= reader.get("maxLength", float("inf"))
            and "format" not in reader
            and ("pattern" not in reader or re.search(reader["pattern"], value) is not None)
        )
    if isinstance(value, list | dict):
        return set(reader) <= {"type"}
    if value is None or isinstance(value, bool):
        return True
    within = _lower(reader) <= (value, False) and (value, True) <= _upper(reader)
    return within and ("multipleOf" not in reader or _is_multiple(value, reader["multipleOf"]))

"""What a change of a contract's fields would do to the protocols that are in force.

A protocol speaks of fields by path and by category, and of values by what its transforms make of them. So a field that
changes its path, its category, its kind or its marks is, to a protocol that was signed before, another field.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.categories import Category, Whose
from contracts.compatibility.describe import Description
from contracts.compatibility.finding import Side
from contracts.compatibility.members import members, open_objects

Found = Iterator[tuple[Side, str, str]]
_ATOMIC = ("narrative", "place", "record")
"""Kinds of value that are objects and are released as a whole."""


def of_fields(before: Description, after: Description) -> Found:
    """Yield what would break with the fields: side, path, and what would happen."""
    older, newer = before["fields"], after["fields"]
    for path in older:
        if path not in newer:
            yield from _gone(path, older[path], before, after)
        else:
            yield from _changed(path, older[path], newer[path])
    for path, field in newer.items():
        if path not in older and not _is_marked(field):
            yield Side.DISCLOSURE, path, "a field without a data category: no clause could speak of what it is"
    yield from _parts_added(before, after)
    was_open = set(open_objects(before["schema"]))
    for path in open_objects(after["schema"]):
        if path not in was_open:
            words = "takes members that the contract does not name: nobody has said what kind of information they are"
            yield Side.DISCLOSURE, path or "data", words


def _gone(path: str, field: Mapping[str, Any], before: Description, after: Description) -> Found:
    yield Side.RECIPIENT, path, "a field that is read would never come again"
    added = [other for other in after["fields"] if other not in before["fields"]]
    same = [other for other in added if _looks_like(after["fields"][other], field)]
    if same:
        words = f"it looks as if it had moved to `{same[0]}`, where the limits and forbids that name it would miss it"
        yield Side.DISCLOSURE, path, words


def _looks_like(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(mark) == other.get(mark) for mark in ("kind", "categories"))


def _changed(path: str, older: Mapping[str, Any], newer: Mapping[str, Any]) -> Found:
    if older["kind"] != newer["kind"]:
        words = f"a {older['kind']} that becomes a {newer['kind']} is transformed otherwise, or no longer"
        if older["kind"] == "narrative":
            words = "an account that becomes bare text counts as its field's category alone, whatever it contains"
        yield Side.DISCLOSURE, path, words
    if not _is_marked(newer):
        yield Side.DISCLOSURE, path, "a field without a data category: no clause could speak of what it is"
    elif set(older["categories"]) != set(newer["categories"]):
        was, will = ", ".join(older["categories"]), ", ".join(newer["categories"])
        words = (
            f"from {was} to {will}: clauses that permit {will} would release it, and those that limit or forbid {was} "
            "would miss it"
        )
        yield Side.DISCLOSURE, path, words
    if older["whereabouts"] and not newer["whereabouts"]:
        yield Side.DISCLOSURE, path, "it would be released where the whereabouts of a child or carer are protected"
    if older["whose"] != newer["whose"] and newer["whose"] != Whose.THIRD_PARTY.value:
        words = f"data of a {older['whose']} would be given out in an access request as that of a {newer['whose']}"
        yield Side.DISCLOSURE, path, words


def _is_marked(field: Mapping[str, Any]) -> bool:
    known = {category.value for category in Category}
    return bool(field["categories"]) and known.issuperset(field["categories"])


def _parts_added(before: Description, after: Description) -> Found:
    """Yield members that come into a value which is released as a whole: permits already in force would release them.

    A new field of its own is not so: no permit of an earlier protocol reaches it.
    """
    known = {member.path for member in members(before["schema"])}
    wholes = [path for path, field in after["fields"].items() if field["kind"] in _ATOMIC and path in before["fields"]]
    for member in members(after["schema"]):
        if member.path not in known and any(member.path.startswith(f"{path}.") for path in wholes):
            words = "it would go out with the value that it is part of, under clauses that were signed without it"
            yield Side.DISCLOSURE, member.path, f"{words}: make it a field of its own"

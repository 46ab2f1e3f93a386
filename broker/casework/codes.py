"""Codes that the hub cannot read: the sender's own word, or a code of no list. Accepted, not guessed, and said."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from contracts.catalogue import leaves_of
from contracts.disclosure import Caution
from contracts.parse import ParsedEvent
from contracts.values import Kind
from contracts.vocabulary.library import Library, UnknownList

_UNMAPPED = "no code stands here but your own text, which the hub reads as not known: map it to a code"
_UNKNOWN = (
    "this code is not in the list that is in force at this hub, so that readers may not know it: send one of the list, "
    'or the word itself as {"unmapped": "…"}'
)


def unmapped_codes(event: ParsedEvent) -> tuple[Caution, ...]:
    """Return a warning for each place of the event where the sender's own text stands for a code."""
    data = event.plain()
    return tuple(
        Caution(code="unmapped_code", pointer=pointer, detail=_UNMAPPED)
        for leaf in leaves_of(event.contract.type)
        if leaf.takes_unmapped
        for pointer, value in _at(data, leaf.path.split("."), "/data")
        if isinstance(value, dict)
    )


def unknown_codes(event: ParsedEvent, words: Library, day: date) -> tuple[Caution, ...]:
    """Return a warning for each code of the event that its list does not have on a day."""
    data = event.plain()
    return tuple(
        Caution(code="unknown_code", pointer=pointer, detail=_UNKNOWN)
        for leaf in leaves_of(event.contract.type)
        if leaf.kind is Kind.CODE and leaf.vocabulary is not None
        for pointer, value in _at(data, leaf.path.split("."), "/data")
        if isinstance(value, str) and not _has(words, leaf.vocabulary, value, day)
    )


def _has(words: Library, name: str, code: str, day: date) -> bool:
    try:
        return words.find(name, code, day) is not None
    except UnknownList:  # No version is in force: nobody can look the code up.
        return False


def _at(value: Any, steps: list[str], pointer: str) -> Iterator[tuple[str, Any]]:
    """Yield each value at a contract path below a value, with the pointer to it (RFC 6901)."""
    if not steps:
        yield pointer, value
        return
    name, many = steps[0].removesuffix("[]"), steps[0].endswith("[]")
    if not isinstance(value, dict) or name not in value:
        return
    if not many:
        yield from _at(value[name], steps[1:], f"{pointer}/{name}")
        return
    for place, item in enumerate(value[name]):
        yield from _at(item, steps[1:], f"{pointer}/{name}/{place}")

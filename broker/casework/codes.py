"""Codes that the hub cannot read: the sender's own word, or a code of no list. Accepted, not guessed, and said."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from broker.casework.naming import Way, way_of
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
        for way in _ways_of_own_words(event.contract.type)
        for pointer, value in _at(data, way, "/data")
        if isinstance(value, dict)
    )


def unknown_codes(event: ParsedEvent, words: Library, day: date) -> tuple[Caution, ...]:
    """Return a warning for each code of the event that its list does not have on a day."""
    data = event.plain()
    return tuple(
        Caution(code="unknown_code", pointer=pointer, detail=_UNKNOWN)
        for name, way in _ways_to_codes(event.contract.type)
        for pointer, value in _at(data, way, "/data")
        if isinstance(value, str) and not _has(words, name, value, day)
    )


def _has(words: Library, name: str, code: str, day: date) -> bool:
    try:
        return words.find(name, code, day) is not None
    except UnknownList:  # No version is in force: nobody can look the code up.
        return False


@cache
def _ways_of_own_words(event_type: str) -> tuple[Way, ...]:
    return tuple(way_of(leaf.path) for leaf in leaves_of(event_type) if leaf.takes_unmapped)


@cache
def _ways_to_codes(event_type: str) -> tuple[tuple[str, Way], ...]:
    return tuple(
        (leaf.vocabulary, way_of(leaf.path))
        for leaf in leaves_of(event_type)
        if leaf.kind is Kind.CODE and leaf.vocabulary is not None
    )


def _at(value: Any, way: Way, pointer: str) -> Iterator[tuple[str, Any]]:
    """Yield each value at the end of a way that is there, with the pointer to it (RFC 6901)."""
    for place, (name, many) in enumerate(way, 1):
        if not isinstance(value, dict) or name not in value:
            return
        value, pointer = value[name], f"{pointer}/{name}"
        if many:
            for number, item in enumerate(value):
                yield from _at(item, way[place:], f"{pointer}/{number}")
            return
    yield pointer, value

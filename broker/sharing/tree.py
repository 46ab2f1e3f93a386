"""YAML 1.2 core schema, read as JSON: plain values, and where each of them stands in the text.

A protocol is signed as JSON, so the text must have one reading. PyYAML gives the events; which plain scalar is a
number, a truth value or nothing is decided here by the core schema (YAML 1.2.2, section 10.3.2): `yes`, `on` and days
stay text. Anchors, aliases, tags, duplicate keys, directives and further documents are refused.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

MAX_CHARACTERS = 512 * 1024
MAX_DEPTH = 24
LARGEST_INTEGER = 2**53 - 1
"""What every JSON reader agrees on (RFC 8785, section 3.2.2.3)."""

Path = tuple[str | int, ...]

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, order=True)
class ProtocolFault:
    """One thing wrong with a protocol document: line and column (both from 1), what is wrong and what to do."""

    line: int
    column: int
    message: str


@dataclass(frozen=True)
class Positions:
    """Where the members (their keys) and the values of a document begin; line and column from 1."""

    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def of(self, path: Path) -> tuple[int, int]:
        """Return where a value begins, or else the nearest value around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def of_key(self, path: Path) -> tuple[int, int]:
        """Return where a member's name begins, or else the nearest value around it."""
        return self.keys.get(path) or self.of(path)


@dataclass(frozen=True)
class Tree:
    """A document as JSON values, with its positions and what is wrong with its YAML."""

    value: Any
    positions: Positions
    faults: tuple[ProtocolFault, ...]


def read_tree(text: str) -> Tree:
    """Read one YAML document. Never raises: what is wrong is in `faults`, and then `value` is not to be used."""
    reading = _Reading()
    if len(text) > MAX_CHARACTERS:
        reading.fault((1, 1), f"the document is longer than {MAX_CHARACTERS} characters: split the protocol")
        return Tree(None, reading.positions, tuple(reading.faults))
    value: Any = None
    try:
        value = reading.document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        reading.fault(place, f"this is not YAML: {error.problem or error.context or 'it cannot be read'}")
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        reading.fault(place, "this character is not allowed in YAML: remove it")
    except _TooDeepError as error:
        reading.fault(error.place, f"this is nested more than {MAX_DEPTH} levels deep: no protocol is")
    return Tree(value, reading.positions, tuple(sorted(set(reading.faults))))


class _TooDeepError(Exception):
    def __init__(self, place: tuple[int, int]) -> None:
        super().__init__("nested too deeply")
        self.place = place


def _place(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


class _Reading:
    """One pass over the events of a text."""

    def __init__(self) -> None:
        self.positions = Positions()
        self.faults: list[ProtocolFault] = []

    def fault(self, place: tuple[int, int], message: str) -> None:
        self.faults.append(ProtocolFault(*place, message))

    def document(self, events: Iterator[Event]) -> Any:
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.fault(_place(event), "a second document begins here: put each protocol in a file of its own")
                    return value
                if event.version or event.tags:
                    self.fault(_place(event), "directives (%YAML, %TAG) are not used in a protocol: remove them")
                value = self._value(next(events), events, ())
        if documents == 0:
            self.fault((1, 1), "the document is empty: write a protocol")
        return value

    def _value(self, event: Event, events: Iterator[Event], path: Path) -> Any:
        place = _place(event)
        self.positions.values[path] = place
        if len(path) > MAX_DEPTH:
            raise _TooDeepError(place)
        if isinstance(event, AliasEvent):
            self.fault(place, "aliases (*name) are not used in a protocol: write the value out")
            return None
        if getattr(event, "anchor", None) is not None:
            self.fault(place, "anchors (&name) are not used in a protocol: remove it")
        if getattr(event, "tag", None) is not None:
            self.fault(place, "tags (!name) are not used in a protocol: remove it")
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, path)
        assert isinstance(event, ScalarEvent)  # noqa: S101 (the parser's grammar leaves nothing else here)
        return self._scalar(event)

    def _sequence(self, events: Iterator[Event], path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(self._value(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[Event], path: Path) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            place = _place(event)
            # A key that is no text gets a name that no document can have, so that its value is read past all the same.
            name = self._value(event, events, (*path, "\0key"))
            if not isinstance(name, str):
                self.fault(place, "the name of a member is text: put it in quotes")
                name = f"\0{len(members)}"
            elif name in members:
                first = self.positions.keys[*path, name][0]
                self.fault(place, f"this member stands here already, at line {first}: remove one")
            self.positions.keys.setdefault((*path, name), place)
            value = self._value(next(events), events, (*path, name))
            members.setdefault(name, value)
        return members

    def _scalar(self, event: ScalarEvent) -> Any:
        text: str = event.value
        if event.style is not None:
            return self._text(text, event)
        if text in _NOTHING:
            return None
        if text in _TRUTH:
            return _TRUTH[text]
        return self._number_or_text(text, event)

    def _number_or_text(self, text: str, event: ScalarEvent) -> float | str | None:
        if _INTEGER.fullmatch(text):
            return self._integer(text, event)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
        if _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
            self.fault(_place(event), "JSON cannot carry this number: write a finite one")
            return None
        return self._text(text, event)

    def _integer(self, text: str, event: ScalarEvent) -> int | None:
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        digits = text[2:] if base != 10 else text  # noqa: PLR2004 (counting in tens)
        number = int(digits, base) if len(digits) <= 60 else LARGEST_INTEGER + 1  # noqa: PLR2004 (digits; far too many)
        if abs(number) > LARGEST_INTEGER:
            self.fault(_place(event), "this number is too large: JSON cannot carry it exactly")
            return None
        return number

    def _text(self, text: str, event: ScalarEvent) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fault(_place(event), "this text holds half a character (a lone surrogate): write it out")
            return ""
        return text

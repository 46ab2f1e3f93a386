"""A mapping at work: a row of an agency's system in, the data of events out, with what could not be carried over."""

from collections.abc import Mapping as Row
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from adapters.sdk.mapping.checks import MappingFault, faults_in
from adapters.sdk.mapping.document import Condition, EventRule, FieldRule, MappingDocument
from adapters.sdk.mapping.gap import Gap, GapKind
from adapters.sdk.mapping.nesting import Steps, nested
from adapters.sdk.mapping.target import Target, target_of
from adapters.sdk.mapping.value import NOTHING, Reader, Value, reader_of
from contracts.canonical import NotCanonicalError, parse_json
from contracts.catalogue import contract_of
from contracts.parse import InvalidEvent, parse_data
from contracts.vocabulary.library import Library, packaged

MAX_BYTES = 1024 * 1024


class InvalidMapping(ValueError):
    """The mapping document cannot be used. Carries every fault."""

    def __init__(self, *faults: MappingFault) -> None:
        super().__init__("; ".join(f"{one.pointer or '(the document)'}: {one.message}" for one in faults))
        self.faults = faults


@dataclass(frozen=True)
class Made:
    """The data of one event. Personal: it is not shown by `repr`."""

    type: str
    data: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Applied:
    """What one row became."""

    events: tuple[Made, ...] = ()
    gaps: tuple[Gap, ...] = ()
    passed_over: str | None = None
    """Why the row is no event, where the mapping says so."""


@dataclass(frozen=True)
class _Field:
    rule: FieldRule
    target: Target
    read: Reader
    pointer: str


class Mapping:
    """One mapping document, ready to be applied."""

    def __init__(self, document: MappingDocument, library: Library | None = None) -> None:
        """`library` has the code lists, where an operator has lists of its own. Raises InvalidMapping."""
        library = library or packaged()
        faults = tuple(faults_in(document, library))
        if faults:
            raise InvalidMapping(*faults)
        self.document = document
        zone = None if document.zone is None else ZoneInfo(document.zone)
        self._events = tuple(
            (event, tuple(_field(event, place, number, zone, library) for number in range(len(event.fields))))
            for place, event in enumerate(document.events)
        )

    @classmethod
    def read(cls, content: bytes, library: Library | None = None) -> "Mapping":
        """Read a document from JSON. Raises InvalidMapping."""
        if len(content) > MAX_BYTES:
            raise InvalidMapping(MappingFault("", "a mapping has at most 1 MiB"))
        try:
            parse_json(content)
            return cls(MappingDocument.model_validate_json(content), library)
        except NotCanonicalError:
            fault = MappingFault("", "this is not one JSON text in UTF-8 in which no member stands twice")
            raise InvalidMapping(fault) from None
        except ValidationError as error:
            raise InvalidMapping(*_faults(error)) from None

    @classmethod
    def load(cls, path: Path, library: Library | None = None) -> "Mapping":
        """Read a document from a file. Raises InvalidMapping, OSError."""
        return cls.read(path.read_bytes(), library)

    def apply(self, row: Row[str, Any]) -> Applied:
        """Make the events of a row. What cannot be carried over is left out and reported, never guessed.

        Texts are trimmed. A value that is no text is taken as it is. Every event satisfies its contract: one that would
        not is reported and not made; nor is one that would say something else without what could not be read, as a
        child whose flag could not be read would count as not flagged.
        """
        for rule in self.document.pass_over:
            if all(self._holds(one, row) for one in rule.when):
                return Applied(passed_over=rule.because)
        made: list[Made] = []
        gaps: list[Gap] = []
        for place, (event, fields) in enumerate(self._events):
            if all(self._holds(one, row) for one in event.when):
                data, found = self._data(fields, row)
                if not any(gap.kind is GapKind.ABSENCE_WOULD_SPEAK for gap in found):
                    against = _against(event, data, f"/events/{place}")
                    found += against
                    made += [] if against else [Made(event.type, data)]
                gaps += found
        return Applied(tuple(made), tuple(gaps))

    def _holds(self, condition: Condition, row: Row[str, Any]) -> bool:
        text = self._text(row.get(condition.column), ())
        if condition.is_ is None:
            return (text is not NOTHING) is condition.filled
        return text in condition.is_

    def _text(self, value: Any, empty: tuple[str, ...]) -> Any:
        if isinstance(value, str):
            value = value.strip()
        return NOTHING if value is None or value in ("", *self.document.empty, *empty) else value

    def _data(self, fields: tuple[_Field, ...], row: Row[str, Any]) -> tuple[dict[str, Any], list[Gap]]:
        members: dict[Steps, Any] = {}
        gaps: list[Gap] = []
        items: dict[Steps, list[Value]] = {}
        for one in fields:
            value, word = self._value(one, row)
            gaps += [_gap(one, kind, value, word) for kind in value.gaps]
            if value.value is not NOTHING:
                members[one.target.steps] = value.value
            if one.target.item is not None and one.rule.column is not None:
                items.setdefault(one.target.item, []).append(value)
                if _is_lost(value):
                    gaps.append(_gap(one, GapKind.ITEM_LEFT_OUT, value, word))
            elif _is_lost(value) and one.target.speaks_by_absence:
                gaps.append(_gap(one, GapKind.ABSENCE_WOULD_SPEAK, value, word))
        left_out = [item for item, values in items.items() if not _is_said(values)]
        return nested(members, left_out), gaps

    def _value(self, one: _Field, row: Row[str, Any]) -> tuple[Value, Any]:
        """Return the value of a field, and the word that it came from."""
        rule = one.rule
        if rule.column is None:
            return Value(rule.constant), None
        word = self._text(row.get(rule.column), rule.empty)
        if rule.remove is not None and isinstance(word, str):
            word = self._text(word.translate(dict.fromkeys(map(ord, rule.remove))), ())
        return (one.read(word) if isinstance(word, str) else Value(word)), word


def _is_said(values: list[Value]) -> bool:
    """Say whether an item of a list is known: something of it was said, and nothing of it was not understood."""
    return not any(map(_is_lost, values)) and any(one.value is not NOTHING for one in values)


def _is_lost(value: Value) -> bool:
    """Say whether there was something and nothing of it is left."""
    return value.value is NOTHING and bool(value.gaps)


def _gap(one: _Field, kind: GapKind, value: Value, word: Any) -> Gap:
    shown = word if kind in (GapKind.UNMAPPED_CODE, GapKind.ASSUMED_FLAG) and isinstance(word, str) else None
    return Gap(kind, one.pointer, one.rule.to, one.rule.column, kept=value.kept, word=shown)


def _against(event: EventRule, data: dict[str, Any], pointer: str) -> list[Gap]:
    try:
        parse_data(contract_of(event.type), data)
    except InvalidEvent as error:
        return [Gap(GapKind.AGAINST_CONTRACT, pointer, one.pointer, detail=one.message) for one in error.faults]
    return []


def _field(event: EventRule, place: int, number: int, zone: ZoneInfo | None, library: Library) -> _Field:
    rule = event.fields[number]
    target = target_of(event.type, rule.to, library)
    return _Field(rule, target, reader_of(rule, target, zone), f"/events/{place}/fields/{number}")


def _faults(error: ValidationError) -> list[MappingFault]:
    words = {"missing": "this member is required", "extra_forbidden": "a mapping has no such member here"}
    found: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        location = list(item["loc"])
        if "codes" in location:
            location = location[: location.index("codes") + 1]
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
        # A list whose items are faulty is counted without them: say only what is wrong with the items.
        if item["type"] != "too_short" or not any(one.startswith(pointer + "/") for one in found):
            found[pointer] = words.get(item["type"], "this is not what a mapping has here: see the how-to page")
    return [MappingFault(pointer, message) for pointer, message in found.items()]

"""Events as they stand in a file: one, a batch as a JSON array, or one a line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from broker.cli.ended import Ended
from contracts.canonical import NotCanonicalError, canonical, parse_json
from contracts.catalogue import CATALOGUE
from contracts.envelope import HUB_SOURCE, MAX_BATCH_EVENTS, MAX_EVENT_BYTES
from contracts.parse import Fault, InvalidEvent, ParsedEvent, parse_event

MAX_FILE_BYTES = 8 * 1024 * 1024
"""As much as a hub takes in one batch."""


@dataclass(frozen=True)
class Found:
    """What claims to be an event, and where in the file: a pointer's beginning, or the number of a line."""

    document: Any
    prefix: str = ""
    line: int | None = None

    def check(self) -> ParsedEvent:
        """Return the event; InvalidEvent with pointers into the file, or into the line."""
        document = self.document
        contract = CATALOGUE.get(document.get("type", "")) if _is_named(document) else None
        if contract is not None and contract.derived and document.get("source") == HUB_SOURCE:
            # What the hub alone publishes satisfies its contract all the same; the parser speaks for publishers.
            document = document | {"source": "/agencies/hub"}
        try:
            event = parse_event(document)
        except InvalidEvent as error:
            faults = (Fault(self.prefix + one.pointer, one.code, one.message) for one in error.faults)
            raise InvalidEvent(tuple(faults)) from None
        if len(canonical(self.document)) > MAX_EVENT_BYTES:
            raise InvalidEvent(
                (Fault(self.prefix, "too_large", f"an event has at most {MAX_EVENT_BYTES // 1024} KiB"),)
            )
        return event


def _is_named(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("type"), str)


def events_in(content: bytes) -> list[Found]:
    """Return what a file holds. Raises Ended if it is no JSON, or more than a hub takes at once."""
    try:
        whole = parse_json(content)
    except NotCanonicalError:
        lines = [(number, line) for number, line in enumerate(content.splitlines(), start=1) if line.strip()]
        if len(lines) < 2 or not lines[0][1].strip().endswith(b"}"):  # noqa: PLR2004 (one line is one text)
            raise Ended(f"this is not one JSON text in UTF-8{_place(content)}: send CloudEvents as JSON") from None
        return list(_by_line(lines))
    if not isinstance(whole, list):
        return [Found(whole)]
    if len(whole) > MAX_BATCH_EVENTS:
        raise Ended(f"a batch has at most {MAX_BATCH_EVENTS} events: publish it in parts, or write one event a line")
    return [Found(document, f"/{place}") for place, document in enumerate(whole)]


def _by_line(lines: list[tuple[int, bytes]]) -> Iterator[Found]:
    for number, line in lines:
        try:
            yield Found(parse_json(line), line=number)
        except NotCanonicalError:
            raise Ended(f"line {number} is not one JSON text in UTF-8: write one event a line") from None


def _place(content: bytes) -> str:
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        return f" (line {error.lineno}, column {error.colno})"
    except ValueError:
        pass
    return ""

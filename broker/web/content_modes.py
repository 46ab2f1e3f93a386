"""CloudEvents in messages: which content mode a message is in, and the event of a binary one. The same for every door.

Sources: HTTP protocol binding 1.0.2, sections 3 to 3.3; NATS protocol binding 1.0.2, section 3.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_to_bytes

from broker.web.problems import Problem

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = "application/json"
PREFIX = "ce-"

_CLOUDEVENTS = "application/cloudevents"
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii"})
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_MEDIA_TYPE = re.compile(rf"\s*({_NAME}/{_NAME})\s*((?:;\s*(?:{_NAME}=(?:{_QUOTED}|{_NAME}))?\s*)*)", re.ASCII)
_PARAMETER = re.compile(rf"({_NAME})=({_QUOTED}|{_NAME})", re.ASCII)
_QUOTED_STRING = re.compile(_QUOTED, re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


class Mode(StrEnum):
    """How an event stands in a message."""

    STRUCTURED = STRUCTURED
    BATCH = BATCH
    BINARY = BINARY


@dataclass(frozen=True)
class MediaType:
    """A media type that a message names; its characters must be UTF-8's, and further parameters say nothing here."""

    name: str
    is_utf_8: bool

    @classmethod
    def parse(cls, text: str) -> "MediaType":
        """Read a Content-Type header (RFC 9110, section 8.3.1). One that is none, or that is empty, has no name."""
        match = _MEDIA_TYPE.fullmatch(text)
        if match is None:
            return cls("", is_utf_8=False)
        charsets = {
            value.strip('"').lower() for name, value in _PARAMETER.findall(match[2]) if name.lower() == "charset"
        }
        return cls(match[1].lower(), is_utf_8=charsets <= _UTF_8)


def mode_of(content_type: str, names: Iterable[str]) -> Mode | None:
    """Return the mode of a message with this content type and these header names (in lower case).

    None if it names no CloudEvents and has no attribute in a header. Raises Problem 415 for an event format that is not
    taken, for data that is not JSON, and for characters that are not UTF-8.
    """
    media = MediaType.parse(content_type)
    if media.name.startswith(_CLOUDEVENTS):
        if media.name in (STRUCTURED, BATCH) and media.is_utf_8:
            return Mode(media.name)
        raise _not_taken()
    if not any(name.startswith(PREFIX) for name in names):
        return None
    if content_type and not (media.name == BINARY and media.is_utf_8):
        raise _not_taken()
    return Mode.BINARY


def _not_taken() -> Problem:
    return Problem(
        "unsupported-media-type",
        f"send {STRUCTURED}, {BATCH}, or {BINARY} with the attributes in {PREFIX} headers; in UTF-8",
    )


def binary_event(headers: Iterable[tuple[str, str]], data: Any, *, reserved: frozenset[str]) -> dict[str, Any]:
    """Return the event whose attributes stand in headers and whose data is the message.

    Header names are in lower case. Raises Problem 400 for a header twice, one whose value cannot be read, and one of an
    attribute that this binding carries elsewhere (`reserved`).
    """
    attributes: dict[str, str] = {}
    for name, value in headers:
        if name.startswith(PREFIX):
            attribute = name.removeprefix(PREFIX)
            if attribute in attributes:
                raise Problem("invalid-attribute")
            attributes[attribute] = attribute_of(value)
    if not attributes.keys().isdisjoint({"data", "data_base64", "", *reserved}):
        raise Problem(
            "invalid-attribute",
            "data is the message itself, and the content type has one place: see the binding for which",
        )
    return {"datacontenttype": BINARY, **attributes, "data": data}


def attribute_of(value: str) -> str:
    """Undo quoting and one round of percent-encoding (HTTP and NATS protocol bindings, section 3.1.3.2)."""
    value = value.strip(" \t")
    if value.startswith('"'):
        if _QUOTED_STRING.fullmatch(value) is None:
            raise Problem("invalid-attribute")
        value = _QUOTED_PAIR.sub(r"\1", value[1:-1])
    try:
        # What is not percent-encoded must be printable ASCII; header bytes beyond it mean different things to readers.
        return unquote_to_bytes(value.encode("ascii")).decode()
    except UnicodeError:
        raise Problem("invalid-attribute") from None

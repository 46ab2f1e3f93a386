"""The CloudEvents 1.0 envelope, as an agency publishes it and as a recipient gets it.

Source: CloudEvents core specification 1.0.2, and its JSON event format.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from contracts import times
from contracts.identifiers import ULID, UNIQUE_ID, UUID

MAX_EVENT_BYTES = 256 * 1024
MAX_BATCH_EVENTS = 500
HUB_SOURCE = "/hub"

SUBJECT = f"^(episode|child)/({ULID}|{UUID})$"
SOURCE = r"^(?://([a-z0-9.:-]{1,253}))?/agencies/([a-z0-9]+(?:-[a-z0-9]+)*)$"
_MARK = r"-(?:agency:[a-z0-9-]{1,63}|field:[a-z0-9_.\[\]*]{1,200})"
AUDIENCE = f"^ *(?:{_MARK}(?: +{_MARK})* *)?$"
CONTENT_TYPE = f"^{''.join(f'[{c.upper()}{c}]' if c.isalpha() else c for c in 'application/json')} *(?:;[ -~]*)?$"
EXTENSION_NAME = "^[a-z0-9]{1,20}$"
ATTRIBUTE_TEXT = r"^[^\u0000-\u001f\u007f-\u009f]*$"
"""Text of an attribute: no control characters (CloudEvents 1.0.2, section 2.3)."""
MAX_INTEGER = 2**31 - 1
"""Integers of attributes are signed 32 bit numbers (the same section)."""

_SUBJECT = re.compile(SUBJECT)
_SOURCE = re.compile(SOURCE)
_AUDIENCE = re.compile(AUDIENCE)
_CONTENT_TYPE = re.compile(CONTENT_TYPE)
_EXTENSION_NAME = re.compile(EXTENSION_NAME)
_ATTRIBUTE_TEXT = re.compile(r"[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]*")

_SUBJECT_FORM = "subject is episode/<id> or child/<handle>, where the id is an upper-case ULID or a UUID"
_KEPT = 1024
"""Attributes remembered as they were read: one event after the other is about the same."""
_AUDIENCE_FORM = "concordataudience is a space-separated list of -agency:<id> and -field:<path>"


class Subject(BaseModel):
    """What an event is about: `episode/<id>` or `child/<handle>`."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["episode", "child"]
    id: str

    @classmethod
    @lru_cache(_KEPT)
    def parse(cls, text: str) -> "Subject":
        """Read the attribute; ValueError if it is neither form with a ULID or UUID."""
        match = _SUBJECT.fullmatch(text)
        if match is None:
            raise ValueError(_SUBJECT_FORM)
        return cls(kind="episode" if match[1] == "episode" else "child", id=match[2])

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


class Audience(BaseModel):
    """What the publisher itself keeps back (`concordataudience`). It can narrow, never widen."""

    model_config = ConfigDict(frozen=True)
    agencies: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()

    @classmethod
    @lru_cache(_KEPT)
    def parse(cls, text: str | None) -> "Audience":
        """Read a space-separated list of `-agency:<id>` and `-field:<path>`; ValueError if it is anything else."""
        if _AUDIENCE.fullmatch(text or "") is None:
            raise ValueError(_AUDIENCE_FORM)
        marks = (text or "").split()
        return cls(
            agencies=frozenset(mark[8:] for mark in marks if mark.startswith("-agency:")),
            fields=tuple(mark[7:] for mark in marks if mark.startswith("-field:")),
        )


def _is_simple(value: object) -> bool:
    if isinstance(value, str):
        return _ATTRIBUTE_TEXT.fullmatch(value) is not None
    # A null attribute is one that is not set (CloudEvents JSON format 1.0.2, section 2.2).
    return value is None or (isinstance(value, int) and -MAX_INTEGER - 1 <= value <= MAX_INTEGER)


class CloudEvent(BaseModel):
    """One event. Unknown extension attributes are kept with it and never disclosed."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    specversion: Literal["1.0"] = Field(description="CloudEvents version.")
    id: str = Field(pattern=UNIQUE_ID, description="Upper-case ULID or UUID, unique for this publisher.")
    source: str = Field(
        max_length=400,
        description="/agencies/<agency id> of the publisher, or the same with //<hub origin> before it.",
        json_schema_extra={"pattern": SOURCE},
    )
    type: str = Field(
        pattern=r"^concordat\.[a-z_]+\.[a-z0-9_]+\.v[1-9][0-9]*$",
        max_length=100,
        description="Event type with its version.",
    )
    subject: str | None = Field(
        None,
        max_length=60,
        description="What it is about: episode/<id> or child/<handle>.",
        json_schema_extra={"pattern": SUBJECT},
    )
    time: AwareDatetime | None = Field(
        None,
        description="When it happened, RFC 3339 with offset.",
        json_schema_extra={"pattern": times.TIMESTAMP},
    )
    datacontenttype: str | None = Field(
        None, description="Always application/json.", json_schema_extra={"pattern": CONTENT_TYPE}
    )
    dataschema: str | None = Field(
        None, min_length=1, max_length=400, pattern=ATTRIBUTE_TEXT, description="Address of the type's schema."
    )
    concordataudience: str | None = Field(
        None,
        max_length=2000,
        description="What the publisher keeps back: -agency:<id> and -field:<path>, separated by spaces.",
        json_schema_extra={"pattern": AUDIENCE},
    )
    concordatactor: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        pattern=ATTRIBUTE_TEXT,
        description="Pseudonymous id of the person who publishes.",
    )
    data: dict[str, Any] = Field(description="What happened, by the contract of the type.")

    @field_validator("time", mode="before")
    @classmethod
    def _time(cls, value: object) -> object:
        # Strict mode takes no text for a time in Python mode, and the envelope arrives parsed.
        return times.read_timestamp(value)

    @field_validator("time")
    @classmethod
    def _utc(cls, value: datetime | None) -> datetime | None:
        return None if value is None else times.in_utc(value)

    @field_validator("source")
    @classmethod
    def _source(cls, value: str) -> str:
        if _SOURCE.fullmatch(value) is None:
            raise ValueError("source is /agencies/<agency id>, or the same with //<hub origin> before it")
        return value

    @field_validator("subject")
    @classmethod
    def _subject(cls, value: str | None) -> str | None:
        if value is not None and _SUBJECT.fullmatch(value) is None:
            raise ValueError(_SUBJECT_FORM)
        return value

    @field_validator("concordataudience")
    @classmethod
    def _audience(cls, value: str | None) -> str | None:
        if _AUDIENCE.fullmatch(value or "") is None:
            raise ValueError(_AUDIENCE_FORM)
        return value

    @field_validator("datacontenttype")
    @classmethod
    def _content_type(cls, value: str | None) -> str | None:
        if value is not None and _CONTENT_TYPE.fullmatch(value) is None:
            raise ValueError("datacontenttype is application/json")
        return value

    @model_validator(mode="after")
    def _extensions(self) -> "CloudEvent":
        for name, value in (self.model_extra or {}).items():
            if _EXTENSION_NAME.fullmatch(name) is None or not _is_simple(value):
                raise ValueError(
                    "an extension attribute has a name of 1 to 20 lower-case letters or digits, and its value is "
                    "text without control characters, a 32 bit integer, true, false or null"
                )
        return self

    def about(self) -> Subject | None:
        """Return the parsed subject."""
        return None if self.subject is None else Subject.parse(self.subject)

    def audience(self) -> Audience:
        """Return what the publisher keeps back."""
        return Audience.parse(self.concordataudience)

    def agency(self) -> str:
        """Return the publishing agency's id, from the source."""
        match = _SOURCE.fullmatch(self.source)
        assert match is not None  # noqa: S101 (the validator above refuses any other source)
        return match[2]

    def origin(self) -> str | None:
        """Return the hub origin that an absolute source names, or None for a relative one."""
        match = _SOURCE.fullmatch(self.source)
        return None if match is None else match[1]


def absolute(origin: str, agency: str) -> str:
    """Return the absolute source of an agency: `//<origin>/agencies/<agency>`."""
    return f"//{origin}/agencies/{agency}"


@lru_cache(256)
def rfc3339(moment: datetime) -> str:
    """Write a moment in UTC with milliseconds and `Z`, the one form in which the hub writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

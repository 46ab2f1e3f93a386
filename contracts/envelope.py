"""The CloudEvents 1.0 envelope, as an agency publishes it and as a recipient gets it.

Source: CloudEvents core specification 1.0.2, and its JSON event format.
"""

import re
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from contracts.identifiers import UNIQUE_ID

MAX_EVENT_BYTES = 256 * 1024
MAX_BATCH_EVENTS = 500
HUB_SOURCE = "/hub"

_EXTENSION = re.compile(r"^[a-z0-9]{1,20}$")
_SUBJECT = re.compile(r"^(episode|child)/([0-9A-Za-z-]{26,36})$")
_SOURCE = re.compile(r"^(?://(?P<origin>[a-z0-9.:-]{1,253}))?/agencies/(?P<agency>[a-z0-9]+(?:-[a-z0-9]+)*)$")
_AUDIENCE = re.compile(r"^-(?:agency:[a-z0-9-]{1,63}|field:[a-z0-9_.\[\]*]{1,200})$")
_UNIQUE = re.compile(UNIQUE_ID)


class Subject(BaseModel):
    """What an event is about: `episode/<id>` or `child/<handle>`."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["episode", "child"]
    id: str

    @classmethod
    def parse(cls, text: str) -> "Subject":
        """Read the attribute; ValueError if it is neither form with a ULID or UUID."""
        match = _SUBJECT.fullmatch(text)
        if match is None or _UNIQUE.fullmatch(match[2]) is None:
            raise ValueError("subject is episode/<id> or child/<handle>, where the id is a ULID or a UUID")
        return cls(kind="episode" if match[1] == "episode" else "child", id=match[2])

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


class Audience(BaseModel):
    """What the publisher itself keeps back (`concordataudience`). It can narrow, never widen."""

    model_config = ConfigDict(frozen=True)
    agencies: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str | None) -> "Audience":
        """Read a space-separated list of `-agency:<id>` and `-field:<path>`; ValueError if it is anything else."""
        marks = (text or "").split()
        if any(_AUDIENCE.fullmatch(mark) is None for mark in marks):
            raise ValueError("concordataudience is a space-separated list of -agency:<id> and -field:<path>")
        return cls(
            agencies=frozenset(mark[8:] for mark in marks if mark.startswith("-agency:")),
            fields=tuple(mark[7:] for mark in marks if mark.startswith("-field:")),
        )


class CloudEvent(BaseModel):
    """One event. Unknown extension attributes are kept with it and never disclosed."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    specversion: Literal["1.0"]
    id: str = Field(pattern=UNIQUE_ID)
    source: str = Field(max_length=400)
    type: str = Field(pattern=r"^concordat\.[a-z_]+\.[a-z_]+\.v[1-9][0-9]*$", max_length=100)
    subject: str | None = Field(None, max_length=60)
    time: AwareDatetime | None = None
    datacontenttype: str | None = None
    dataschema: str | None = Field(None, max_length=400)
    concordataudience: str | None = Field(None, max_length=2000)
    concordatactor: str | None = Field(None, max_length=200)
    data: dict[str, Any]

    @field_validator("time", mode="before")
    @classmethod
    def _time(cls, value: object) -> object:
        # Strict mode takes no text for a time in Python mode, and the envelope arrives parsed.
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                raise ValueError("time is an RFC 3339 timestamp with its offset") from None
        return value

    @field_validator("time")
    @classmethod
    def _utc(cls, value: datetime | None) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    @field_validator("source")
    @classmethod
    def _source(cls, value: str) -> str:
        if _SOURCE.fullmatch(value) is None:
            raise ValueError("source is /agencies/<agency id>, or the same with //<hub origin> before it")
        return value

    @field_validator("subject")
    @classmethod
    def _subject(cls, value: str | None) -> str | None:
        if value is not None:
            Subject.parse(value)
        return value

    @field_validator("concordataudience")
    @classmethod
    def _audience(cls, value: str | None) -> str | None:
        Audience.parse(value)
        return value

    @field_validator("datacontenttype")
    @classmethod
    def _content_type(cls, value: str | None) -> str | None:
        if value is not None and value.split(";")[0].strip().lower() != "application/json":
            raise ValueError("datacontenttype is application/json")
        return value

    @model_validator(mode="after")
    def _extensions(self) -> "CloudEvent":
        for name, value in (self.model_extra or {}).items():
            if _EXTENSION.fullmatch(name) is None or not isinstance(value, str | int | bool):
                raise ValueError(
                    "an extension attribute has a name of 1 to 20 lower-case letters or digits and a simple value"
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
        return match["agency"]

    def origin(self) -> str | None:
        """Return the hub origin that an absolute source names, or None for a relative one."""
        match = _SOURCE.fullmatch(self.source)
        return None if match is None else match["origin"]


def absolute(origin: str, agency: str) -> str:
    """Return the absolute source of an agency: `//<origin>/agencies/<agency>`."""
    return f"//{origin}/agencies/{agency}"


def rfc3339(moment: datetime) -> str:
    """Write a moment in UTC with milliseconds and `Z`, the one form in which the hub writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""The values that event fields are made of: typed text, times, places and narratives.

A value is *atomic* to a protocol: it is released, transformed or withheld as a whole. `Place`, `Span` and `Narrative`
are atomic although they are objects, because half a place is still a place.

A time that is known only roughly has two fields: `x_at`, the best estimate, and `x_between`, the span that it lies in.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from contracts import identifiers, times
from contracts.categories import EVERY_CATEGORY, Category
from contracts.vocabulary import Basis


class Kind(StrEnum):
    """What a value is, which decides the transforms that apply to it."""

    TEXT = "text"
    NAME = "name"
    DATE = "date"
    INSTANT = "instant"
    POSTCODE = "postcode"
    IDENTIFIER = "identifier"
    AGENCY = "agency"
    CODE = "code"
    NUMBER = "number"
    FLAG = "flag"
    PLACE = "place"
    SPAN = "span"
    """Two moments that something happened between."""
    NARRATIVE = "narrative"
    RECORD = "record"
    """Data of another contract, already redacted under that contract."""


class Closed(BaseModel):
    """An object of a contract: immutable, and refuses members that the contract does not have."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=False)


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(times.read_timestamp),
    AfterValidator(times.in_utc),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": times.TIMESTAMP}),
    Kind.INSTANT,
]
"""A moment, RFC 3339 with offset; kept and given in UTC."""
Day = Annotated[
    date,
    BeforeValidator(times.read_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": times.DAY}),
    Kind.DATE,
]
"""A calendar day, `YYYY-MM-DD`."""
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200), Kind.TEXT]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000), Kind.TEXT]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=200), Kind.NAME]
Telephone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()-]{3,30}$"), Kind.TEXT]
EventType = Annotated[str, StringConstraints(pattern=r"^concordat\.[a-z_]+\.[a-z0-9_]+\.v[1-9][0-9]*$"), Kind.CODE]
FieldPath = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z][a-z0-9_]*(\[\])?(\.[a-z][a-z0-9_]*(\[\])?)*$",
        max_length=200,
    ),
    Kind.TEXT,
]
"""A contract path of one field: `a.b`, `items[].name`."""
Postcode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}$"), Kind.POSTCODE]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=100), Kind.IDENTIFIER]
"""An agency's own reference for something."""
AgencyId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=63), Kind.AGENCY]
"""The short name of an agency at this hub."""
UniqueId = Annotated[str, StringConstraints(pattern=identifiers.UNIQUE_ID), Kind.IDENTIFIER]
"""A ULID or a UUID."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,60}$"), Kind.CODE]
"""A code of a list that an operator may replace: any code of that form is taken, so that a list never blocks a report.

The list is named by the leaf (`vocabulary=`).
"""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Kind.IDENTIFIER]
"""The SHA-256 of a file, as 64 hexadecimal digits."""
NhsNumber = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{10}$"), AfterValidator(identifiers.check_nhs_number), Kind.IDENTIFIER
]
"""Ten digits with their check digit."""
AreaCode = Annotated[str, StringConstraints(pattern=identifiers.GSS_CODE), Kind.IDENTIFIER]
"""An ONS GSS code: a local authority (E06…, E08…, E10…) or a police force area (E23…, W15…)."""
Upn = Annotated[str, StringConstraints(pattern=identifiers.UPN), AfterValidator(identifiers.check_upn), Kind.IDENTIFIER]
"""Unique pupil number with its check letter."""
PncId = Annotated[str, StringConstraints(pattern=identifiers.PNC_ID), Kind.IDENTIFIER]
"""Police National Computer id, read leniently: `identifiers.pnc_check_letter_holds` says whether it looks right."""
OfstedUrn = Annotated[str, StringConstraints(pattern=identifiers.OFSTED_URN), Kind.IDENTIFIER]
"""Ofsted's unique reference number of a home, agency or school."""
OdsCode = Annotated[str, StringConstraints(pattern=identifiers.ODS_CODE), Kind.IDENTIFIER]
"""NHS Organisation Data Service code of a health organisation."""
AuthorityNumber = Annotated[str, StringConstraints(pattern=identifiers.DFE_AUTHORITY), Kind.IDENTIFIER]
"""The Department for Education's three-digit number of a local authority."""
Uprn = Annotated[str, StringConstraints(pattern=identifiers.UPRN)]
RedactedData = Annotated[dict[str, Any], Kind.RECORD]


class Narrative(Closed):
    """An account in somebody's words. Without `contains` it counts as every data category."""

    text: str = Field(min_length=1, max_length=8000, description="The account itself.")
    contains: tuple[Category, ...] | None = Field(
        None, description="Every data category that the text contains; absent means that it may contain any."
    )
    basis: Basis | None = Field(None, description="Fact, professional assessment or hearsay.")

    def categories(self) -> frozenset[Category]:
        """Return what the text counts as: NARRATIVE and what it is marked with, or every category if unmarked."""
        return EVERY_CATEGORY if self.contains is None else frozenset(self.contains) | {Category.NARRATIVE}


class Point(Closed):
    """A WGS 84 position."""

    latitude: float = Field(ge=-90, le=90, description="Degrees north.")
    longitude: float = Field(ge=-180, le=180, description="Degrees east.")


class Place(Closed):
    """A place as it is known: in words, or by any of the nation's identifiers, or on the map."""

    words: str | None = Field(None, min_length=1, max_length=500, description="The place as it was said.")
    postcode: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}$")] | None = Field(
        None, description="Full postcode."
    )
    uprn: Uprn | None = Field(None, description="Unique property reference number, up to 12 digits.")
    point: Point | None = Field(None, description="WGS 84 position.")
    area: Annotated[str, StringConstraints(pattern=identifiers.GSS_CODE)] | None = Field(
        None, description="ONS GSS code of the local authority that the place lies in."
    )


class Span(Closed):
    """A time as people remember it: not before one moment and not after another."""

    earliest: Instant = Field(description="The earliest that it can have been.")
    latest: Instant = Field(description="The latest that it can have been; not before `earliest`.")

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if self.latest < self.earliest:
            raise ValueError("the earliest moment comes first: latest may not lie before earliest")
        return self


ATOMIC: dict[type[BaseModel], Kind] = {Narrative: Kind.NARRATIVE, Place: Kind.PLACE, Span: Kind.SPAN}

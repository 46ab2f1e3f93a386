"""A mapping document: how one table or form of an agency's own system becomes events. JSON, strict, one noun a member.

{"mapping": "harbour-house-form", "version": 1, "title": "…", "zone": "Europe/London",
 "ignored": {"Printed by": "of no use to others"},
 "pass_over": [{"when": [{"column": "Status", "is": ["draft"]}], "because": "not sent in yet"}],
 "events": [{"type": "concordat.child.returned.v1",
             "when": [{"column": "Came back", "filled": true}],
             "fields": [{"to": "returned_at", "column": "Came back", "format": "%d/%m/%Y %H:%M"}]}]}
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from contracts.categories import Category
from contracts.values import Closed, EventType
from contracts.vocabulary import Basis

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=63)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Code = str | bool | int | float | None


class Condition(Closed):
    """What a row must have in one column: one of some texts, or anything at all, or nothing."""

    column: Column
    is_: tuple[str, ...] | None = Field(None, alias="is", min_length=1)
    filled: bool | None = None


class PassOver(Closed):
    """Rows that are no events, known and wanted so."""

    when: tuple[Condition, ...] = Field(min_length=1)
    because: Sentence


class FieldRule(Closed):
    """What fills one field: a column, or the same for every row."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Contract path; items of lists by number: `involved[0].agency`. Within a place: `last_seen.place.postcode`."""
    column: Column | None = None
    constant: Any = None
    empty: tuple[str, ...] = ()
    """Texts that mean nothing here, besides the document's own."""
    codes: dict[str, Code] | None = None
    """The agency's word → the contract's value; null where the word means that there is nothing to say."""
    ignore_case: bool = False
    unmapped: Literal["keep", "leave_out"] = "keep"
    """What becomes of a word that is not among `codes`, where the contract takes the sender's own text."""
    otherwise: bool | None = None
    """What a flag is for any word that is not among `codes`: the careful side. Every use of it is reported."""
    remove: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    """Characters that are taken out first, such as the blanks of an NHS number."""
    format: Annotated[str, StringConstraints(min_length=2, max_length=60)] | None = None
    """How a day or moment is written: %d %m %Y %H %M %S %z; without one, as in the contract."""
    time_of_day: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    """The time that is assumed where the column has a day only. Every use of it is reported."""
    clock_change: Literal["refuse", "earlier", "later"] = "refuse"
    """Which of the two a local time of the hour that the clocks repeat is. Every use of it is reported."""
    prefix: Sentence | None = None
    """Words put before a text or an account."""
    contains: tuple[Category, ...] | None = None
    """What an account contains; without it, it counts as everything."""
    basis: Basis | None = None


class EventRule(Closed):
    """One event that a row may make."""

    type: EventType
    when: tuple[Condition, ...] = ()
    fields: tuple[FieldRule, ...] = Field(min_length=1)


class MappingDocument(Closed):
    """The whole document."""

    mapping: Name
    version: int = Field(ge=1)
    title: Sentence
    source: Sentence | None = None
    """Where the table or form is described."""
    zone: Annotated[str, StringConstraints(max_length=60)] | None = None
    """IANA time zone of local times, such as Europe/London."""
    empty: tuple[str, ...] = ()
    """Texts that mean nothing in any column; an empty text always does."""
    ignored: dict[Column, Sentence] = Field(default_factory=dict)
    """Columns that are not sent, each with the reason."""
    pass_over: tuple[PassOver, ...] = ()
    events: tuple[EventRule, ...] = Field(min_length=1)

    def columns(self) -> frozenset[str]:
        """Return every column that the document reads."""
        conditions = [one for event in self.events for one in event.when]
        conditions += [one for passed in self.pass_over for one in passed.when]
        fields = [field.column for event in self.events for field in event.fields if field.column is not None]
        return frozenset(fields) | {one.column for one in conditions}

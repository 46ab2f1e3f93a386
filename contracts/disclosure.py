"""What is recorded and said of a disclosure: outcomes per field, ledger entries, details, openings, receipts."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from contracts.ledger_entry import Operation


class Outcome(StrEnum):
    """What became of one field for one recipient."""

    RELEASED = "released"
    TRANSFORMED = "transformed"
    WITHHELD = "withheld"


class NotToldReason(StrEnum):
    """Why an involved agency was not told."""

    NO_CLAUSE = "no_clause"
    PROTOCOL_EXPIRED = "protocol_expired"
    UNKNOWN_AGENCY = "unknown_agency"
    NOT_CONFIRMED = "not_confirmed"
    NARROWED_BY_PUBLISHER = "narrowed_by_publisher"
    NOTHING_RELEASED = "nothing_released"
    NO_CHANNEL = "no_channel"
    HUB_ERROR = "hub_error"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldOutcome(_Record):
    """The decision on one field: never its value."""

    path: str
    outcome: Outcome
    transform: str | None = None
    clause: str | None = None
    """`protocol@version#clause` that decided, or None where no clause reached the field."""
    reason: str | None = None
    """A coded reason for a withholding, such as `no_permit`, `forbidden` or `narrowed_by_publisher`."""


class LegalBases(_Record):
    """The legal basis of each side."""

    discloser: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()


class Regimes(_Record):
    """The data protection regime of each side: `uk_gdpr` or `part3` (DPA 2018)."""

    discloser: str | None = None
    recipient: str | None = None


class Detail(_Record):
    """What a decision was and why. The recipient's view has no event id and no publisher; the auditor's has both."""

    disclosure_id: str
    event_type: str
    """The event type in the version that was decided on: the paths in `fields` are this version's."""
    outcome: Operation
    given_as: str | None = None
    """The event type in the version that the recipient was given, where that is another."""
    episode: str | None = None
    """The episode's random pseudonym, or None for an event about a child."""
    event_id: str | None = None
    publisher: str | None = None
    protocol: str | None = None
    protocol_hash: str | None = None
    clauses: tuple[str, ...] = ()
    fields: tuple[FieldOutcome, ...] = ()
    purposes: tuple[str, ...] = ()
    legal_bases: LegalBases = LegalBases()
    regimes: Regimes = Regimes()
    reason: str | None = None


class Opened(_Record):
    """The key and the value that a commitment was made over."""

    key: str
    value: dict[str, Any]


class Opening(_Record):
    """What opens an entry's commitments for one caller."""

    id: str
    commitments: dict[str, Opened]


class Told(_Record):
    """One agency that was told, with the number of the event's fields by outcome."""

    agency: str
    role: str
    disclosure_id: str
    protocol: str
    released: int
    transformed: int
    withheld: int


class NotTold(_Record):
    """One involved agency that was not told, and whether somebody must ring it."""

    agency: str
    reason: NotToldReason
    ring: bool
    detail: str


class Caution(_Record):
    """Something the publisher should put right; the event was accepted all the same."""

    code: str
    pointer: str | None = None
    detail: str | None = None


class Receipt(_Record):
    """The answer to an accepted event."""

    event_id: str
    source: str
    accepted_at: str
    subject: str | None = None
    """What the event is about; for a child, with the handle that the hub gave."""
    episode: str | None = None
    entry: str
    told: tuple[Told, ...] = ()
    not_told: tuple[NotTold, ...] = ()
    warnings: tuple[Caution, ...] = Field(default=())

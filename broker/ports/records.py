"""Rows as the flows see them. `content` is clear here and sealed at rest: sealing is the store's own business.

A *scope* names the data key that seals a content: the subject of the event and the controller whose event it was.
Erasing the key of a scope erases every content under it; such a content then reads as None.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from contracts.disclosure import NotToldReason
from contracts.ledger_entry import Operation
from contracts.vocabulary import AcknowledgementAction


class Scope(NamedTuple):
    """Whose data key seals a content."""

    subject: str
    """`episode/<id>`, `child/<handle>`, or `hub` for the hub's own records."""
    controller: str
    """Agency id of the controller, or `hub`."""


@dataclass(frozen=True)
class EventRecord:
    """One accepted event. (source, id) is unique: that is the idempotency key."""

    source: str
    id: str
    type: str
    subject: str
    controller: str
    mac: bytes
    """Keyed MAC of the attributes and data as sent, to tell a retry from another event under the same id."""
    accepted_at: datetime
    entry: str
    content: bytes | None
    """The CloudEvent, absolute source, data in contract order; sealed."""
    receipt: bytes | None
    """The receipt, so that a retry is answered with the same; sealed."""
    order: int = 0
    """Position in the order of acceptance; given by the store."""


class EntryRecord(NamedTuple):
    """One ledger entry: the exact leaf, and what opens its commitments."""

    id: str
    operation: Operation
    leaf: bytes
    leaf_hash: bytes
    scope: Scope | None = None
    opening: bytes | None = None
    """JSON of keys and details; sealed. None for padding."""
    place: int = -1
    """Place in the tree; -1 until it is stored."""


class DisclosureRecord(NamedTuple):
    """What one recipient was told of one event, or that it was not told. Its id is its ledger entry's id."""

    id: str
    event_source: str
    event_id: str
    type: str
    """In the version in which the recipient was told; of a withholding, the one that was decided on."""
    subject: str
    child: str | None
    """Handle of the child that the episode is about, if known."""
    publisher: str
    """Controller of the event."""
    recipient: str
    roles: tuple[str, ...]
    outcome: Operation
    """DISCLOSED or WITHHELD."""
    reason: NotToldReason | None
    at: datetime
    event_time: datetime
    protocol: str | None = None
    released: tuple[str, ...] = ()
    """Paths released or transformed, for search."""
    withheld: tuple[str, ...] = ()
    generation: int | None = None
    number: int | None = None
    trace: str | None = None
    """`traceparent` of the acceptance (W3C Trace Context): the hub's own telemetry goes on from it at each delivery."""


class Undelivered(NamedTuple):
    """What of a disclosure is asked when its delivery is confirmed. Fields as in DisclosureRecord."""

    id: str
    type: str
    subject: str
    publisher: str
    recipient: str
    number: int
    trace: str | None


class MailRecord(NamedTuple):
    """One numbered message in a recipient's mailbox."""

    recipient: str
    generation: int
    number: int
    disclosure: str
    type: str
    subject: str
    scope: Scope
    content: bytes | None
    """The CloudEvent as this recipient gets it, one line of JSON; sealed. None once erased."""
    at: datetime


@dataclass(frozen=True)
class Delivery:
    """A recipient's machine has confirmed that it holds a message."""

    disclosure: str
    channel: str
    at: datetime
    in_order: bool = False
    """Whether the mailbox's `confirmed` reaches it, which then says that it has arrived."""


@dataclass(frozen=True)
class AcknowledgementRecord:
    """A person at the recipient has seen a message, or says what they do about it."""

    id: str
    disclosure: str
    agency: str
    action: AcknowledgementAction
    at: datetime
    scope: Scope
    content: bytes | None
    """JSON of who and the note; sealed."""


class Position(NamedTuple):
    """A place in a mailbox: `<generation>.<number>`. Number 0 is before the first message."""

    generation: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Read `<generation>.<number>`; ValueError if it is anything else."""
        generation, dot, number = text.partition(".")
        fits = generation.isascii() and generation.isdigit() and number.isascii() and number.isdigit()
        if not dot or not fits or len(text) > 40:  # noqa: PLR2004 (two 64-bit numbers and a dot)
            raise ValueError("a position is <generation>.<number>, as given in concordatsequence")
        return cls(int(generation), int(number))

    def __str__(self) -> str:
        return f"{self.generation}.{self.number}"


class Mailbox(NamedTuple):
    """Where a recipient's mailbox stands."""

    recipient: str
    generation: int
    top: int
    """Highest number given; 0 if none."""
    kept_from: int = 1
    """Lowest number still kept."""
    confirmed: int = 0
    """Up to this number the recipient's machine has dealt with everything."""

    def is_new(self, position: Position) -> bool:
        """Say whether a position was given here and is beyond what has been confirmed."""
        return position.generation == self.generation and self.confirmed < position.number <= self.top


@dataclass(frozen=True)
class ProtocolRecord:
    """One version of a protocol at this hub."""

    name: str
    version: int
    document: dict[str, object]
    fingerprint: str
    signed_by: frozenset[str]
    activated_at: datetime | None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class CheckpointRecord:
    """One published checkpoint."""

    size: int
    root: bytes
    note: str
    at: datetime


@dataclass(frozen=True)
class DisclosureFilter:
    """What an auditor asks for. `agency` limits to what that agency disclosed or received; None is oversight."""

    agency: str | None
    received_only: bool = False
    recipient: str | None = None
    publisher: str | None = None
    episode: str | None = None
    child: str | None = None
    type: str | None = None
    protocol: str | None = None
    field: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: str | None = None
    before: str | None = None
    """Disclosure id to continue below: newest first."""
    limit: int = 100


@dataclass(frozen=True)
class ToldRow:
    """One line of a told matrix: one agency, one event."""

    type: str
    event_time: datetime
    agency: str
    roles: tuple[str, ...]
    disclosure: str
    told_at: datetime
    delivered_at: datetime | None
    seen_at: datetime | None
    acting_at: datetime | None
    actioned_at: datetime | None = None
    publisher: str = ""
    event_source: str = ""
    event_id: str = ""


@dataclass(frozen=True)
class DueDeadline:
    """A running deadline whose time has come."""

    id: str
    episode: str
    due_at: datetime

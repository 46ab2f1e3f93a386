"""What the relay from mailboxes to a message stream keeps in the database, and the stream as its flow needs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from broker.ports.records import MailRecord, Position


@dataclass(frozen=True)
class Lease:
    """One replica's right to do work that only one may do at a time."""

    name: str
    holder: str
    term: int
    """Grows with every change of holder: what a former holder still writes is known by its lower term."""
    expires_at: datetime


@dataclass(frozen=True)
class OutStream:
    """The stream as the database last knew it."""

    name: str
    created: str
    """Time of creation in the server's own words: a stream that was made anew has another."""
    last_sequence: int
    """Highest sequence that the server has confirmed."""
    fingerprint: str | None
    """Of the server's at-rest key when the stream was made."""


@dataclass(frozen=True)
class OutPosition:
    """How far one recipient's mail has gone."""

    recipient: str
    generation: int
    stored: int
    """Up to this number it was stored in the stream."""
    acked: int = 0
    """Up to this number the recipient's machine has confirmed it all: what a rebuild goes on from."""
    acked_sequence: int = 0
    """The same place as a sequence of the present stream."""


@dataclass(frozen=True)
class ChannelKey:
    """One of the keys under which a recipient's messages lie in the stream. The key itself is in the key vault."""

    kid: str
    agency: str
    begun_at: datetime


@dataclass(frozen=True)
class Stretch:
    """A run of numbers of one mailbox, both ends included."""

    recipient: str
    generation: int
    first: int
    last: int


class Letter(NamedTuple):
    """A message on its way, with the trace of its acceptance."""

    mail: MailRecord
    trace: str | None


class Standing(StrEnum):
    """How the stream stands against what the database knows of it."""

    FRESH = "fresh"
    """Neither knows of a stream: one may be made."""
    SOUND = "sound"
    AWAY = "away"
    """The server does not answer."""
    UNHEALTHY = "unhealthy"
    """The server says itself that its store is not well."""
    WRONG_KEY = "wrong_key"
    """The server runs with another at-rest key than the stream was made under: making a stream destroys the old one."""
    MISSING = "missing"
    """The database knows a stream, and the server has none."""
    REPLACED = "replaced"
    """The server has a stream that this hub has not made."""
    BEHIND = "behind"
    """The stream has lost messages that it had confirmed."""
    AHEAD = "ahead"
    """The stream holds mail that this database does not know: the database is older than the stream."""
    HASTY = "hasty"
    """The stream's running settings let it confirm what it may yet lose."""

    @property
    def needs_rebuild(self) -> bool:
        """Whether the operator must decide: nothing is sent until `concordat nats rebuild` has run."""
        return self in (Standing.MISSING, Standing.REPLACED, Standing.BEHIND, Standing.AHEAD, Standing.HASTY)


@dataclass(frozen=True)
class End:
    """The last message of one recipient in the stream."""

    position: Position | None
    """Its place in the mailbox; None if the stream holds none."""
    sequence: int
    """Its sequence in the stream; 0 if there is none."""


class Parcel(NamedTuple):
    """One message as it will lie in the stream."""

    recipient: str
    token: str
    """The recipient's account key: the second token of the subject."""
    type: str
    position: Position
    headers: Mapping[str, str]
    body: bytes


class Fenced(Exception):
    """Somebody else has stored for one of these recipients: for that one nothing was stored. Look again and go on."""


class StreamUnavailable(Exception):
    """The stream did not answer or did not take it all; what was stored may be unknown. Look again later."""


class Stream(Protocol):
    """The stream that recipients read from."""

    async def admit(self, token: str, position: OutPosition | None) -> None:
        """Make sure that a recipient can read, from what it has not confirmed yet. Raises StreamUnavailable."""
        ...

    async def end(self, token: str) -> End:
        """Return the last message of a recipient. Raises StreamUnavailable."""
        ...

    async def store(self, parcels: Sequence[Parcel], ends: Mapping[str, int]) -> Sequence[int]:
        """Store parcels, each recipient's in their order and without a gap; return the sequence of each.

        `ends` says by token which sequence is the last of each recipient's. Raises Fenced, StreamUnavailable: then
        the first of some recipients may be stored, and nothing more will be.
        """
        ...

"""Webhook rows as the flows see them: endpoints, what is queued for them, what was attempted.

An endpoint's address and keys are clear here and sealed at rest. A queued message has no content of its own: it is read
from the mailbox when it is sent, so that what has been erased there is sent no more.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from broker.delivery.order import State
from broker.delivery.schedule import Outcome
from broker.delivery.signature import Keys
from broker.delivery.subscription import Subscription
from broker.ports.records import Position


class SwitchedOff(StrEnum):
    """Why an endpoint is sent nothing."""

    BY_AGENCY = "agency"
    GONE = "gone"
    """It answered 410."""


@dataclass(frozen=True)
class Endpoint:
    """One address to which an agency has its mail sent."""

    id: str
    agency: str
    url: str = field(repr=False)
    """Sealed: an address may hold a password of the agency's own."""
    subscription: Subscription
    keys: Keys
    created_at: datetime
    cursor: Position
    """Up to here the agency's mailbox has been queued for it."""
    switched_off: SwitchedOff | None = None
    switched_off_at: datetime | None = None
    former_keys: Keys | None = None
    """What it was signed with before a rotation."""
    former_until: datetime | None = None
    failing_since: datetime | None = None
    """When the first of the attempts failed that have failed since the last success."""

    def signing_keys(self, now: datetime) -> tuple[Keys, ...]:
        """Return the keys to sign with: during a rotation both."""
        if self.former_keys is None or self.former_until is None or now >= self.former_until:
            return (self.keys,)
        return (self.keys, self.former_keys)


@dataclass(frozen=True)
class MailPlace:
    """One message of a mailbox, without its content."""

    generation: int
    number: int
    disclosure: str
    type: str
    subject: str

    @property
    def position(self) -> Position:
        """Its place."""
        return Position(self.generation, self.number)


@dataclass(frozen=True)
class Queued:
    """One message of the mailbox on its way to one endpoint."""

    endpoint: str
    generation: int
    number: int
    disclosure: str
    lane: str
    """The subject whose messages keep their order."""
    state: State
    due_at: datetime
    tries: int = 0
    """Attempts in this round: the schedule's place."""
    stepped_over: bool = False

    @property
    def position(self) -> Position:
        """Its place in the mailbox."""
        return Position(self.generation, self.number)


@dataclass(frozen=True)
class Attempt:
    """One request that was made, or refused to be made. Never holds a body, an address or a header."""

    id: str
    endpoint: str
    message: str
    """The disclosure's id; of a test an id of its own."""
    position: Position | None
    """None for a test, which is of no mailbox."""
    at: datetime
    milliseconds: int
    outcome: Outcome
    status: int | None
    """The HTTP status, if there was an answer."""

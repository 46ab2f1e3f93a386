"""What is known where an event comes in alone."""

from typing import NamedTuple

from broker.casework.episode import Episode
from broker.ports.records import EventRecord, Mailbox


class Background(NamedTuple):
    """What the taking in of one event asks for, read in one go: to a database most questions cost the same."""

    event: EventRecord | None
    """The event that was accepted under its idempotency key."""
    episode: Episode | None
    """How its episode stands; None for one that is not known or was erased, and for an event about a child."""
    pseudonym: str | None
    """The random name of its subject."""
    known: frozenset[str]
    """Agencies that its publisher knows of in connection with its subject."""
    mailboxes: frozenset[Mailbox]
    """Where the mailboxes of all those stand, and that of its publisher."""

"""Reading a mailbox in the order of its numbers, whichever way it is read."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from broker.ports.records import Mailbox, MailRecord, Position
from broker.ports.store import View
from contracts.envelope import rfc3339
from contracts.events.mailbox import ERASED, GAP


@dataclass(frozen=True)
class MailPage:
    """Some messages in order, and where to read on."""

    items: tuple[bytes, ...]
    """Each a CloudEvent on one line of JSON."""
    positions: tuple[Position, ...]
    next: Position
    """The highest position examined: nothing at or below it is left to read under this filter."""
    gap: bool
    """Whether the position asked for is not one to go on from; reading began at what is kept."""
    kept_from: Position


def read_mail(
    view: View,
    recipient: str,
    after: Position | None,
    limit: int,
    types: Sequence[str] = (),
    episode: str | None = None,
    *,
    hub: str,
) -> MailPage:
    """Read at most `limit` messages after a position, or from the first that is kept."""
    mailbox = view.mailbox(recipient)
    first = Position(mailbox.generation, mailbox.kept_from - 1)
    start = first if after is None else start_after(mailbox, after)
    fits = after is not None and start == after
    subject = None if episode is None else f"episode/{episode}"
    mail = view.mail(recipient, start, limit, types=types, subject=subject)
    positions = tuple(Position(one.generation, one.number) for one in mail)
    full = len(mail) == limit
    return MailPage(
        items=tuple(line_of(one, hub) for one in mail),
        positions=positions,
        next=positions[-1] if full else Position(first.generation, max(mailbox.top, start.number)),
        gap=after is not None and not fits,
        kept_from=Position(mailbox.generation, mailbox.kept_from),
    )


def start_after(mailbox: Mailbox, after: Position) -> Position:
    """Return the position to read on from: the one given if it is one to go on from, else before the first kept."""
    first = Position(mailbox.generation, mailbox.kept_from - 1)
    fits = after.generation == first.generation and first.number <= after.number <= mailbox.top
    return after if fits else first


def line_of(mail: MailRecord, hub: str) -> bytes:
    """Return the message, or the tombstone that keeps its number when its content has been erased."""
    if mail.content is not None:
        return mail.content
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": mail.disclosure,
            "source": hub,
            "type": ERASED,
            "time": rfc3339(mail.at),
            "datacontenttype": "application/json",
            "concordatsequence": f"{mail.generation}.{mail.number}",
            "data": {},
        }
    )


def gap_notice(event_id: str, hub: str, asked: Position, page: MailPage, at: str) -> bytes:
    """Return the message that tells a reader that it has not read everything: where it was, and what is still kept."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": hub,
            "type": GAP,
            "time": at,
            "datacontenttype": "application/json",
            "data": {"asked_after": str(asked), "kept_from": str(page.kept_from)},
        }
    )

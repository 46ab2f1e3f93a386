"""Delivered: the recipient's machine has confirmed that it holds a message. Not yet that anybody has read it."""

from collections.abc import Callable, Container

from broker.flows import record, tracing
from broker.flows.draft import Draft
from broker.flows.parts import Parts
from broker.ports.records import Delivery, DisclosureRecord, Position, Scope, Undelivered
from contracts.envelope import rfc3339
from contracts.ledger_entry import Operation


def confirm(
    draft: Draft,
    recipient: str,
    position: Position,
    channel: str,
    parts: Parts,
    was_sent: Callable[[Undelivered], bool] | None = None,
    *,
    refused: Container[str] = (),
    most: int | None = None,
) -> int:
    """Record everything up to a position as delivered, or only the first `most` of it; return how many are new.

    A position of another generation, or beyond what was sent, confirms nothing: it cannot have been read from here.
    A reader that had filtered its mailbox confirms what it was sent, and not what it had asked not to be sent. What a
    machine has refused for good is dealt with, and not delivered.
    """
    mailbox = draft.mailbox(recipient)
    if not mailbox.is_new(position):
        return 0
    undelivered = draft.undelivered(recipient, position, most)
    is_whole = was_sent is None
    fresh = [one for one in undelivered if one.id not in refused and (was_sent is None or was_sent(one))]
    for disclosure in fresh:
        deliver(draft, disclosure, channel, parts, in_order=is_whole)
    if is_whole:
        is_all = most is None or len(undelivered) < most
        reached = position.number if is_all else max((one.number for one in undelivered), default=mailbox.confirmed)
        draft.put_mailbox(mailbox._replace(confirmed=reached))
    return len(fresh)


def deliver(
    draft: Draft, disclosure: DisclosureRecord | Undelivered, channel: str, parts: Parts, *, in_order: bool = False
) -> None:
    """Record one delivery, in the trace that began with the acceptance; `in_order` as in Delivery."""
    now = parts.clock.now()
    tracing.note("deliver", disclosure.trace, channel=channel)
    draft.add_delivery(Delivery(disclosure.id, channel, now, in_order))
    draft.entries.append(
        record.entry(
            parts,
            Operation.DELIVERED,
            entry_id=parts.new_id(),
            at=now,
            actor=parts.own_name,
            recipient=parts.name_of(disclosure.recipient),
            scope=Scope(disclosure.subject, disclosure.publisher),
            commitments={
                "full_detail": record.whole(
                    {"disclosure": disclosure.id, "channel": channel, "delivered_at": rfc3339(now)}
                )
            },
        )
    )


def arrived(draft: Draft, disclosure_id: str, channel: str, parts: Parts) -> None:
    """Record that one message has arrived, unless it has already."""
    disclosure = draft.disclosure(disclosure_id)
    if disclosure is not None and not draft.has_arrived(disclosure_id):
        deliver(draft, disclosure, channel, parts)

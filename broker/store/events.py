"""Accepted events at rest."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from broker.ports.records import EventRecord, Scope
from broker.store import tables
from broker.store.session import Session, chunks

_CONTENT = "event.content"
_RECEIPT = "event.receipt"
# Kept: they are asked for every event that comes in.
_BY_KEY = select(tables.events).where(
    tables.events.c.source == bindparam("source"), tables.events.c.id == bindparam("id")
)


class EventsReading(Session):
    """Reads accepted events."""

    def event(self, source: str, event_id: str) -> EventRecord | None:
        """Return the event accepted under this idempotency key."""
        row = self._one(_BY_KEY, source=source, id=event_id)
        return None if row is None else self._event(row)

    def events_of(self, source: str, ids: Iterable[str]) -> dict[str, EventRecord]:
        """Return those of a source's events that have been accepted, by id."""
        query = select(tables.events).where(tables.events.c.source == source)
        rows = [row for some in chunks(ids) for row in self._rows(query.where(tables.events.c.id.in_(some)))]
        return {row.id: self._event(row) for row in rows}

    def event_of_entry(self, entry_id: str) -> EventRecord | None:
        """Return the event whose acceptance an entry records."""
        row = self._row(select(tables.events).where(tables.events.c.entry == entry_id))
        return None if row is None else self._event(row)

    def events_about(self, subject: str) -> tuple[EventRecord, ...]:
        """Return the events about a subject in order of acceptance."""
        query = select(tables.events).where(tables.events.c.subject == subject).order_by(tables.events.c.sequence)
        return tuple(self._event(row) for row in self._rows(query))

    def _event(self, row: Any) -> EventRecord:
        scope, place = Scope(row.subject, row.controller), (row.source, row.id)
        return EventRecord(
            source=row.source,
            id=row.id,
            type=row.type,
            subject=row.subject,
            controller=row.controller,
            mac=row.mac,
            accepted_at=row.accepted_at,
            entry=row.entry,
            content=self._seals.open(scope, _CONTENT, place, row.content),
            receipt=self._seals.open(scope, _RECEIPT, place, row.receipt),
            order=row.sequence,
        )


class EventsWriting(EventsReading):
    """Keeps accepted events."""

    def add_events(self, events: Sequence[EventRecord]) -> None:
        """Keep events, in this order of acceptance; their own `order` is not read."""
        if not events:
            return
        self._seals.prepare(Scope(event.subject, event.controller) for event in events)
        orders = self._numbers(tables.events, len(events))
        self._add(tables.events, [self._event_row(event, order) for order, event in zip(orders, events, strict=True)])

    def _event_row(self, event: EventRecord, order: int) -> dict[str, object]:
        scope, place = Scope(event.subject, event.controller), (event.source, event.id)
        content, receipt = event.content, event.receipt
        return {
            "sequence": order,
            "source": event.source,
            "id": event.id,
            "type": event.type,
            "subject": event.subject,
            "controller": event.controller,
            "mac": event.mac,
            "accepted_at": event.accepted_at,
            "entry": event.entry,
            "content": None if content is None else self._seals.seal(scope, _CONTENT, place, content),
            "receipt": None if receipt is None else self._seals.seal(scope, _RECEIPT, place, receipt),
        }

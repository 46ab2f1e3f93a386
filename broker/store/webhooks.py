"""The queue of webhooks at rest, and what was attempted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, select, tuple_, update

from broker.delivery.order import State
from broker.delivery.schedule import Outcome
from broker.ports.records import Position
from broker.ports.webhooks import Attempt, MailPlace, Queued
from broker.store import tables
from broker.store.session import Session

_queue, _attempts = tables.webhook_queue, tables.webhook_attempts
_place = tuple_(_queue.c.generation, _queue.c.number)
_UNFINISHED = tuple(state.value for state in State if not state.is_finished)


class WebhooksReading(Session):
    """Reads queue and attempts."""

    def mail_places(self, recipient: str, after: Position, limit: int) -> tuple[MailPlace, ...]:
        """Return up to `limit` places of a mailbox after a position, in order, without opening what is in them."""
        mail = tables.mail
        query = (
            select(mail.c.generation, mail.c.number, mail.c.disclosure, mail.c.type, mail.c.subject)
            .where(mail.c.recipient == recipient)
            .where(tuple_(mail.c.generation, mail.c.number) > (after.generation, after.number))
            .order_by(mail.c.generation, mail.c.number)
            .limit(limit)
        )
        return tuple(
            MailPlace(row.generation, row.number, row.disclosure, row.type, row.subject) for row in self._rows(query)
        )

    def has_arrived(self, disclosure: str) -> bool:
        """Say whether some machine of the recipient has confirmed a message."""
        arrivals = tables.deliveries
        return bool(self._connection.execute(select(exists().where(arrivals.c.disclosure == disclosure))).scalar_one())

    def queued(self, endpoint_id: str, place: Position) -> Queued | None:
        """Return one message on its way to an endpoint, by its place in the mailbox."""
        row = self._row(
            select(_queue).where(_queue.c.endpoint == endpoint_id, _place == (place.generation, place.number))
        )
        return None if row is None else _queued(row)

    def due_webhooks(self, endpoint_id: str, now: datetime, limit: int) -> tuple[Queued, ...]:
        """Return messages that may go and are due: those that keep failing after all others, then the longest due."""
        query = select(_queue).where(
            _queue.c.endpoint == endpoint_id, _queue.c.state == State.WAITING.value, _queue.c.due_at <= now
        )
        ordered = query.order_by(_queue.c.stepped_over, _queue.c.due_at, _queue.c.generation, _queue.c.number)
        return tuple(_queued(row) for row in self._rows(ordered.limit(limit)))

    def lane(self, endpoint_id: str, lane: str, limit: int) -> tuple[Queued, ...]:
        """Return the first unfinished messages of a lane, in order, that have not been stepped over."""
        query = select(_queue).where(
            _queue.c.endpoint == endpoint_id,
            _queue.c.lane == lane,
            _queue.c.state.in_(_UNFINISHED),
            _queue.c.stepped_over.is_(False),
        )
        ordered = query.order_by(_queue.c.generation, _queue.c.number)
        return tuple(_queued(row) for row in self._rows(ordered.limit(limit)))

    def attempts(self, endpoint_id: str, before: str | None, limit: int) -> tuple[Attempt, ...]:
        """Return attempts, newest first, below the one of that id."""
        query = select(_attempts).where(_attempts.c.endpoint == endpoint_id)
        if before is not None:
            mark = _attempts.alias("mark")
            query = query.where(
                _attempts.c.sequence < select(mark.c.sequence).where(mark.c.id == before).scalar_subquery()
            )
        return tuple(_attempt(row) for row in self._rows(query.order_by(_attempts.c.sequence.desc()).limit(limit)))

    def attempt(self, endpoint_id: str, attempt_id: str) -> Attempt | None:
        """Return one attempt of an endpoint."""
        row = self._row(select(_attempts).where(_attempts.c.endpoint == endpoint_id, _attempts.c.id == attempt_id))
        return None if row is None else _attempt(row)


class WebhooksWriting(WebhooksReading):
    """Fills the queue and records what was attempted."""

    def add_queued(self, rows: Sequence[Queued]) -> None:
        """Queue messages; one that is there already is left alone."""
        self._add_missing(_queue, [_queue_row(one) for one in rows])

    def put_queued(self, rows: Sequence[Queued]) -> None:
        """Say where messages stand now."""
        self._put(_queue, [_queue_row(one) for one in rows])

    def requeue(self, endpoint_id: str, after: Position, at: datetime) -> None:
        """Begin a new round for everything after a position that has not arrived, in the order of each lane."""
        self._connection.execute(
            update(_queue)
            .where(
                _queue.c.endpoint == endpoint_id,
                _place > (after.generation, after.number),
                _queue.c.state != State.DELIVERED.value,
            )
            .values(state=State.HELD.value, tries=0, stepped_over=False, due_at=at)
        )
        before = _queue.alias("before")
        ahead = exists().where(
            before.c.endpoint == _queue.c.endpoint,
            before.c.lane == _queue.c.lane,
            before.c.state.in_(_UNFINISHED),
            before.c.stepped_over.is_(False),
            tuple_(before.c.generation, before.c.number) < _place,
        )
        self._connection.execute(
            update(_queue)
            .where(_queue.c.endpoint == endpoint_id, _queue.c.state == State.HELD.value, ~ahead)
            .values(state=State.WAITING.value)
        )

    def release_all(self, endpoint_id: str) -> None:
        """Hold nothing back any longer: order no longer matters to the endpoint."""
        held = update(_queue).where(_queue.c.endpoint == endpoint_id, _queue.c.state == State.HELD.value)
        self._connection.execute(held.values(state=State.WAITING.value))

    def add_attempts(self, attempts: Sequence[Attempt]) -> None:
        """Record attempts, in this order."""
        if not attempts:
            return
        last = self._connection.execute(select(func.coalesce(func.max(_attempts.c.sequence), 0))).scalar_one()
        self._add(_attempts, [_attempt_row(one, sequence) for sequence, one in enumerate(attempts, last + 1)])

    def forget_webhooks(self, before: datetime) -> None:
        """Forget attempts made before a moment, and what was finished before it."""
        self._connection.execute(delete(_attempts).where(_attempts.c.at < before))
        finished = _queue.c.state.not_in(_UNFINISHED)
        self._connection.execute(delete(_queue).where(finished, _queue.c.due_at < before))


def _queue_row(one: Queued) -> dict[str, object]:
    return {
        "endpoint": one.endpoint,
        "generation": one.generation,
        "number": one.number,
        "disclosure": one.disclosure,
        "lane": one.lane,
        "state": one.state.value,
        "due_at": one.due_at,
        "tries": one.tries,
        "stepped_over": one.stepped_over,
    }


def _queued(row: Row[Any]) -> Queued:
    return Queued(
        endpoint=row.endpoint,
        generation=row.generation,
        number=row.number,
        disclosure=row.disclosure,
        lane=row.lane,
        state=State(row.state),
        due_at=row.due_at,
        tries=row.tries,
        stepped_over=row.stepped_over,
    )


def _attempt_row(one: Attempt, sequence: int) -> dict[str, object]:
    return {
        "sequence": sequence,
        "id": one.id,
        "endpoint": one.endpoint,
        "message": one.message,
        "generation": None if one.position is None else one.position.generation,
        "number": None if one.position is None else one.position.number,
        "at": one.at,
        "milliseconds": one.milliseconds,
        "outcome": one.outcome.value,
        "status": one.status,
    }


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        id=row.id,
        endpoint=row.endpoint,
        message=row.message,
        position=None if row.generation is None else Position(row.generation, row.number),
        at=row.at,
        milliseconds=row.milliseconds,
        outcome=Outcome(row.outcome),
        status=row.status,
    )

"""Endpoints at rest: what agencies asked for, with their sealed addresses and keys."""

import base64
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, and_, delete, or_, select, tuple_, update

from broker.delivery.order import State
from broker.delivery.signature import Keys
from broker.delivery.subscription import Content, Order, Subscription
from broker.ports.records import Position, Scope
from broker.ports.webhooks import Endpoint, SwitchedOff
from broker.store import tables
from broker.store.leases import LeasesReading, LeasesWriting

_SECRETS = "endpoint.secrets"
_table, _queue = tables.endpoints, tables.webhook_queue

_ANY = select(_table.c.id).limit(1)
"""Asked at every wake-up: a hub without webhooks looks no further."""


class EndpointsReading(LeasesReading):
    """Reads endpoints."""

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Return one endpoint; None if there is none, or if its agency's key has been erased."""
        row = self._row(select(_table).where(_table.c.id == endpoint_id))
        return None if row is None else self._endpoint(row)

    def endpoints(self, agency: str) -> tuple[Endpoint, ...]:
        """Return an agency's endpoints by id."""
        rows = self._rows(select(_table).where(_table.c.agency == agency).order_by(_table.c.id))
        return tuple(one for row in rows if (one := self._endpoint(row)) is not None)

    def has_endpoints(self) -> bool:
        """Say whether any agency has an endpoint."""
        return self._one(_ANY) is not None

    def endpoints_with_work(self, holder: str, now: datetime) -> tuple[tuple[str, str], ...]:
        """Return id and agency of those switched on with unread mail or a message due, and that no other works."""
        boxes = tables.mailboxes
        unread = tuple_(boxes.c.generation, boxes.c.top) > tuple_(_table.c.cursor_generation, _table.c.cursor_number)
        due = select(_queue.c.endpoint).where(
            _queue.c.endpoint == _table.c.id, _queue.c.state == State.WAITING.value, _queue.c.due_at <= now
        )
        others = self._worked_by_others(_table.c.id, holder, now)
        query = (
            select(_table.c.id, _table.c.agency)
            .outerjoin(boxes, boxes.c.recipient == _table.c.agency)
            .where(_table.c.switched_off.is_(None), or_(and_(boxes.c.top > 0, unread), due.exists()), ~others)
            .order_by(_table.c.id)
        )
        return tuple((row.id, row.agency) for row in self._rows(query))

    def _endpoint(self, row: Row[Any]) -> Endpoint | None:
        secrets = self._seals.open(_scope(row.agency), _SECRETS, (row.id,), row.secrets)
        if secrets is None:
            return None
        told = orjson.loads(secrets)
        return Endpoint(
            id=row.id,
            agency=row.agency,
            url=told["url"],
            subscription=Subscription(row.types, Content(row.content), Order(row.order)),
            keys=_keys(told["keys"]),
            created_at=row.created_at,
            cursor=Position(row.cursor_generation, row.cursor_number),
            switched_off=None if row.switched_off is None else SwitchedOff(row.switched_off),
            switched_off_at=row.switched_off_at,
            former_keys=None if told["former"] is None else _keys(told["former"]),
            former_until=row.former_until,
            failing_since=row.failing_since,
        )


class EndpointsWriting(LeasesWriting, EndpointsReading):
    """Changes endpoints."""

    def put_endpoint(self, one: Endpoint) -> None:
        """Add an endpoint, or replace it."""
        told = {"url": one.url, "keys": _text(one.keys), "former": one.former_keys and _text(one.former_keys)}
        row = {
            "id": one.id,
            "agency": one.agency,
            "types": one.subscription.types,
            "content": one.subscription.content.value,
            "order": one.subscription.order.value,
            "created_at": one.created_at,
            "cursor_generation": one.cursor.generation,
            "cursor_number": one.cursor.number,
            "switched_off": None if one.switched_off is None else one.switched_off.value,
            "switched_off_at": one.switched_off_at,
            "former_until": one.former_until,
            "failing_since": one.failing_since,
            "secrets": self._seals.seal(_scope(one.agency), _SECRETS, (one.id,), orjson.dumps(told)),
        }
        self._put(_table, [row])

    def move_cursor(self, endpoint_id: str, cursor: Position) -> None:
        """Say up to where the mailbox has been queued for an endpoint."""
        moved = {"cursor_generation": cursor.generation, "cursor_number": cursor.number}
        self._connection.execute(update(_table).where(_table.c.id == endpoint_id).values(moved))

    def mark_failing(self, endpoint_id: str, since: datetime | None) -> None:
        """Say since when an endpoint has not answered well; None if it does."""
        self._connection.execute(update(_table).where(_table.c.id == endpoint_id).values(failing_since=since))

    def remove_endpoint(self, endpoint_id: str) -> None:
        """Forget an endpoint with its keys, its queue and its attempts."""
        for table in (tables.webhook_attempts, _queue):
            self._connection.execute(delete(table).where(table.c.endpoint == endpoint_id))
        self.forget_endpoint_lease(endpoint_id)
        self._connection.execute(delete(_table).where(_table.c.id == endpoint_id))


def _scope(agency: str) -> Scope:
    return Scope("hub", agency)


def _text(keys: Keys) -> list[str]:
    return [base64.b64encode(half).decode() for half in (keys.secret, keys.seed)]


def _keys(text: list[str]) -> Keys:
    secret, seed = (base64.b64decode(half) for half in text)
    return Keys(secret, seed)

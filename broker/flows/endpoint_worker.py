"""Works one endpoint: reads the mailbox into its queue, sends what is due, and ends when nothing is."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import structlog

from broker.delivery.schedule import Outcome
from broker.delivery.subscription import Content
from broker.flows.deliver import arrived
from broker.flows.hub import Hub
from broker.flows.members import Members
from broker.flows.queue import Ended, abandon, enqueue
from broker.flows.settling import Settling
from broker.flows.webhook import Courier, body_of
from broker.ports.records import MailRecord, Position
from broker.ports.store import StoreUnavailable, Unit, View
from broker.ports.vault import VaultUnavailable
from broker.ports.webhooks import Attempt, Endpoint, Queued

T = TypeVar("T")

log = structlog.get_logger("concordat.webhooks")

CHANNELS = {Content.FULL: "webhook", Content.NOTICE: "webhook_notice"}
"""What the record of a delivery says of the way: after a notice the content has yet to be fetched."""


class Reading(Protocol):
    """Looks at committed state, in a thread."""

    def __call__(self, look: Callable[[View], T], /) -> Awaitable[T]: ...


class Writing(Protocol):
    """Changes the state in one transaction, in a thread."""

    def __call__(self, change: Callable[[Unit], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True)
class _Seen:
    endpoint: Endpoint
    has_unread: bool
    due: tuple[Queued, ...]


class EndpointWorker:
    """One endpoint's worker, for as long as there is work."""

    def __init__(
        self,
        endpoint_id: str,
        hub: Hub,
        courier: Courier,
        settling: Settling,
        members: Members,
        at_once: int,
        read: Reading,
        write: Writing,
    ) -> None:
        self._endpoint_id = endpoint_id
        self._hub = hub
        self._courier = courier
        self._settling = settling
        self._members = members
        self._at_once = at_once
        self._read = read
        self._write = write
        self._nudged = asyncio.Event()
        self._under_way: dict[Position, asyncio.Task[None]] = {}

    def nudge(self) -> None:
        """Have the worker look again: there may be something new."""
        self._nudged.set()

    async def run(self) -> None:
        """Work until nothing is due. Raises what an attempt raises that could not be recorded."""
        try:
            while True:
                self._nudged.clear()
                seen = await self._see()
                if seen is None:
                    await asyncio.gather(*self._under_way.values())
                    return
                if seen.has_unread:
                    await self._write(self._enqueue)
                    seen = await self._see() or seen
                self._start(seen)
                if seen.has_unread:
                    continue
                if not self._under_way:
                    return
                await self._something()
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _enqueue(self, unit: Unit) -> None:
        enqueue(unit, self._endpoint_id, self._hub.parts.clock.now())

    async def _see(self) -> _Seen | None:
        now = self._hub.parts.clock.now()
        limit = self._at_once + len(self._under_way)

        def look(view: View) -> _Seen | None:
            endpoint = view.endpoint(self._endpoint_id)
            if endpoint is None or endpoint.switched_off is not None:
                return None
            if not self._members.may_receive(view, endpoint.agency):
                return None
            mailbox, cursor = view.mailbox(endpoint.agency), endpoint.cursor
            unread = mailbox.top > 0 and (mailbox.generation, mailbox.top) > (cursor.generation, cursor.number)
            return _Seen(endpoint, unread, view.due_webhooks(self._endpoint_id, now, limit))

        return await self._read(look)

    def _start(self, seen: _Seen) -> None:
        # An endpoint that fails is tried by one request at a time: a dead one costs little, and is not beaten down.
        width = 1 if seen.endpoint.failing_since is not None else self._at_once
        for queued in seen.due:
            if len(self._under_way) >= width:
                return
            if queued.position not in self._under_way:
                attempt = self._attempt(seen.endpoint, queued)
                self._under_way[queued.position] = asyncio.create_task(attempt, name="webhook attempt")

    async def _something(self) -> None:
        """Wait until an attempt has ended or there may be something new. Raises what an attempt raised."""
        nudged: asyncio.Task[Any] = asyncio.create_task(self._nudged.wait())
        try:
            await asyncio.wait({nudged, *self._under_way.values()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nudged.cancel()
        ended = [position for position, task in self._under_way.items() if task.done()]
        for task in [self._under_way.pop(position) for position in ended]:
            task.result()

    async def _attempt(self, endpoint: Endpoint, queued: Queued) -> None:
        parts = self._hub.parts
        try:
            mail = await self._read(lambda view: _mail_at(view, endpoint.agency, queued.position))
        except (StoreUnavailable, VaultUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 (one message that does not open must not stop the others)
            log.error("webhook_unreadable", disclosure=queued.disclosure, kind=type(error).__name__)  # noqa: TRY400 (an exception's text may quote what it could not read)
            unreadable = Attempt(
                parts.new_id(), endpoint.id, queued.disclosure, queued.position, parts.clock.now(), 0,
                Outcome.UNREADABLE, None,
            )  # fmt: skip
            await self._settling.record(Ended(queued, unreadable))
            return
        if mail is None:
            await self._write(lambda unit: abandon(unit, queued, parts.clock.now()))
            return
        content = endpoint.subscription.content
        body = body_of(mail, content, parts.own_name)
        attempt = await self._courier.send(endpoint, queued.disclosure, body, queued.position)
        if attempt.outcome is Outcome.DELIVERED:
            # The ledger first: what has arrived is on record before it is crossed off.
            await self._hub.sequencer.submit(lambda draft: arrived(draft, queued.disclosure, CHANNELS[content], parts))
        await self._settling.record(Ended(queued, attempt))


def _mail_at(view: View, recipient: str, place: Position) -> MailRecord | None:
    found = view.mail(recipient, Position(place.generation, place.number - 1), 1)
    return found[0] if found and (found[0].generation, found[0].number) == (place.generation, place.number) else None

"""Empties the outbox: in order per subject, under the same id, until the hub has answered."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from adapters.sdk.clock import Clock
from adapters.sdk.outbox import Outbox, Waiting
from adapters.sdk.problem import HubError, Problem
from adapters.sdk.retry import Backoff
from contracts.disclosure import Receipt

_AT_ONCE = 4
"""Lanes that are sent side by side: enough to use the hub's batching, few enough to be a good neighbour."""

_log = logging.getLogger(__name__)


class Publishes(Protocol):
    """A way in for events: `HubClient` over HTTP, `NatsClient` over NATS."""

    @property
    def clock(self) -> Clock:
        """What waits are measured by."""
        ...

    async def publish(self, event: Mapping[str, Any], *, once: bool = False) -> Receipt:
        """Publish one event; a single attempt if `once`. Raises HubError."""
        ...


class Sender:
    """Publishes what waits in an outbox for as long as `run` runs.

    Only the hub's own problem document ends an event's wait: a bare 404 or 413 may come from any proxy on the way, and
    a 401 is the key's fault, not the event's. One lane that waits never holds back another.
    """

    def __init__(self, outbox: Outbox, client: Publishes, backoff: Backoff | None = None) -> None:
        self._outbox = outbox
        self._client = client
        self._backoff = backoff or Backoff(attempts=None)
        self._work = asyncio.Event()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._lanes: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Send until cancelled."""
        self._outbox.on_put(self._work.set)
        self._work.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    await self._work.wait()
                    self._work.clear()
                    for lane in self._outbox.lanes():
                        if lane not in self._lanes:
                            self._lanes[lane] = tasks.create_task(self._empty(lane))
        finally:
            self._lanes.clear()

    async def _empty(self, lane: str) -> None:
        attempt = 0
        while True:
            waiting = self._outbox.first_in(lane)
            if waiting is None:
                # No await lies between the look and this line, so no put can slip through between them.
                del self._lanes[lane]
                return
            try:
                async with self._slots:
                    await self._send(waiting)
                attempt = 0
                continue
            except HubError as error:
                attempt += 1
                _log.warning("an event waits in the outbox after attempt %d: %s", attempt, error)
                asked = error.retry_after if isinstance(error, Problem) else None
            await self._client.clock.sleep(self._backoff.wait(attempt, asked) or 0.0)

    async def _send(self, waiting: Waiting) -> None:
        try:
            receipt = await self._client.publish(waiting.event, once=True)
        except Problem as problem:
            if not problem.is_final:
                raise
            _log.warning("the hub refused an event: %s", problem)
            self._outbox.refused(waiting.id, problem.plain())
        else:
            self._outbox.accepted(waiting.id, receipt)

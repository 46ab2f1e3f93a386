"""Sends webhooks from the database: what is in the mailbox gets there, whoever stops when, always under one id.

One worker per endpoint, and one replica per endpoint by a lease: an endpoint that is slow or dead keeps nobody waiting
but itself. A message is crossed off only after its 2xx answer is recorded; a crash in between sends it again.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog

from broker.flows.ending import end
from broker.flows.endpoint_worker import EndpointWorker
from broker.flows.hub import Hub
from broker.flows.members import Members
from broker.flows.settling import Settling
from broker.flows.webhook import Courier
from broker.ports.holder import new_holder
from broker.ports.store import StoreUnavailable, Unit, View
from broker.ports.vault import VaultUnavailable

T = TypeVar("T")

log = structlog.get_logger("concordat.webhooks")

_RANDOM = random.SystemRandom()
_THREADS = 8
"""Database calls of all workers at once."""
_BREATH_SECONDS = 0.05
"""After a look, before the next: commits that come close together are looked at once."""
_REST_SECONDS = 30.0
"""Pause of an endpoint whose attempts could not be recorded: it must not be sent the same every second."""
_TIDY_SECONDS = 3600.0
KEPT = timedelta(days=90)
"""How long attempts, and messages that are finished with, are remembered."""


@dataclass(frozen=True)
class Pace:
    """How a dispatcher goes about it. Times in seconds."""

    poll: float = 1.0
    """Longest time until a retry that has fallen due is noticed."""
    lease: float = 15.0
    """After so long another replica takes over from one that has died on another machine."""
    at_once: int = 4
    """Requests to one endpoint at the same time; one alone while it is failing."""


class Dispatcher:
    """Works the endpoints of one hub. Belongs to one event loop."""

    def __init__(
        self,
        hub: Hub,
        pace: Pace | None = None,
        *,
        jitter: Callable[[], float] = _RANDOM.random,
        wall_clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hub = hub
        self._pace = pace or Pace()
        self._monotonic = monotonic
        self._holder = new_holder()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhooks")
        self._courier = Courier(hub.parts, hub.outgoing, wall_clock)
        self._settling = Settling(hub.store, hub.parts.clock.now, jitter, self._in_thread)
        self._members = Members()
        self._has_endpoints = True
        self._workers: dict[str, tuple[EndpointWorker, asyncio.Task[None]]] = {}
        self._renew_at: dict[str, float] = {}
        self._resting: dict[str, float] = {}
        self._tidy_at = monotonic() + _TIDY_SECONDS

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                # Wait from before looking: mail that comes meanwhile is not slept through.
                pause = min(self._pace.poll, self._pace.lease / 4)  # leases are renewed at a third
                woken = asyncio.create_task(self._hub.notifier.wait(pause))
                try:
                    await asyncio.sleep(0)
                    await self._look_patiently()
                    # Commits wake nobody where there is no endpoint: the first that is made is found at the next look.
                    await asyncio.sleep(_BREATH_SECONDS if self._has_endpoints else pause)
                    await woken
                finally:
                    woken.cancel()
        finally:
            await self.stop()

    async def work_off(self) -> None:
        """Work until nothing is due, then return."""
        while True:
            await self.look()
            if not self._workers:
                return
            await asyncio.wait([task for _, task in self._workers.values()])

    async def look(self) -> None:
        """Look once for work, keep the leases, and start workers. Raises StoreUnavailable."""
        await self._tidy()
        moment = self._monotonic()
        found = await self.read(self._find)
        ready = {one for one in found if self._resting.get(one, moment) <= moment}
        for one in ready & self._workers.keys():
            self._workers[one][0].nudge()
        expiring = {one for one in ready | self._workers.keys() if self._renew_at.get(one, moment) <= moment}
        if expiring:
            await self._renew(sorted(expiring))
        for one in ready - self._workers.keys():
            if one in self._renew_at:
                self._start(one)

    def _find(self, view: View) -> list[str]:
        self._has_endpoints = view.has_endpoints()
        if not self._has_endpoints:
            return []
        found = view.endpoints_with_work(self._holder, self._hub.parts.clock.now())
        return [endpoint for endpoint, agency in found if self._members.may_receive(view, agency)]

    async def stop(self) -> None:
        """Stop the workers and give up the leases. What was under way is sent again by whoever comes next."""
        tasks = [task for _, task in self._workers.values()]
        await end(*tasks)
        await self._settling.finish()
        held, self._renew_at = sorted(self._renew_at), {}
        if held:
            now = self._hub.parts.clock.now()
            with contextlib.suppress(StoreUnavailable):
                await self.write(lambda unit: unit.end_endpoint_leases(held, self._holder, now))
        self._threads.shutdown(wait=False)

    async def read(self, look: Callable[[View], T]) -> T:
        """Look at committed state in a thread."""

        def reading() -> T:
            with self._hub.store.reading() as view:
                return look(view)

        return await self._in_thread(reading)

    async def write(self, change: Callable[[Unit], T]) -> T:
        """Change the state in a thread, in one transaction."""

        def writing() -> T:
            with self._hub.store.writing() as unit:
                return change(unit)

        return await self._in_thread(writing)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _look_patiently(self) -> None:
        try:
            await self.look()
        except (StoreUnavailable, VaultUnavailable) as error:
            log.warning("webhooks_waiting", kind=type(error).__name__)
        except Exception as error:  # noqa: BLE001 (a dispatcher that has died would be noticed by nobody)
            log.error("webhooks_failed", kind=type(error).__name__)  # noqa: TRY400 (an exception's text may quote a row)

    async def _renew(self, names: list[str]) -> None:
        now = self._hub.parts.clock.now()
        moment = self._monotonic()
        held = set(await self.write(lambda unit: unit.lease_endpoints(names, self._holder, now, self._pace.lease)))
        for one in names:
            if one in held:
                self._renew_at[one] = moment + self._pace.lease / 3
                continue
            self._renew_at.pop(one, None)
            if one in self._workers:
                self._workers[one][1].cancel()  # Another replica has taken it over.

    def _start(self, endpoint_id: str) -> None:
        worker = EndpointWorker(
            endpoint_id,
            self._hub,
            self._courier,
            self._settling,
            self._members,
            self._pace.at_once,
            self.read,
            self.write,
        )
        task = asyncio.create_task(worker.run(), name="webhook endpoint")
        self._workers[endpoint_id] = (worker, task)
        task.add_done_callback(partial(self._ended, endpoint_id))

    def _ended(self, endpoint_id: str, task: "asyncio.Task[None]") -> None:
        del self._workers[endpoint_id]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._resting[endpoint_id] = self._monotonic() + _REST_SECONDS
            log.error("webhook_worker_failed", endpoint=endpoint_id, kind=type(error).__name__)
        else:
            self._resting.pop(endpoint_id, None)

    async def _tidy(self) -> None:
        if self._monotonic() < self._tidy_at:
            return
        self._tidy_at = self._monotonic() + _TIDY_SECONDS
        before = self._hub.parts.clock.now() - KEPT
        await self.write(lambda unit: unit.forget_webhooks(before))

"""Records what attempts came to: what ends while the database is busy is written together (group commit)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from broker.flows.queue import Ended, settle
from broker.ports.store import Store

InThread = Callable[[Callable[[], None]], Awaitable[None]]


class Settling:
    """Belongs to one event loop. `in_thread` runs what waits for the database outside it."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], jitter: Callable[[], float], in_thread: InThread
    ) -> None:
        self._store = store
        self._now = now
        self._jitter = jitter
        self._in_thread = in_thread
        self._waiting: list[tuple[Ended, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, ended: Ended) -> None:
        """Return once an attempt and what follows from it are committed; StoreUnavailable if that is not known."""
        recorded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((ended, recorded))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="webhook attempts")
        await recorded

    async def finish(self) -> None:
        """Wait until nothing is being written."""
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            failure = await self._try([ended for ended, _ in batch])
            if failure is not None and len(batch) > 1:
                # One that cannot be written must not keep the others from being.
                for ended, recorded in batch:
                    _tell(recorded, await self._try([ended]))
                continue
            for _, recorded in batch:
                _tell(recorded, failure)

    async def _try(self, ended: list[Ended]) -> Exception | None:
        def write() -> None:
            with self._store.writing() as unit:
                for one in ended:
                    settle(unit, one, self._now(), self._jitter())

        try:
            await self._in_thread(write)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is raised to whoever waits)
            return error
        return None


def _tell(recorded: "asyncio.Future[None]", failure: Exception | None) -> None:
    if recorded.done():
        return
    if failure is None:
        recorded.set_result(None)
    else:
        recorded.set_exception(failure)

"""Wake-ups for whoever waits for mail. A wake-up is a hint: the waiter reads the database and may find nothing."""

import asyncio
import contextlib
from typing import Protocol


class Notifier(Protocol):
    """Tells waiting feeds that mailboxes may have grown."""

    def wake(self) -> None:
        """Wake every waiter. May be called from any thread."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return at the next wake-up, or when the time has passed."""
        ...


class Bell:
    """For a process in which nobody waits: it keeps that it was rung, for whoever tells those who do."""

    def __init__(self) -> None:
        self._is_rung = False

    def wake(self) -> None:
        self._is_rung = True

    def was_rung(self) -> bool:
        """Say whether it was rung since this was last asked."""
        rung, self._is_rung = self._is_rung, False
        return rung

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class LocalNotifier:
    """Wake-ups within one process."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiters.add(waiter)
        try:
            # Not wait_for: before Python 3.12 it forgets a cancellation that comes together with a wake-up.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await waiter
        finally:
            self._waiters.discard(waiter)

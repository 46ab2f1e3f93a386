"""A clock that only moves when it is told to, or waited upon."""

import asyncio
from datetime import UTC, datetime, timedelta


class ManualClock:
    """Waiting takes no time: it moves the clock on, and is kept in `waits` for the test to look at."""

    def __init__(self, now: datetime = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)) -> None:
        self._now = now
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

"""The hub's scribe: none until there is much to write, then one process, and another after a while if it is lost."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import structlog

from broker.child import Lost, OtherEdition
from broker.flows.ending import end
from broker.flows.order import NotWritten, Order
from broker.ports.relay import Letter
from broker.scribe.process import Process
from broker.settings import Settings

log = structlog.get_logger(__name__)

T = TypeVar("T")

MANY = 8
"""Events in one order that show that there is much to write."""
OFTEN = 20
"""Orders within a second that show it too. A hub that sees neither is one process."""
AGAIN_SECONDS = 30.0
"""After one was lost, or did not start, before another is started."""


class Scribe:
    """Who writes beside the hub's process (`flows.order.Beside`)."""

    def __init__(self, settings: Settings, edition: str, keep: Callable[[Sequence[Letter]], None]) -> None:
        """Start nothing yet. See Process."""
        # One that writes beside another would be too many.
        self._make = partial(Process, settings.model_copy(update={"scribe": False}), edition, keep)
        self._times: deque[float] = deque(maxlen=OFTEN)
        self._not_before = 0.0
        self._process: Process | None = None
        self._starting: asyncio.Task[None] | None = None

    def takes(self, order: Order[Any]) -> bool:
        """Say whether it is there; where it is not and there is much to write, have it started."""
        if self._process is not None and self._process.is_ready:
            return True
        is_starting = self._starting is not None and not self._starting.done()
        if self._is_much(order) and not is_starting:
            self._starting = asyncio.ensure_future(self._start())
        return False

    def _is_much(self, order: Order[Any]) -> bool:
        now = time.monotonic()
        if not order.patient:
            self._times.append(now)
        often = len(self._times) == OFTEN and now - self._times[0] < 1
        return now >= self._not_before and (often or order.size >= MANY)

    async def _start(self) -> None:
        self._not_before = time.monotonic() + AGAIN_SECONDS
        self._process = self._make()
        try:
            await self._process.start()
        except Lost as error:
            log.warning("scribe_not_started", reason=str(error))
            if isinstance(error, OtherEdition):
                self._not_before = math.inf

    async def write(self, order: Order[T]) -> T:
        """Have an order carried out. Raises NotWritten, Overloaded, and StoreUnavailable where the hub ends."""
        if self._process is None:
            raise NotWritten
        return await self._process.write(order)

    async def end(self) -> None:
        """End it with the hub: after it, none is started."""
        self._not_before = math.inf
        if self._starting is not None:
            await end(self._starting)
        if self._process is not None:
            await self._process.end()

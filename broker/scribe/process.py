"""One scribe's process as the hub sees it: started, given orders, and reaped before anything is done again."""

import asyncio
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import structlog

from broker.child import Lost, OtherEdition, start
from broker.flows import tracing
from broker.flows.order import NotWritten, Order
from broker.flows.sequencer import STOPPING
from broker.flows.turns import MAX_WAITING, Overloaded
from broker.ports.relay import Letter
from broker.ports.store import StoreUnavailable
from broker.scribe.line import Line
from broker.scribe.words import READY, Given, Written
from broker.settings import Settings

log = structlog.get_logger(__name__)

T = TypeVar("T")

MODULE = "broker.wiring_scribe"
START_SECONDS = 60.0
PATIENCE_SECONDS = 45.0
"""Longer without an answer, and it is given up. A database lets its writers wait for a third of that."""
END_SECONDS = 10.0
"""How long its last commit may take when the hub ends."""


class Process:
    """Made, started, and never used again once it is lost."""

    def __init__(self, settings: Settings, edition: str, keep: Callable[[Sequence[Letter]], None]) -> None:
        """`edition` is the hub's own; `keep` takes the mail of each commit."""
        self._settings = settings
        self._edition = edition
        self._keep = keep
        self._process: subprocess.Popen[bytes] | None = None
        self._line = Line(self._hear, self._line_ended)
        self._first: asyncio.Queue[Any] = asyncio.Queue()
        self._count = 0
        self._open: dict[int, asyncio.Future[Any]] = {}
        self._reaping: asyncio.Task[None] | None = None
        self._is_ending = False
        self.is_ready = False

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises Lost; what was started has then ended."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._start()
        except BaseException as error:
            await self._lose()
            if isinstance(error, OSError | TimeoutError):
                raise Lost(type(error).__name__) from None
            raise

    async def _start(self) -> None:
        # At once: a thread could not be kept from starting it after this has been given up.
        self._process, ours = start(MODULE, self._settings.log_level)
        log.info("scribe_started", pid=self._process.pid)
        await asyncio.get_running_loop().create_connection(lambda: self._line, sock=ours)
        if await self._first.get() != self._edition:
            raise OtherEdition
        self._line.say(self._settings)
        if await self._first.get() != READY:
            raise Lost("it has not started")
        self.is_ready = True
        log.info("scribe_ready", pid=self._process.pid)

    async def write(self, order: Order[T]) -> T:
        """Have an order carried out. Raises NotWritten, Overloaded, and StoreUnavailable where the hub ends."""
        if not self.is_ready:
            raise NotWritten
        if len(self._open) >= MAX_WAITING:
            raise Overloaded
        self._count += 1
        number, answer = self._count, asyncio.get_running_loop().create_future()
        self._open[number] = answer
        try:
            self._line.say(Given(number, order, tracing.current()))
            async with asyncio.timeout(PATIENCE_SECONDS):
                written: T = await answer
        except TimeoutError:
            await asyncio.shield(self._lose("it does not answer"))
            raise NotWritten from None
        finally:
            self._open.pop(number, None)
        return written

    async def end(self) -> None:
        """Let it finish what it is doing, and end it; who still waits is to ask again."""
        self.is_ready, self._is_ending = False, True
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(StoreUnavailable(STOPPING))
        self._line.close()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, END_SECONDS)
        await self._lose()

    def _hear(self, word: Any) -> None:
        if not isinstance(word, Written):
            self._first.put_nowait(word)
            return
        if word.wakes:
            self._keep(word.letters)
        for outcome in word.outcomes:
            answer = self._open.get(outcome.number)
            if answer is None or answer.done():
                continue
            if outcome.is_done:
                answer.set_result(outcome.answer)
            else:
                answer.set_exception(NotWritten())

    def _line_ended(self, why: str) -> None:
        self._first.put_nowait(None)
        if not self._is_ending:
            self._lose(why)

    def _lose(self, why: str | None = None) -> "asyncio.Task[None]":
        """End it, whatever it is doing. What it was given is done elsewhere only once it has gone."""
        if self.is_ready:
            log.warning("scribe_lost", reason=why)
        self.is_ready = False
        if self._reaping is None:
            self._reaping = asyncio.ensure_future(self._reap())
        return self._reaping

    async def _reap(self) -> None:
        self._line.close()
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(NotWritten())

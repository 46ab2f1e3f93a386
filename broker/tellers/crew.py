"""Those who tell beside the hub: a large batch is shared among them and the sequencer's own thread.

They take from its front, a few events at a time, while they are being accepted. When all have been, the hub keeps what
has been told, in order, and takes from the back only where what it wants next is not there yet. Whatever becomes of
them, the hub can do their part too, and does.
"""

import math
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from broker.child import Lost, OtherEdition
from broker.flows.accept import Accepted
from broker.flows.parts import Parts
from broker.flows.tell import Said
from broker.flows.tellers import Alone, Shift, tell_each
from broker.tellers.teller import PATIENCE_SECONDS, Answer, Teller
from broker.tellers.wire import can_be_sent

log = structlog.get_logger(__name__)

WORTH_SHARING = 8
"""Events in a batch from which the way to another process and back costs less than it saves."""
CHUNK = 2
"""Events given at once."""
AHEAD = 2
"""Chunks that one has at most, so that none waits for the hub and the hub in the end waits for little."""
MOST_BYTES = 16 * 1024
"""Of an event's content: what a line holds without anybody reading at its other end is bounded."""
AGAIN_SECONDS = 5.0
"""After one was lost, before another is started in its place."""


class Crew:
    """So many processes, started when the first large batch comes. Only the sequencer's thread uses them."""

    def __init__(self, count: int, edition: str, log_level: str = "info") -> None:
        """Start none yet. `edition` is the hub's own."""
        self._places: list[Teller | None] = [None] * count
        self._log_level = log_level
        self._edition = edition
        self._not_before = 0.0
        self._alone = Alone()

    @contextmanager
    def shift(self, events: int, parts: Parts) -> Iterator[Shift]:
        """Open a shift; a small batch, or one that finds nobody ready, is told by the hub alone."""
        ready = self._ready(parts) if events >= WORTH_SHARING else []
        if not ready:
            with self._alone.shift(events, parts) as alone:
                yield alone
            return
        shift = _Shared(parts, self, ready)
        try:
            yield shift
        finally:
            shift.drain()

    def lose(self, teller: Teller, why: Lost) -> None:
        """Do without one from now on."""
        log.warning("teller_lost", reason=str(why))
        self._places[self._places.index(teller)] = None
        self._not_before = math.inf if isinstance(why, OtherEdition) else time.monotonic() + AGAIN_SECONDS
        teller.close()

    def close(self) -> None:
        """End them all."""
        for place, teller in enumerate(self._places):
            if teller is not None:
                teller.close()
                self._places[place] = None

    def _ready(self, parts: Parts) -> list[Teller]:
        ready = []
        for place, teller in enumerate(self._places):
            if teller is None:
                self._start(place)
                continue
            try:
                if teller.is_ready(parts):
                    ready.append(teller)
            except Lost as error:
                self.lose(teller, error)
        return ready

    def _start(self, place: int) -> None:
        if time.monotonic() < self._not_before:
            return
        try:
            started = self._places[place] = Teller(self._edition, self._log_level)
        except OSError as error:
            log.warning("teller_not_started", reason=error.strerror)
            self._not_before = time.monotonic() + AGAIN_SECONDS
        else:
            log.info("teller_started", pid=started.pid)


class _Shared:
    """One batch, shared."""

    def __init__(self, parts: Parts, crew: Crew, tellers: list[Teller]) -> None:
        self._parts = parts
        self._crew = crew
        self._tellers = tellers
        self._count = 0
        self._untold: deque[tuple[int, Accepted]] = deque()
        self._here: deque[tuple[int, Accepted]] = deque()
        """Those that nobody but the hub is to tell: they cannot be sent, or have come back."""
        self._said: dict[int, Said] = {}

    def give(self, accepted: Accepted) -> None:
        (self._untold if _may_go(accepted) else self._here).append((self._count, accepted))
        self._count += 1
        self._exchange(0)

    def said(self) -> Iterator[Said]:
        count, self._count = self._count, 0
        for place in range(count):
            self._exchange(0)
            while place not in self._said:
                if left := self._here or self._untold:
                    at, accepted = left.pop()
                    self._said[at] = tell_each(accepted, self._parts)
                    self._exchange(0)
                else:
                    self._exchange(PATIENCE_SECONDS)
            yield self._said.pop(place)

    def drain(self) -> None:
        """Take what is still to come, of a batch that was given up: the next one must not meet it."""
        self._untold.clear()
        while self._is_awaited():
            self._exchange(PATIENCE_SECONDS)

    def _is_awaited(self) -> bool:
        return any(teller.waiting for teller in self._tellers)

    def _exchange(self, seconds: float) -> None:
        """Take what has been told, waiting so long for each who has something, and give what comes next."""
        for teller in list(self._tellers):
            try:
                while teller.waiting and (answer := teller.take(seconds)) is not None:
                    self._note(answer)
                if teller.waiting and seconds:
                    raise Lost("it does not answer")  # noqa: TRY301 (as any other who is lost)
                while teller.waiting < AHEAD and len(self._untold) >= CHUNK:
                    teller.give([self._untold.popleft() for _ in range(CHUNK)])
            except Lost as error:
                self._tellers.remove(teller)
                self._here.extend(teller.given)
                self._crew.lose(teller, error)

    def _note(self, answer: Answer) -> None:
        for place, accepted, said in answer:
            if said is None:
                self._here.append((place, accepted))
            else:
                self._said[place] = said


def _may_go(accepted: Accepted) -> bool:
    return can_be_sent(accepted) and len(accepted.content) <= MOST_BYTES

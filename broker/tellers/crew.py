"""Those who tell beside the hub: a large batch is shared among them and the sequencer's own thread.

They take from its front, a few events at a time, while they are being accepted; the hub takes from its back when all
have been. Whatever becomes of them, the hub can do their part too, and does.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from broker.flows.accept import Accepted
from broker.flows.parts import Parts
from broker.flows.tell import Telling
from broker.flows.tellers import Alone, Shift, tell_each
from broker.tellers.teller import PATIENCE_SECONDS, Lost, Teller
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

    def __init__(self, count: int) -> None:
        self._places: list[Teller | None] = [None] * count
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
        self._not_before = time.monotonic() + AGAIN_SECONDS
        teller.kill()

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
            self._places[place] = Teller()
        except OSError as error:
            log.warning("teller_not_started", reason=error.strerror)
            self._not_before = time.monotonic() + AGAIN_SECONDS


class _Shared:
    """One batch, shared."""

    def __init__(self, parts: Parts, crew: Crew, tellers: list[Teller]) -> None:
        self._parts = parts
        self._crew = crew
        self._tellers = tellers
        self._count = 0
        self._untold: deque[tuple[int, Accepted]] = deque()
        self._told: dict[int, list[Telling]] = {}

    def give(self, accepted: Accepted) -> None:
        self._untold.append((self._count, accepted))
        self._count += 1
        self._exchange(0)

    def tellings(self) -> list[list[Telling]]:
        while self._untold:
            place, accepted = self._untold.pop()
            self._told[place] = tell_each(accepted, self._parts)
            self._exchange(0)
        while any(teller.waiting for teller in self._tellers):
            self._exchange(PATIENCE_SECONDS)
            while self._untold:  # given back by one who was lost
                place, accepted = self._untold.pop()
                self._told[place] = tell_each(accepted, self._parts)
        told, self._told = [self._told[place] for place in range(self._count)], {}
        self._count = 0
        return told

    def drain(self) -> None:
        """Take what is still to come, of a batch that was given up: the next one must not meet it."""
        self._untold.clear()
        while any(teller.waiting for teller in self._tellers):
            self._exchange(PATIENCE_SECONDS)
            self._untold.clear()

    def _exchange(self, seconds: float) -> None:
        """Take what has been told, waiting so long for each who has something, and give what comes next."""
        for teller in list(self._tellers):
            try:
                while teller.waiting:
                    told = teller.take(seconds)
                    if told is None:
                        break
                    self._told.update(told)
                if teller.waiting and seconds:
                    raise Lost("it does not answer")  # noqa: TRY301 (as any other who is lost)
                while teller.waiting < AHEAD and (chunk := self._chunk()):
                    teller.give(chunk)
            except Lost as error:
                self._tellers.remove(teller)
                self._untold.extendleft(reversed(teller.given))
                self._crew.lose(teller, error)

    def _chunk(self) -> list[tuple[int, Accepted]]:
        """Take the next events from the front, those alone that can go."""
        if len(self._untold) < CHUNK:
            return []
        chunk = [self._untold.popleft() for _ in range(CHUNK)]
        stays = [one for one in chunk if not _may_go(one[1])]
        self._untold.extend(stays)
        return [one for one in chunk if _may_go(one[1])]


def _may_go(accepted: Accepted) -> bool:
    return can_be_sent(accepted) and len(accepted.content) <= MOST_BYTES

"""Who is next at the one writer: those in a hurry, and behind them one that is patient."""

import math
import time
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

from broker.ledger.batch import MINIMUM, padded_size

W = TypeVar("W")

MAX_BATCH = 64
"""Submissions in one commit: enough to share an fsync, few enough that the first does not wait for the last."""
MAX_WAITING = 4096
"""Submissions that may wait; beyond that the publisher is asked to come back."""
COMPANY_SECONDS = 0.05
"""A patient step waits so long after a batch for the next one to go along with."""
MOST_CRAMPED = 3
"""Batches of which a patient step gets what their padding leaves; in the next it may fill a smallest batch."""


class Overloaded(Exception):
    """More waits than the hub can promise to take soon; nothing was recorded. Send again with the same id."""


class Turns(Generic[W]):
    """What waits, in two queues.

    What a machine has confirmed must not hold up what somebody reports. A patient one goes along with a batch of
    others where one comes soon, in places that would be padding, and alone where none does.
    """

    def __init__(self) -> None:
        self._hurried: deque[W] = deque()
        self._patient: deque[W] = deque()
        self._cramped = 0
        self._hurried_at = -math.inf

    def __iter__(self) -> Iterator[W]:
        """Give all that waits."""
        yield from self._hurried
        yield from self._patient

    def add(self, one: W, *, patient: bool = False) -> None:
        """Have one wait. Raises Overloaded."""
        queue = self._patient if patient else self._hurried
        if len(queue) >= MAX_WAITING:
            raise Overloaded
        queue.append(one)

    def seconds(self) -> float | None:
        """Return how long the next batch waits for company: 0 if it is to be taken now, None if there is nothing."""
        if self._hurried:
            return 0.0
        if not self._patient:
            return None
        return max(0.0, self._hurried_at + COMPANY_SECONDS - time.monotonic())

    def take(self) -> list[W]:
        """Take the next batch: those in a hurry, and behind them one that is patient."""
        batch = [self._hurried.popleft() for _ in range(min(len(self._hurried), MAX_BATCH))]
        if batch:
            self._hurried_at = time.monotonic()
        if self._patient:
            batch.append(self._patient.popleft())
        return batch

    def room(self, before: int) -> int:
        """Return how many entries a patient one may add to a batch that has some."""
        left = min(padded_size(before) - before, MINIMUM)
        if left < MINIMUM and self._cramped < MOST_CRAMPED:
            self._cramped += 1
            return left
        self._cramped = 0
        return MINIMUM

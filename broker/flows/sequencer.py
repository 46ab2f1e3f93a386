"""The one writer: takes whatever waits, decides it in order, and commits it in one transaction (group commit)."""

import asyncio
import contextvars
import random
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from broker.flows.draft import Draft
from broker.flows.parts import Parts
from broker.flows.record import padding
from broker.ledger.batch import is_well_filled, shuffle_and_pad
from broker.ports.fresh import FreshMail
from broker.ports.notifier import Notifier
from broker.ports.records import EntryRecord
from broker.ports.store import Store, StoreUnavailable, Unit
from contracts.ledger_entry import Operation
from contracts.merkle import hash_leaf

log = structlog.get_logger(__name__)

T = TypeVar("T")
Step = Callable[[Draft], T]
"""One submission: reads and changes a draft, returns its answer. It may be run again, so ids are minted before it."""

MAX_BATCH = 64
"""Submissions in one commit: enough to share an fsync, few enough that the first does not wait for the last."""
MAX_WAITING = 4096
"""Submissions that may wait; beyond that the publisher is asked to come back."""

MOST_PASSED_OVER = 3
"""Batches after which a patient step goes along although others are in a hurry."""

_STOPPING = "the hub is stopping: ask again with the same ids"


class Overloaded(Exception):
    """More waits than the hub can promise to take soon; nothing was recorded. Send again with the same id."""


@dataclass(frozen=True)
class _Waiting(Generic[T]):
    step: Step[T]
    answer: "asyncio.Future[T]"


class Sequencer:
    """Every change to the hub's state goes through here, in one order."""

    def __init__(self, store: Store, notifier: Notifier, parts: Parts, fresh: FreshMail) -> None:
        self._store = store
        self._fresh = fresh
        self._notifier = notifier
        self._parts = parts
        self._waiting: deque[_Waiting[Any]] = deque()
        self._patient: deque[_Waiting[Any]] = deque()
        self._passed_over = 0
        self._work = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sequencer")
        self._random = random.SystemRandom()
        self._stopped = False

    async def submit(self, step: Step[T], *, patient: bool = False) -> T:
        """Run a step in the next batch; return its answer once it is committed.

        A patient step lets others go first: what a machine has confirmed must not hold up what somebody reports.
        Raises what the step raises (then nothing of it is kept), Overloaded, or StoreUnavailable, after which the
        outcome is unknown and the step must be submitted again under the same ids.
        """
        if self._stopped:
            raise StoreUnavailable(_STOPPING)
        queue = self._patient if patient else self._waiting
        if len(queue) >= MAX_WAITING:
            raise Overloaded
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # The step runs in another thread, within the trace of whoever asked for it.
        context = contextvars.copy_context()
        queue.append(_Waiting(lambda draft: context.run(step, draft), answer))
        self._work.set()
        return await answer

    async def run(self) -> None:
        """Take batches until cancelled; then nobody who waits is left waiting: they ask again with the same ids."""
        batch: list[_Waiting[Any]] = []
        try:
            while True:
                await self._work.wait()
                batch = [waiting for waiting in self._gather() if not waiting.answer.cancelled()]
                await self._answer(batch)
        finally:
            self._stopped = True
            for waiting in (*batch, *self._waiting, *self._patient):
                if not waiting.answer.done():
                    waiting.answer.set_exception(StoreUnavailable(_STOPPING))

    def _gather(self) -> list[_Waiting[Any]]:
        """Take the next batch: those in a hurry, and now and then, or when there are none, one that is patient."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]
        if self._patient and (not batch or self._passed_over >= MOST_PASSED_OVER):
            batch.append(self._patient.popleft())
            self._passed_over = 0
        elif self._patient:
            self._passed_over += 1
        if not self._waiting and not self._patient:
            self._work.clear()
        return batch

    async def _answer(self, batch: list[_Waiting[Any]]) -> None:
        steps = [waiting.step for waiting in batch]
        outcomes = await asyncio.get_running_loop().run_in_executor(self._thread, self.commit, steps)
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if waiting.answer.cancelled():
                continue
            if isinstance(outcome, BaseException):
                waiting.answer.set_exception(outcome)
            else:
                waiting.answer.set_result(outcome)

    def close(self) -> None:
        """Let the batch under way finish, then take no more."""
        self._thread.shutdown(wait=True)

    def commit(self, steps: list[Step[Any]]) -> list[Any]:
        """Commit steps together; return each one's answer, or the exception that dropped it alone. Never raises."""
        outcomes: list[Any] = []
        try:
            while len(outcomes) < len(steps):
                outcomes += self._together(steps[len(outcomes) :])
        except Exception as error:  # noqa: BLE001 (the one writer must outlive whatever a batch runs into)
            # Whether the batch was committed may be unknown. Each step is idempotent by its ids, so each is run alone:
            # what was committed answers as before, and one that the database refuses no longer harms the rest.
            doubtful = steps[len(outcomes) :]
            log.warning("batch_rerun_singly", steps=len(doubtful), error=type(error).__name__)
            outcomes += [self._alone(step) for step in doubtful]
            self._notifier.wake()  # What was committed at the first attempt has woken nobody.
        return outcomes

    def _alone(self, step: Step[Any]) -> Any:
        try:
            return self._together([step])[0]
        except Exception as error:  # noqa: BLE001 (as above; the submitter is told)
            # The kind of failure alone: a driver may quote a row in its text.
            log.warning("step_not_committed", kind=type(error).__name__, cause=type(error.__cause__).__name__)
            return error

    def _together(self, steps: list[Step[Any]]) -> list[Any]:
        """Commit the first steps together, as many as fill a batch well; return their outcomes."""
        outcomes: list[Any] = []
        with self._store.writing() as unit:
            self._parts.registry.refresh(unit)
            batch = Draft(unit)
            for step in steps:
                draft = Draft(batch)
                try:
                    outcome = step(draft)
                except StoreUnavailable:
                    raise
                except Exception as error:  # noqa: BLE001 (one bad submission never harms its batch)
                    outcomes.append(error)
                else:
                    batch.absorb(draft)
                    outcomes.append(outcome)
                if is_well_filled(len(batch.entries)):
                    break
            if not batch.is_empty():
                self._append(unit, batch.entries)
                batch.write(unit)
        letters = batch.letters()
        if letters:
            self._fresh.put(letters)
            self._notifier.wake()
        return outcomes

    def _append(self, unit: Unit, entries: list[EntryRecord]) -> None:
        """Append the batch's entries to the tree, hidden among padding, and store the new head."""
        if not entries:
            return
        frontier = unit.frontier()
        layout = shuffle_and_pad([entry.leaf for entry in entries], padding(self._parts), self._random)
        at = dict(zip(layout.positions, entries, strict=True))
        placed = [
            at.get(place) or EntryRecord(self._parts.new_id(), Operation.PADDING, leaf, hash_leaf(leaf))
            for place, leaf in enumerate(layout.leaves)
        ]
        unit.add_entries(placed, frontier.size)
        grown, nodes = frontier.append([entry.leaf_hash for entry in placed])
        unit.put_frontier(grown, nodes)

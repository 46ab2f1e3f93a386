"""The one writer: takes whatever waits, decides it in order, and commits it in one transaction (group commit)."""

import asyncio
import contextvars
import random
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from broker.flows.draft import Draft
from broker.flows.parts import Parts
from broker.flows.record import padding
from broker.ledger.batch import MINIMUM, is_well_filled, padded_size, shuffle_and_pad
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
PatientStep = Callable[[Draft, int], T]
"""A step that can wait, and that is told how many entries it may add."""

MAX_BATCH = 64
"""Submissions in one commit: enough to share an fsync, few enough that the first does not wait for the last."""
MAX_WAITING = 4096
"""Submissions that may wait; beyond that the publisher is asked to come back."""

COMPANY_SECONDS = 0.05
"""A patient step waits so long after a batch for the next one to go along with."""
MOST_CRAMPED = 3
"""Batches of which a patient step gets what their padding leaves; in the next it may fill a smallest batch."""

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
        self._cramped = 0
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()
        self._hurried_at = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sequencer")
        self._random = random.SystemRandom()
        self._stopped = False

    async def submit(self, step: Step[T]) -> T:
        """Run a step in the next batch; return its answer once it is committed.

        Raises what the step raises (then nothing of it is kept), Overloaded, or StoreUnavailable, after which the
        outcome is unknown and the step must be submitted again under the same ids.
        """
        waiting = self._queue(self._waiting, step)
        self._hurry.set()
        return await waiting

    async def submit_patiently(self, step: PatientStep[T]) -> T:
        """Run a step that lets others go first: what a machine has confirmed must not hold up what somebody reports.

        It goes along with a batch of theirs where one comes soon, in places that would be padding, and alone where
        none does. Raises as `submit`.
        """
        return await self._queue(self._patient, lambda draft: step(draft, self._room(draft.before)))

    def _queue(self, queue: "deque[_Waiting[Any]]", step: Step[T]) -> "asyncio.Future[T]":
        if self._stopped:
            raise StoreUnavailable(_STOPPING)
        if len(queue) >= MAX_WAITING:
            raise Overloaded
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # The step runs in another thread, within the trace of whoever asked for it.
        context = contextvars.copy_context()
        queue.append(_Waiting(lambda draft: context.run(step, draft), answer))
        self._work.set()
        return answer

    def _room(self, before: int) -> int:
        """Return how many entries a patient step may add to a batch that has some."""
        left = min(padded_size(before) - before, MINIMUM)
        if left < MINIMUM and self._cramped < MOST_CRAMPED:
            self._cramped += 1
            return left
        self._cramped = 0
        return MINIMUM

    async def run(self) -> None:
        """Take batches until cancelled; then nobody who waits is left waiting: they ask again with the same ids."""
        batch: list[_Waiting[Any]] = []
        try:
            while True:
                await self._work.wait()
                await self._wait_for_company()
                batch = [waiting for waiting in self._gather() if not waiting.answer.cancelled()]
                await self._answer(batch)
        finally:
            self._stopped = True
            for waiting in (*batch, *self._waiting, *self._patient):
                if not waiting.answer.done():
                    waiting.answer.set_exception(StoreUnavailable(_STOPPING))

    async def _wait_for_company(self) -> None:
        """Where only patient ones wait, and the last batch was a moment ago: give the next a moment to come."""
        moment = self._hurried_at + COMPANY_SECONDS - asyncio.get_running_loop().time()
        if self._waiting or moment <= 0:
            return
        self._hurry.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(moment):
                await self._hurry.wait()

    def _gather(self) -> list[_Waiting[Any]]:
        """Take the next batch: those in a hurry, and behind them one that is patient."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]
        if batch:
            self._hurried_at = asyncio.get_running_loop().time()
        if self._patient:
            batch.append(self._patient.popleft())
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
                draft = Draft(batch, before=len(batch.entries))
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

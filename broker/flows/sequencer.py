"""The one writer: takes whatever waits, decides it in order, and commits it in one transaction (group commit)."""

import asyncio
import contextvars
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from broker.flows.draft import Draft
from broker.flows.order import Beside, Desk, Nobody, NotWritten, Order
from broker.flows.parts import Parts
from broker.flows.record import padding
from broker.flows.step import Foreseen, PatientStep, Step, foresee, within
from broker.flows.tellers import Alone, Tellers
from broker.flows.turns import Turns
from broker.ledger.batch import MINIMUM, is_well_filled, shuffle_and_pad
from broker.ports.fresh import FreshMail
from broker.ports.notifier import Notifier
from broker.ports.records import EntryRecord
from broker.ports.store import Store, StoreUnavailable, Unit
from contracts.ledger_entry import Operation
from contracts.merkle import hash_leaf

log = structlog.get_logger(__name__)

T = TypeVar("T")
STOPPING = "the hub is stopping: ask again with the same ids"

TURNS = 4
"""Of the event loop, that whoever reports is answered later than committed: in them mail is sealed and on its way to
its recipients. To write a receipt takes longer than that, and a recipient needs the mail more."""


@dataclass(frozen=True)
class _Waiting(Generic[T]):
    step: Step[T]
    answer: "asyncio.Future[T]"


class Sequencer:
    """Every change to the hub's state goes through here, in one order."""

    def __init__(
        self,
        store: Store,
        notifier: Notifier,
        parts: Parts,
        fresh: FreshMail,
        tellers: Tellers | None = None,
        beside: Beside | None = None,
    ) -> None:
        """Take what commits are made with; `tellers` and `beside` are Alone and Nobody where none are given."""
        self._store = store
        self._fresh = fresh
        self._notifier = notifier
        self._parts = parts
        self._desk = Desk(parts, tellers or Alone())
        self._beside = beside or Nobody()
        self._turns: Turns[_Waiting[Any]] = Turns()
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sequencer")
        self._random = random.SystemRandom()
        self._stopped = False

    async def place(self, order: Order[T]) -> T:
        """Have an order carried out beside this process or in it; return its answer once it is committed.

        Raises as `submit`.
        """
        answer = await self._placed(order)
        if not order.patient:
            for _ in range(TURNS):
                await asyncio.sleep(0)
        return answer

    async def _placed(self, order: Order[T]) -> T:
        if not self._stopped and self._beside.takes(order):
            with suppress(NotWritten):
                return await self._beside.write(order)
        if order.patient:
            return await self._queue(Foreseen.of(order, self._desk, self._room), patient=True)
        return await self.submit(Foreseen.of(order, self._desk, lambda _draft: MINIMUM))

    async def submit(self, step: Step[T]) -> T:
        """Run a step in the next batch; return its answer once it is committed.

        Raises what the step raises (then nothing of it is kept), Overloaded, or StoreUnavailable, after which the
        outcome is unknown and the step must be submitted again under the same ids.
        """
        waiting = self._queue(step)
        self._hurry.set()
        return await waiting

    async def submit_patiently(self, step: PatientStep[T]) -> T:
        """Run a step that lets others go first (see Turns). Raises as `submit`."""
        return await self._queue(lambda draft: step(draft, self._room(draft)), patient=True)

    def _room(self, draft: Draft) -> int:
        return self._turns.room(draft.before)

    def _queue(self, step: Step[T], *, patient: bool = False) -> "asyncio.Future[T]":
        if self._stopped:
            raise StoreUnavailable(STOPPING)
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # The step runs in another thread, within the trace of whoever asked for it.
        context = contextvars.copy_context()
        self._turns.add(_Waiting(within(context, step), answer), patient=patient)
        self._work.set()
        return answer

    async def run(self) -> None:
        """Take batches until cancelled; then nobody who waits is left waiting: they ask again with the same ids."""
        batch: list[_Waiting[Any]] = []
        try:
            while True:
                await self._work.wait()
                await self._wait_for_company()
                batch = [waiting for waiting in self._turns.take() if not waiting.answer.cancelled()]
                if self._turns.seconds() is None:
                    self._work.clear()
                await self._answer(batch)
        finally:
            self._stopped = True
            for waiting in (*batch, *self._turns):
                if not waiting.answer.done():
                    waiting.answer.set_exception(StoreUnavailable(STOPPING))

    async def _wait_for_company(self) -> None:
        """Where only patient ones wait, and the last batch was a moment ago: give the next a moment to come."""
        while seconds := self._turns.seconds():
            self._hurry.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._hurry.wait()

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
        """Commit steps; return each one's answer, or the exception that dropped it alone. Never raises."""
        outcomes: list[Any] = []
        while len(outcomes) < len(steps):
            outcomes += self.commit_first(steps[len(outcomes) :])
        return outcomes

    def commit_first(self, steps: list[Step[Any]]) -> list[Any]:
        """Commit the first steps together, as many as fill a batch well; return their answers as `commit` does."""
        try:
            return self._together(steps)
        except Exception as error:  # noqa: BLE001 (the one writer must outlive whatever a batch runs into)
            # Whether the batch was committed may be unknown. Each step is idempotent by its ids, so each is run alone:
            # what was committed answers as before, and one that the database refuses no longer harms the rest.
            log.warning("batch_rerun_singly", steps=len(steps), error=type(error).__name__)
            outcomes = [self._alone(step) for step in steps]
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
            foresee(unit, steps)
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
                batch.write(unit)
                unit.send()
                self._append(unit, batch.entries)
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

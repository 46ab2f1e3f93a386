"""What the one writer runs: a step reads and changes a draft, and returns its answer."""

from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from broker.flows.draft import Draft
from broker.flows.order import Desk, Order
from broker.ports.store import Unit

T = TypeVar("T")
Step = Callable[[Draft], T]
"""One submission. It may be run again, so ids are minted before it."""
PatientStep = Callable[[Draft, int], T]
"""A step that can wait, and that is told how many entries it may add."""


@dataclass(frozen=True)
class Foreseen(Generic[T]):
    """A step of which it is known beforehand what it will ask."""

    run: Step[T]
    ask: Callable[[Unit], None]

    @classmethod
    def of(cls, order: Order[T], desk: Desk, room: Callable[[Draft], int]) -> "Foreseen[T]":
        """Carry out an order; `room` says how many entries it may add to a draft."""
        return cls(lambda draft: order.run(draft, desk, room(draft)), lambda unit: order.foresee(unit, desk.parts))

    def __call__(self, draft: Draft) -> T:
        return self.run(draft)


def foresee(unit: Unit, steps: list[Step[Any]]) -> None:
    """Have the database asked what is known that steps will ask."""
    for step in steps:
        if isinstance(step, Foreseen):
            step.ask(unit)


def within(context: Context, step: Step[T]) -> Step[T]:
    """Run a step in another thread as if it were run here."""
    if isinstance(step, Foreseen):
        return replace(step, run=within(context, step.run))
    return lambda draft: context.run(step, draft)

"""What the one writer is asked to do, as plain data: it can be done in this process, or by a scribe beside it."""

from typing import Any, NamedTuple, Protocol, TypeVar

from broker.flows.draft import Draft
from broker.flows.parts import Parts
from broker.flows.tellers import Tellers
from broker.ports.store import Unit

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Desk(NamedTuple):
    """What orders are carried out with, wherever that is."""

    parts: Parts
    tellers: Tellers


class Order(Protocol[T_co]):
    """One submission. It may be carried out again, so ids are minted before it; order and answer can be pickled."""

    @property
    def patient(self) -> bool:
        """Whether it lets others go first (see `Sequencer.submit_patiently`)."""
        ...

    @property
    def size(self) -> int:
        """How many events are in it."""
        ...

    def foresee(self, unit: Unit, parts: Parts) -> None:
        """Say what carrying it out will ask, so that the database answers it with the lock. Nothing is asked here."""
        ...

    def run(self, draft: Draft, desk: Desk, most: int) -> T_co:
        """Carry it out; a patient one may add `most` entries."""
        ...


class NotWritten(Exception):
    """The scribe has not done it, or has not said so and is gone: it is to be done here, under the same ids."""


class Beside(Protocol):
    """Who writes beside this process."""

    def takes(self, order: Order[Any]) -> bool:
        """Say whether `write` may be called with this order."""
        ...

    async def write(self, order: Order[T]) -> T:
        """Have an order carried out and committed. Raises NotWritten and Overloaded."""
        ...


class Nobody:
    """All is written in this process."""

    def takes(self, _order: Order[Any]) -> bool:
        return False

    async def write(self, _order: Order[T]) -> T:
        raise NotWritten

"""What passes between the hub and its scribe, each word pickled: both are the same program of the same edition.

the scribe          the hub
its edition    ->
               <-   the settings
READY          ->
               <-   Given, again and again
Written        ->   after every commit
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from broker.flows.order import Order
from broker.ports.relay import Letter

READY = "ready"


class Given(NamedTuple):
    """An order."""

    number: int
    order: Order[Any]
    trace: str | None
    """The trace of whoever gave it."""


class Outcome(NamedTuple):
    """What became of one order."""

    number: int
    is_done: bool
    """Whether it has been committed. If not, whatever the reason, the hub does it and sees for itself."""
    answer: Any


class Written(NamedTuple):
    """What has been committed."""

    letters: Sequence[Letter]
    outcomes: Sequence[Outcome]
    wakes: bool
    """Whether there may be mail to look for."""

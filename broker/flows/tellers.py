"""Who tells: this process alone, or others beside it. What each recipient is told of one event depends on no other."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from broker.flows.accept import Accepted
from broker.flows.parts import Parts
from broker.flows.tell import Said, tell_all


class Shift(Protocol):
    """The telling of one batch of events."""

    def give(self, accepted: Accepted) -> None:
        """Have an event told: at once, or later."""
        ...

    def said(self) -> Iterator[Said]:
        """Give what is said of each event given since the last time, in their order. To be taken to its end."""
        ...


class Tellers(Protocol):
    """Those who tell. Only the sequencer asks them, one batch after the other."""

    def shift(self, events: int, parts: Parts) -> AbstractContextManager[Shift]:
        """Open a shift for a batch of so many events, at most."""
        ...


class Alone:
    """This process, without others."""

    @contextmanager
    def shift(self, events: int, parts: Parts) -> Iterator[Shift]:  # noqa: ARG002 (one event or many, it is all the same)
        """Tell everything here."""
        yield _Here(parts)


class _Here:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._given: list[Accepted] = []

    def give(self, accepted: Accepted) -> None:
        self._given.append(accepted)

    def said(self) -> Iterator[Said]:
        given, self._given = self._given, []
        return (tell_each(one, self._parts) for one in given)


def tell_each(accepted: Accepted, parts: Parts) -> Said:
    """Tell everybody involved but the publisher what they may know of one event: 3 decide, 4 redact, 5 record."""
    return tell_all(accepted.event, accepted.case, accepted.involved, accepted.entry, parts)

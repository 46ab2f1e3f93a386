"""Order per endpoint and episode: one message after the other, but one that keeps failing is stepped over.

A *lane* is what must keep its order: one endpoint's messages about one episode. Of those that are unfinished, all that
were stepped over may go, and the first that was not. Every later one waits for that first: until it has arrived, has
been given up, or has failed three times. So a message that is rejected holds "child located" back by minutes at most.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

STEP_OVER_AFTER = 3
"""Failed attempts after which a message no longer holds back those behind it."""


class State(StrEnum):
    """Where one message to one endpoint stands."""

    HELD = "held"
    """Behind another one in its lane."""
    WAITING = "waiting"
    """May go as soon as it is due."""
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is tried unless the agency asks."""
        return self in (State.DELIVERED, State.GIVEN_UP)


class InLane(Protocol):
    """What order needs to know of a message."""

    @property
    def state(self) -> State: ...
    @property
    def stepped_over(self) -> bool: ...


M = TypeVar("M", bound=InLane)


def may_go(lane: Iterable[M]) -> tuple[M, ...]:
    """Return the messages of one lane, given in the order of their numbers, that may be sent."""
    going = []
    for message in lane:
        if message.state.is_finished:
            continue
        going.append(message)
        if not message.stepped_over:
            break
    return tuple(going)


def to_release(lane: Sequence[M]) -> tuple[M, ...]:
    """Return those that are held and need be no longer."""
    return tuple(message for message in may_go(lane) if message.state is State.HELD)


def is_stepped_over(tries: int) -> bool:
    """Say whether a message that has failed so many times lets others pass."""
    return tries >= STEP_OVER_AFTER

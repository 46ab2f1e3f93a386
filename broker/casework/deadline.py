"""What is due, when, and whose it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from broker.casework.moment import read, written


class DeadlineKind(StrEnum):
    """What is due."""

    RHI = "rhi"
    """The return home interview."""
    HANDOVER_OFFER = "handover_offer"
    """An answer to the offer of a handover."""


class DeadlineState(StrEnum):
    """Where a deadline stands."""

    RUNNING = "running"
    REACHED = "reached"
    """Its time came and what was due was not recorded as done."""
    MET = "met"
    """What was due is done, in time or late."""
    CANCELLED = "cancelled"
    """It no longer counts: another clock took its place, or nothing is due any more."""


@dataclass(frozen=True)
class Deadline:
    """One deadline of an episode."""

    id: str
    kind: DeadlineKind
    due_at: datetime
    controller: str
    """The agency whose event started the clock: it controls what the hub publishes because of it."""
    set_by_event: str
    owner: str | None
    """The agency that must act, if known."""
    state: DeadlineState
    began_at: datetime
    """When the clock began: the return, or the offer."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "due_at": written(self.due_at),
            "controller": self.controller,
            "set_by_event": self.set_by_event,
            "owner": self.owner,
            "state": self.state.value,
            "began_at": written(self.began_at),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Deadline":
        """Read what `to_json` wrote."""
        return cls(
            id=stored["id"],
            kind=DeadlineKind(stored["kind"]),
            due_at=read(stored["due_at"]),
            controller=stored["controller"],
            set_by_event=stored["set_by_event"],
            owner=stored["owner"],
            state=DeadlineState(stored["state"]),
            began_at=read(stored["began_at"]),
        )


Deadlines = tuple[Deadline, ...]


def running(deadlines: Deadlines, kind: DeadlineKind) -> Deadline | None:
    """Return the running deadline of a kind: there is never more than one."""
    return next((one for one in deadlines if one.kind is kind and one.state is DeadlineState.RUNNING), None)


def settled(deadlines: Deadlines, kind: DeadlineKind, state: DeadlineState) -> Deadlines:
    """Bring the running deadline of a kind to its end in the given state."""
    return tuple(
        replace(one, state=state) if one.kind is kind and one.state is DeadlineState.RUNNING else one
        for one in deadlines
    )

"""What comes out of an event: new state, events that the hub publishes because of it, who is owed the history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.casework.episode import Episode
from broker.casework.placement import Placement
from contracts.disclosure import Caution


@dataclass(frozen=True)
class Derived:
    """An event that the hub publishes because of another, on the same path."""

    type: str
    data: dict[str, Any]
    """Plain JSON, valid for the type's contract."""
    controller: str
    """The agency whose event caused it: its protocols and keys apply."""
    time: datetime


@dataclass(frozen=True)
class Advance:
    """The whole effect of one event, or of one deadline reached."""

    episode: Episode | None = None
    """The episode as it now stands; None for an event about a child."""
    placement: Placement | None = None
    """The placement record as it now stands, for an event about a child or one that bears on the record; else None."""
    derived: tuple[Derived, ...] = ()
    joined: tuple[str, ...] = ()
    """Agencies newly confirmed in an episode that already had events: each is owed the history."""
    warnings: tuple[Caution, ...] = ()
    handover_changed: bool = False

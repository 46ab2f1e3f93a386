"""The circumstances in which an event arrives: who publishes it, when, and what may be asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.casework.directory import Directory
from contracts.agency import Agency
from contracts.envelope import Subject


@dataclass(frozen=True)
class Arrival:
    """What every step needs beside the event's data and the state it advances."""

    event_id: str
    subject: Subject | None
    publisher: Agency
    """The authenticated agency."""
    directory: Directory
    now: datetime
    new_id: Callable[[], str]
    """Mints a ULID."""
    rhi_within: timedelta

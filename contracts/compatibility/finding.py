"""What the gate finds: something that would break, for whom, where, and what to do instead."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Who is harmed by a change within a major version."""

    PUBLISHER = "publisher"
    """An agency that goes on publishing as it did: the hub would refuse or misread it."""
    RECIPIENT = "recipient"
    """An agency that goes on reading as it did: it would get what it cannot read, or understand it wrongly."""
    DISCLOSURE = "disclosure"
    """Those whose data it is: a protocol that is in force would release more, or protect less, than was signed."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a change would break."""

    event_type: str
    side: Side
    place: str
    """A contract path, a path in the schema, or the name of an attribute of the contract."""
    message: str
    """What would break, and what to do if it is not the next major version."""

    def __str__(self) -> str:
        return f"{self.event_type} · {self.place} · breaks {WHO[self.side]}: {self.message}"


WHO = {
    Side.PUBLISHER: "agencies that publish it",
    Side.RECIPIENT: "agencies that read it",
    Side.DISCLOSURE: "protocols in force",
}

"""One message of an agency's mailbox, as the hub gave it."""

import json
from dataclasses import dataclass
from typing import Any, Self

from adapters.sdk.position import Position
from adapters.sdk.problem import UnexpectedAnswer
from contracts.events.mailbox import ERASED, GAP


@dataclass(frozen=True)
class Message:
    """A CloudEvent that the agency was told, with its place in the mailbox.

    The event is what the agency may see: members that its contract requires may be withheld, so it is not checked
    against the contract again. `repr` shows no data.
    """

    position: Position | None
    """None for what is not part of the mailbox, such as the notice of a gap."""
    event: dict[str, Any]
    missed: int = 0
    """How many numbers of the mailbox before this one never came. Anything but 0 is a fault: ask the hub's operator."""

    def __repr__(self) -> str:
        return f"Message({self.position}, {self.type}, id={self.id})"

    @classmethod
    def read(cls, document: object, position: Position | None = None) -> Self:
        """Take a CloudEvent parsed from JSON; its place from `concordatsequence` if not given. UnexpectedAnswer."""
        if not isinstance(document, dict) or not all(isinstance(document.get(name), str) for name in ("id", "type")):
            raise UnexpectedAnswer("the hub sent a message that is not a CloudEvent")
        sequence = document.get("concordatsequence")
        if position is None and isinstance(sequence, str):
            position = position_of(sequence)
        return cls(position, document)

    @classmethod
    def read_line(cls, line: str, position: Position | None) -> Self:
        """Take the `data:` of a server-sent event. Raises UnexpectedAnswer."""
        try:
            document = json.loads(line)
        except ValueError:
            raise UnexpectedAnswer("the hub sent a message that is not JSON") from None
        return cls.read(document, position)

    @property
    def id(self) -> str:
        """The disclosure's id: what an acknowledgement names, and what makes a message the same message."""
        return str(self.event["id"])

    @property
    def type(self) -> str:
        return str(self.event["type"])

    @property
    def subject(self) -> str | None:
        """`episode/<id>` or `child/<handle>`."""
        subject = self.event.get("subject")
        return subject if isinstance(subject, str) else None

    @property
    def data(self) -> dict[str, Any]:
        data = self.event.get("data")
        return data if isinstance(data, dict) else {}

    @property
    def is_gap(self) -> bool:
        """Whether the hub says that it no longer keeps what came between the bookmark and the next message."""
        return self.type == GAP

    @property
    def is_erased(self) -> bool:
        """Whether this only holds the place of a message that has been erased."""
        return self.type == ERASED


def position_of(text: str) -> Position:
    """Read a position that the hub sent. Raises UnexpectedAnswer."""
    try:
        return Position.parse(text)
    except ValueError as error:
        raise UnexpectedAnswer(str(error)) from None

"""What an endpoint asked for: which event types, how much of each, and whether the order within an episode matters."""

from dataclasses import dataclass
from enum import StrEnum


class Content(StrEnum):
    """How much of a message is sent."""

    FULL = "full"
    NOTICE = "notice"
    """Ids and type only: the agency's system fetches the rest from its mailbox."""


class Order(StrEnum):
    """In which order messages are sent."""

    EPISODE = "episode"
    """Those about one episode one after the other; one that keeps failing is stepped over."""
    NONE = "none"


@dataclass(frozen=True)
class Subscription:
    """One endpoint's choice. `types` are event types, each of which may end in `*`; none means every type."""

    types: tuple[str, ...] = ()
    content: Content = Content.FULL
    order: Order = Order.EPISODE

    def wants(self, event_type: str) -> bool:
        """Say whether messages of this type are to be sent."""
        return not self.types or any(matches(pattern, event_type) for pattern in self.types)


def matches(pattern: str, event_type: str) -> bool:
    """Say whether a type is the one named, or begins as the pattern before its `*`."""
    if pattern.endswith("*"):
        return event_type.startswith(pattern.removesuffix("*"))
    return event_type == pattern

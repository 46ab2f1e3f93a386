"""The way out to an agency's endpoint: one request, one answer, no following and no guessing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from broker.delivery.schedule import Outcome


class TargetRefused(Exception):
    """This hub does not send to such an address. The text says what is taken, and nothing of the address."""


@dataclass(frozen=True)
class Answer:
    """How one request ended."""

    outcome: Outcome
    status: int | None = None
    """The HTTP status, if there was one."""


class Outgoing(Protocol):
    """Sends to addresses that agencies name, and to none that they must not make the hub reach."""

    def check(self, url: str) -> None:
        """Raise TargetRefused for a URL that could never be sent to. What its name leads to is checked when sending."""
        ...

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one POST and say how it ended; never raises for what the other side does. Nothing of a body is kept."""
        ...


class NoWayOut:
    """A hub that sends no webhooks: every address is refused."""

    def check(self, url: str) -> None:  # noqa: ARG002 (the port's signature)
        raise TargetRefused("this hub sends no webhooks: receive by /v1/feed or /v1/inbox")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:  # noqa: ARG002 (likewise)
        return Answer(Outcome.NOT_ALLOWED)

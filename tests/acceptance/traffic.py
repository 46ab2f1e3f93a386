"""What agencies say and hear while hubs die: children's stories published, mailboxes read as they grow."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from adapters.sdk import Bookmark, Feed, HubClient, Message, compose, new_id
from broker.flows.ending import end
from contracts.disclosure import Receipt
from contracts.envelope import rfc3339
from tests.acceptance.hub_process import STUBBORN

POLICE, HOME, COUNCIL, HOST, HEALTH = (
    "northmere-police",
    "harbour-house",
    "eastvale-council",
    "westmoor-council",
    "northmere-health",
)
AGENCIES = (POLICE, HOME, COUNCIL, HOST, HEALTH)
_WESTMOOR = "E10999002"

Send = Callable[[str, dict[str, Any]], Awaitable[Receipt]]
"""Publishes an event of an agency until it is answered, under its one id, however often that takes."""


@asynccontextmanager
async def running(*work: Coroutine[Any, Any, None], finish: bool = False) -> AsyncIterator[None]:
    """Do work in the background of a block: at its end it is waited for (`finish`), or cancelled.

    What fails there fails the block.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
        yield
        if not finish:
            await end(*tasks)


@dataclass(frozen=True)
class Answered:
    """An event, and what its publisher was answered."""

    agency: str
    event: dict[str, Any] = field(repr=False)
    receipt: Receipt = field(repr=False)


@dataclass
class Traffic:
    """Many children's nights at once, each event said by the agency whose part it is, after the answer to the last."""

    send: Send
    answered: list[Answered] = field(default_factory=list)
    ended: bool = False
    _progress: asyncio.Condition = field(default_factory=asyncio.Condition)
    _numbers: Any = field(default_factory=lambda: count(1))

    async def run(self, side_by_side: int) -> None:
        """Tell stories until `end`; those that have begun are told to their end."""
        async with asyncio.TaskGroup() as group:
            for _ in range(side_by_side):
                group.create_task(self._stories())

    def end(self) -> None:
        """Begin no further story."""
        self.ended = True

    async def reached(self, more: int) -> None:
        """Wait until so many more events have been answered."""
        target = len(self.answered) + more
        async with self._progress:
            await self._progress.wait_for(lambda: len(self.answered) >= target)

    async def publish(self, agency: str, event_type: str, data: dict[str, Any], subject: str | None = None) -> Receipt:
        """Publish one event and note its answer."""
        event = compose(agency, event_type, data, time=datetime.now(UTC), subject=subject)
        receipt = await self.send(agency, event)
        async with self._progress:
            self.answered.append(Answered(agency, event, receipt))
            self._progress.notify_all()
        return receipt

    async def _stories(self) -> None:
        while not self.ended:
            await self.night(next(self._numbers))

    async def night(self, number: int) -> None:
        """One invented child, from the placement to the closing."""
        placed = await self.publish(COUNCIL, "concordat.placement.notified.v1", placement(number))
        episode = f"episode/{new_id()}"
        await self.publish(HOME, "concordat.episode.opened.v1", _opening(str(placed.subject)), episode)
        for level in ("medium", "high"):
            await self.publish(POLICE, "concordat.risk.changed.v1", {"risk": {"level": level}}, episode)
        await self.publish(POLICE, "concordat.child.located.v1", {"located_at": _now()}, episode)
        await self.publish(POLICE, "concordat.wellbeing.confirmed.v1", {"confirmed_at": _now()}, episode)
        back = {"returned_at": _now(), "setting": "placement"}
        await self.publish(HOME, "concordat.child.returned.v1", back, episode)
        closed = {"closed_at": _now(), "reason": "located_and_well"}
        await self.publish(POLICE, "concordat.episode.closed.v1", closed, episode)


@dataclass
class Reader:
    """An agency's application on its feed."""

    client: HubClient
    bookmark: Bookmark
    received: list[Message] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def agency(self) -> str:
        return self.client.agency

    async def run(self) -> None:
        """Read until cancelled."""
        async for message in Feed(self.client, self.bookmark, backoff=STUBBORN):
            async with self._news:
                self.received.append(message)
                self._news.notify_all()

    async def has(self, messages: int) -> None:
        """Wait until at least so many messages have reached the application."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.received) >= messages)

    async def hears(self, disclosure: str) -> None:
        """Wait for one message."""
        async with self._news:
            await self._news.wait_for(lambda: any(message.id == disclosure for message in self.received))


def _now() -> str:
    return rfc3339(datetime.now(UTC))


def placement(number: int) -> dict[str, Any]:
    return {
        "child": {"local_reference": f"EC-{number}", "name": "Robin Example"},
        "placement": {"began_at": _now(), "area": _WESTMOOR},
        "involved": [
            {"agency": HOME, "role": "care_provider"},
            {"agency": HOST, "role": "host_authority"},
            {"agency": HEALTH, "role": "health"},
        ],
    }


def _opening(child: str) -> dict[str, Any]:
    return {
        "child": {"handle": child.removeprefix("child/"), "name": "Robin Example"},
        "reported_at": _now(),
        "risk": {"level": "medium"},
        "involved": [{"agency": COUNCIL, "role": "responsible_authority"}],
    }

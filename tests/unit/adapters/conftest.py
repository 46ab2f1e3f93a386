"""What the stories of an agency's system share: a hub in memory and a client of Harbour House on it."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.sdk import HubClient, compose, new_id
from adapters.sdk.testing import InMemoryHub

HOME = "harbour-house"


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


@pytest.fixture
def as_home(hub: InMemoryHub) -> Callable[..., Any]:
    """Run a story as Harbour House, with a client of the hub."""

    def run(story: Callable[[HubClient], Coroutine[Any, Any, Any]]) -> Any:
        async def play() -> Any:
            async with HubClient(hub.url, hub.enrol(HOME), transport=hub, clock=hub.clock) as client:
                return await asyncio.wait_for(story(client), 20)

        return asyncio.run(play())

    return run


@pytest.fixture
def report() -> Callable[..., dict[str, Any]]:
    """Compose a report that an invented child is missing."""

    def make(episode: str | None = None, name: str = "Robin Example") -> dict[str, Any]:
        return compose(
            HOME,
            "concordat.episode.opened.v1",
            {"child": {"name": name}},
            time=datetime(2026, 11, 22, 21, 40, tzinfo=UTC),
            subject=f"episode/{episode or new_id()}",
        )

    return make


@pytest.fixture
def located(hub: InMemoryHub) -> Callable[..., Any]:
    """Tell Harbour House that the child has been found."""

    def deliver(**more: Any) -> Any:
        data = {"located_at": "2026-11-22T23:10:00Z"}
        return hub.deliver(HOME, "concordat.child.located.v1", data, subject=f"episode/{new_id()}", **more)

    return deliver

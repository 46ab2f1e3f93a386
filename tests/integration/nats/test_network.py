"""The network to NATS is refused, swallows, forgets or breaks: everybody gets all that was accepted, each once.

Hub, nats-server and agencies are processes and connections of their own; between the hub and the server, and between
the agencies and the server, lies a network of its own each (`tests/network.py`).
"""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.sdk import Bookmark, Credentials, Feed, HubClient, Sender
from broker.cli.keys import key_file
from broker.cli.partnership import found
from broker.nats.config import ServerConfig
from broker.nats.keys import keys_from
from broker.nats.server import EmbeddedServer
from broker.settings import Settings
from broker.wiring import build
from tests import soak
from tests.agencies_on_nats import QUICK, House, System, running, system, until
from tests.network import Network, Trouble, network
from tests.placed_child import COUNCIL, HEALTH, HOME, POLICE, missing, placement

AT_ONCE = 3
"""Children reported in each spell."""


@dataclass
class County:
    """A hub, a server that is not its own, and the networks to it."""

    house: House
    to_hub: Network
    """Between the hub and the server."""
    to_agencies: Network
    """Between the agencies and the server."""
    council: HubClient
    home: HubClient

    async def report(self) -> set[str]:
        """Report children over HTTP, whatever NATS does; return the ids of the events."""
        accepted = set()
        for _ in range(AT_ONCE):
            placed = await self.council.publish(placement())
            receipt = await self.home.publish(missing(str(placed.subject)))
            accepted.add(receipt.event_id)
        return accepted


@contextlib.asynccontextmanager
async def county(folder: Path) -> AsyncIterator[County]:
    state = folder / "state"
    built = build(Settings(state=state, nats="off"))
    found(built.hub, state / "agencies")
    keys = keys_from(built.vault.secret, None, int(time.time()))
    server = EmbeddedServer(ServerConfig(keys, folder / "server"))
    await server.start()
    port = int(server.place.urls[0].rpartition(":")[2])
    try:
        async with network(port) as to_hub, network(port) as to_agencies:
            house = House(state, nats_port=to_agencies.port)
            house.environ = {"CONCORDAT_NATS_URL": f"nats://127.0.0.1:{to_hub.port}", "CONCORDAT_NATS_REPLICAS": "1"}
            await asyncio.to_thread(house.start)
            try:
                async with _client(house, COUNCIL) as council, _client(house, HOME) as home:
                    yield County(house, to_hub, to_agencies, council, home)
            finally:
                await asyncio.to_thread(house.stop)
    finally:
        await server.stop()
        built.close()
        gc.collect()  # sockets of connections that broke are left to the collector by the NATS library


def _client(house: House, agency: str) -> HubClient:
    return HubClient(house.url, Credentials.load(agency, key_file(house.state / "agencies", agency)))


async def _watch(feed: Feed, seen: list[str]) -> None:
    async for message in feed:
        seen.append(message.id)  # noqa: PERF401 (it is looked at while it grows)


def _openings(machine: System) -> list[str]:
    return [one.id for one in machine.handled if one.type == "concordat.episode.opened.v1"]


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "trouble",
    # What was sent on a forgotten connection comes again only when the 30 s for its acknowledgement are over.
    [Trouble.REFUSED, Trouble.SWALLOWED, Trouble.BROKEN, pytest.param(Trouble.FORGOTTEN, marks=soak.ONLY)],
    ids=lambda one: one.value,
)
def test_what_was_accepted_meanwhile_reaches_everybody_once(tmp_path: Path, trouble: Trouble) -> None:
    """Trouble between hub and server, then between agencies and server: HTTP and feed go on, and NATS catches up."""

    async def story() -> None:
        async with (
            county(tmp_path) as one,
            system(one.house, POLICE) as police,
            system(one.house, COUNCIL) as council,
            system(one.house, HOME) as home,
            _client(one.house, HEALTH) as health,
        ):
            feed_of_health: list[str] = []
            with Bookmark.open(tmp_path / "feed") as bookmark:
                work = (
                    police.work(),
                    council.work(),
                    Sender(home.outbox, home.nats, QUICK).run(),
                    _watch(Feed(health, bookmark), feed_of_health),
                )
                async with running(*work) as tasks:
                    await one.report()
                    await _all_have(AT_ONCE, (police, council), tasks)

                    await one.to_hub.begin(trouble)
                    before = len(feed_of_health)
                    await one.report()
                    await until(lambda: len(feed_of_health) >= before + AT_ONCE, "the feed, meanwhile", *tasks)
                    if trouble is not Trouble.BROKEN:
                        assert len(_openings(police)) == AT_ONCE, "nothing came by NATS"
                    await one.to_hub.end()
                    await _all_have(2 * AT_ONCE, (police, council), tasks)

                    await one.to_agencies.begin(trouble)
                    await one.report()
                    placed = await one.council.publish(placement())
                    event = missing(str(placed.subject))
                    home.outbox.put(event)
                    if trouble is Trouble.BROKEN:
                        await until(lambda: one.to_agencies.broken > 5, "connections that broke", *tasks)
                    else:
                        assert len(_openings(police)) == 2 * AT_ONCE, "nothing came by NATS"
                    await one.to_agencies.end()
                    outcome = await home.outbox.outcome_of(event["id"])
                    assert outcome.receipt is not None, "what the outbox held was sent in the end"
                    await _all_have(3 * AT_ONCE + 1, (police, council), tasks)
                    inboxes = [
                        {message.id for message in (await machine.hub.inbox(None, limit=500)).items}
                        for machine in (police, council)
                    ]
            for machine, wanted in zip((police, council), inboxes, strict=True):
                assert len(machine.ids()) == len(set(machine.ids())), "handed to the application once"
                assert set(machine.ids()) == wanted
                assert machine.unreadable == []

    asyncio.run(story())


async def _all_have(openings: int, machines: Sequence[System], tasks: "list[asyncio.Task[None]]") -> None:
    for machine in machines:
        await until(
            lambda machine=machine: len(_openings(machine)) >= openings, f"{machine.nats.agency} has all", *tasks
        )

"""A busy hub has its scribe write: whatever becomes of that process, what was answered for is kept, once and proved."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.sdk import Bookmark, HubClient, new_id
from tests.acceptance.conftest import Process
from tests.acceptance.hub_process import LOOK, PATIENCE, HubProcess, free_port, seed_of_this_run
from tests.acceptance.night import play_night
from tests.acceptance.processes import is_running, named
from tests.acceptance.test_nats_kill import Machine, all_confirmed, check_deliveries, told, until
from tests.acceptance.traffic import Answered, Reader, Traffic, running
from tests.placed_child import COUNCIL, HEALTH, HEARING, HOME, HOST, POLICE, missing, placement
from tests.webhook_desk import desks, subscribe

WITH_SCRIBE = {"CONCORDAT_SCRIBE": "true", "CONCORDAT_TELLERS": "0"}


async def report_many(client: HubClient) -> list[Answered]:
    """An outbox that has fallen behind sends all it has: a hub that sees this has a scribe."""
    events = [missing(f"child/{new_id()}") for _ in range(12)]
    return [Answered(HOME, *one) for one in zip(events, await client.publish_batch(events), strict=True)]


async def new_scribe(hub: HubProcess, before: int) -> int:
    """Wait until the hub has one more scribe than `before`; return its process id."""
    async with asyncio.timeout(PATIENCE):
        while len(ready := named(hub, "scribe_ready")) <= before:  # noqa: ASYNC110 (another process writes the log)
            await asyncio.sleep(LOOK)
    return ready[-1]


@pytest.mark.parametrize("end", ["asked to stop", "killed"])
def test_it_ends_with_the_hub(process: Process, end: str) -> None:
    """A quiet hub is one process; the scribe of a busy one and its tellers do not stay behind, however the hub ends."""
    hub = process(WITH_SCRIBE | {"CONCORDAT_TELLERS": "1"})

    async def story() -> None:
        await hub.start()
        async with hub.client(HOME) as client:
            for _ in range(3):
                await client.publish(missing(f"child/{new_id()}"))
            assert not named(hub, "scribe_started")
            await report_many(client)
            scribe = await new_scribe(hub, 0)
            await report_many(client)
            os.kill(scribe, signal.SIGTERM)  # as a service manager does, to all processes at once
            await report_many(client)
            assert is_running(scribe)
            assert b"scribe_lost" not in hub.log.read_bytes()
            beside = [scribe, *named(hub, "teller_started")]
            assert len(beside) == 2
        if end == "killed":
            await hub.kill()
        else:
            assert await hub.stop() == 0
        async with asyncio.timeout(PATIENCE):
            while any(map(is_running, beside)):  # noqa: ASYNC110 (processes of somebody else)
                await asyncio.sleep(LOOK)
        assert named(hub, "scribe_ready") == [scribe]
        assert "Traceback" not in hub.log.read_text()

    asyncio.run(story())


def test_a_hub_without_a_scribe_has_none(process: Process) -> None:
    """The operator wants one process, and has one."""
    hub = process(WITH_SCRIBE | {"CONCORDAT_SCRIBE": "false"})

    async def story() -> None:
        await hub.start()
        async with hub.client(HOME) as client:
            await report_many(client)
            await report_many(client)
        assert await hub.stop() == 0
        assert not named(hub, "scribe_started")

    asyncio.run(story())


def test_nothing_answered_is_lost_where_a_scribe_dies(
    process: Process, hub_settings: dict[str, str], tmp_path: Path
) -> None:
    """It is killed at any instant, and so is the hub while it writes; agencies notice nothing but a moment's wait."""
    chance = seed_of_this_run()
    hub = process(hub_settings | WITH_SCRIBE)

    async def happening(traffic: Traffic, clients: Mapping[str, HubClient]) -> None:
        for life, victim in enumerate(("scribe", "hub", "scribe")):
            traffic.answered += await report_many(clients[HOME])
            scribe = await new_scribe(hub, life)
            await traffic.reached(chance.randint(5, 20))
            await asyncio.sleep(chance.uniform(0, 0.03))
            if victim == "scribe":
                os.kill(scribe, signal.SIGKILL)
                await traffic.reached(10)
            if life < 2:
                await hub.kill()
                await hub.start()

    asyncio.run(play_night(hub, tmp_path, happening, chance))
    assert len(set(named(hub, "scribe_ready"))) == 3


@pytest.mark.timeout(230)
def test_its_mail_reaches_every_recipient_where_it_dies(process: Process, tmp_path: Path) -> None:
    """Committed and on its way to the hub when the scribe is killed: by NATS, webhook and feed all of it arrives."""
    chance = seed_of_this_run()
    on_nats = {"CONCORDAT_NATS": "embedded", "CONCORDAT_NATS_PORT": str(free_port())}
    hub = process(WITH_SCRIBE | on_nats | {"CONCORDAT_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"})

    async def one_life(life: int, home: HubClient, child: str) -> None:
        await home.publish_batch([missing(child) for _ in range(12)])
        scribe = await new_scribe(hub, life)
        reports = [asyncio.create_task(home.publish(missing(child))) for _ in range(20)]
        await asyncio.sleep(chance.uniform(0, 0.2))
        os.kill(scribe, signal.SIGKILL)
        assert len(await asyncio.gather(*reports)) == 20
        assert await hub.stop() == 0
        await hub.start()

    async def story() -> None:
        await hub.start()
        async with desks(HOST) as endpoints, contextlib.AsyncExitStack() as stack:
            readers = [Machine(hub, POLICE), Machine(hub, COUNCIL)]
            for machine in readers:
                stack.push_async_callback(machine.close)
            home, council, host, health = [
                await stack.enter_async_context(hub.client(agency)) for agency in (HOME, COUNCIL, HOST, HEALTH)
            ]
            await subscribe(host, endpoints[HOST].url)
            feed = Reader(health, stack.enter_context(Bookmark.open(tmp_path / "feed")))
            async with running(feed.run()):
                child = str((await council.publish(placement())).subject)
                for life in range(3):
                    await one_life(life, home, child)
                everyone = {agency: told(hub, agency) for agency in HEARING}
                assert all(len(ids) >= 3 * 32 for ids in everyone.values())
                for reader in readers:
                    await until(reader.has_all, f"everything for {reader.agency}")
                    assert set(reader.got) == everyone[reader.agency]
                await endpoints[HOST].has(everyone[HOST])
                await until(lambda: len(feed.received) >= len(everyone[HEALTH]), "everything on the feed")
            assert [one.id for one in feed.received] == list(dict.fromkeys(one.id for one in feed.received))
            assert {one.id for one in feed.received} == everyone[HEALTH]
            by_nats = sum(len(everyone[reader.agency]) for reader in readers)
            await until(lambda: all_confirmed(hub, readers, by_nats), "the deliveries")
            check_deliveries(hub)
        assert await hub.stop() == 0

    asyncio.run(story())
    assert len(set(named(hub, "scribe_ready"))) == 3

"""A busy hub has its scribe write: whatever becomes of that process, what was answered for is kept, once and proved."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.sdk import HubClient, new_id
from tests.acceptance.conftest import Process
from tests.acceptance.hub_process import LOOK, PATIENCE, HubProcess, seed_of_this_run
from tests.acceptance.night import play_night
from tests.acceptance.processes import is_running, named
from tests.acceptance.traffic import HOME, Answered, Traffic
from tests.placed_child import missing

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

"""The processes that tell beside a hub live no longer than it does, however it ends."""

import asyncio

import pytest

from adapters.sdk import HubClient, new_id
from tests.acceptance.conftest import Process
from tests.acceptance.hub_process import LOOK, PATIENCE
from tests.acceptance.processes import is_running, logged, named
from tests.placed_child import HOME, missing


async def report_many(client: HubClient) -> None:
    """An outbox that has fallen behind sends all it has."""
    assert len(await client.publish_batch([missing(f"child/{new_id()}") for _ in range(12)])) == 12


@pytest.mark.parametrize("end", ["asked to stop", "killed"])
def test_they_end_with_the_hub(process: Process, end: str) -> None:
    """None is left behind with what it was told, neither after an orderly end nor after a kill."""
    hub = process({"CONCORDAT_TELLERS": "2", "CONCORDAT_SCRIBE": "false"})

    async def story() -> None:
        await hub.start()
        async with hub.client(HOME) as client:
            assert not named(hub, "teller_started"), "a hub that has seen no large batch is one process"
            await report_many(client)
            tellers = named(hub, "teller_started")
            assert len(set(tellers)) == 2
            assert all(is_running(one) for one in tellers)
            await report_many(client)
        if end == "killed":
            await hub.kill()
        else:
            assert await hub.stop() == 0
        async with asyncio.timeout(PATIENCE):
            while any(is_running(one) for one in tellers):  # noqa: ASYNC110 (processes of somebody else)
                await asyncio.sleep(LOOK)
        assert {line["level"] for line in logged(hub)} == {"info"}
        assert "Traceback" not in hub.log.read_text()

    asyncio.run(story())


def test_a_hub_without_tellers_has_none(process: Process) -> None:
    """The operator wants one process, and has one."""
    hub = process({"CONCORDAT_TELLERS": "0", "CONCORDAT_SCRIBE": "false"})

    async def story() -> None:
        await hub.start()
        async with hub.client(HOME) as client:
            await report_many(client)
            assert not named(hub, "teller_started")
        assert await hub.stop() == 0

    asyncio.run(story())

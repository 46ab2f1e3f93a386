"""An operator stops the hub in the middle of a busy evening: nothing is cut off half-way and nothing is lost."""

import asyncio
import contextlib
from pathlib import Path

from adapters.sdk import Backoff, HubClient, HubError, Problem, Unreachable
from contracts.disclosure import Receipt
from tests.acceptance.conftest import Process
from tests.acceptance.hub_process import HubProcess
from tests.acceptance.reckoning import check_books, check_retries, check_told, mailbox
from tests.acceptance.traffic import AGENCIES, COUNCIL, HEALTH, HOST, POLICE, Answered, Traffic, placement, running

SOON = 20
"""Seconds in which a hub that was asked to stop is gone, on a machine that is busy."""
ONCE = Backoff(attempts=1)


def test_a_hub_that_is_asked_to_stop_finishes_what_it_has_begun(
    process: Process, hub_settings: dict[str, str], tmp_path: Path
) -> None:
    """Every request in flight is answered or cleanly refused, feeds end, and the hub leaves with code 0."""
    asyncio.run(_evening(process(hub_settings)))


async def _evening(hub: HubProcess) -> None:
    await hub.start()
    async with contextlib.AsyncExitStack() as stack:
        clients = {one: await stack.enter_async_context(hub.client(one, backoff=ONCE)) for one in AGENCIES}
        evening = _Evening(clients[COUNCIL])
        feeds_open = [asyncio.Event() for _ in (POLICE, HOST, HEALTH)]
        feeds = [_feed(clients[one], is_open) for one, is_open in zip((POLICE, HOST, HEALTH), feeds_open, strict=True)]
        # More at once than the hub takes in one go, so that some are always under way.
        async with running(*feeds, *(evening.publish(lane) for lane in range(12)), finish=True):
            for is_open in feeds_open:
                await is_open.wait()
            await evening.traffic.reached(40)
            assert await hub.stop(SOON) == 0, hub.last_words()
        assert "Traceback" not in hub.last_words()
        assert evening.refusals, "the stop came when nothing was under way"
        assert all(_is_clean(error) for error in evening.refusals), evening.refusals

        await hub.start()
        for one in evening.unanswered:
            receipt = await clients[COUNCIL].publish(one)
            evening.traffic.answered.append(Answered(COUNCIL, one, receipt))
        await check_retries(evening.traffic.answered, clients)
        check_told(evening.traffic.answered, {agency: await mailbox(client) for agency, client in clients.items()})
    assert await hub.stop(SOON) == 0
    check_books(hub.settings, evening.traffic.answered, ())


class _Evening:
    """Placements that a council records side by side, each sent once, until the hub does not take them any more."""

    def __init__(self, client: HubClient) -> None:
        self._client = client
        self.traffic = Traffic(self._send)
        self.refusals: list[HubError] = []
        self.unanswered: list[dict[str, object]] = []

    async def publish(self, lane: int) -> None:
        number = 0
        while not self.refusals:
            number += 1
            with contextlib.suppress(HubError):
                await self.traffic.publish(
                    COUNCIL, "concordat.placement.notified.v1", placement(lane * 100_000 + number)
                )

    async def _send(self, _agency: str, event: dict[str, object]) -> Receipt:
        try:
            return await self._client.publish(event, once=True)
        except HubError as error:
            self.refusals.append(error)
            self.unanswered.append(event)
            raise


async def _feed(client: HubClient, is_open: asyncio.Event) -> None:
    """Read one connection to its end, which must be the hub's own: a stream that breaks off raises Unreachable."""
    async with client.open_feed(None) as source:
        is_open.set()
        async for _sent in source:
            pass


def _is_clean(error: HubError) -> bool:
    """No answer at all, or the statement that the hub is not there: never a fault of its own or of the event."""
    return isinstance(error, Unreachable) or (isinstance(error, Problem) and error.status == 503)

"""The hub dies while it sends webhooks: every endpoint still gets every message, each under its one id."""

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import Sequence

from tests.acceptance.conftest import Process
from tests.acceptance.hub_entry import Fate
from tests.acceptance.hub_process import HubProcess, seed_of_this_run
from tests.acceptance.reckoning import check_told, mailbox
from tests.acceptance.traffic import AGENCIES, COUNCIL, HEALTH, POLICE, Traffic, running
from tests.webhook_desk import desks, subscribe

MOMENTS = (
    Fate("before", "INSERT INTO leases", 1),  # mail is there, nobody works it yet
    Fate("commit", "INSERT INTO leases", 2),
    Fate("before", "INSERT INTO webhook_queue", 2),  # half of what was read is queued
    Fate("commit", "INSERT INTO webhook_queue", 1),  # all is queued, the cursor has moved, nothing is committed
    Fate("before", "INSERT INTO deliveries", 2),  # the endpoint has answered 200, nothing says so
    Fate("commit", "INSERT INTO deliveries", 1),
    Fate("before", "INSERT INTO webhook_attempts", 2),  # the ledger says delivered, the queue does not
    Fate("commit", "INSERT INTO webhook_attempts", 1),
)
LISTENING = (POLICE, COUNCIL, HEALTH)
SETTINGS = {"CONCORDAT_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8", "CONCORDAT_WEBHOOK_LEASE_SECONDS": "1"}


def test_every_event_that_was_answered_reaches_every_endpoint_under_one_id(
    process: Process, hub_settings: dict[str, str], extra_deaths: int
) -> None:
    """Whenever the hub dies, an agency's endpoint gets everything in its mailbox, at least once, always as itself."""
    chance = seed_of_this_run()
    hub = process(hub_settings | SETTINGS)
    chosen = 4 if "CONCORDAT_DATABASE_URL" in hub_settings else len(MOMENTS)
    deaths = [*chance.sample(MOMENTS, chosen), None, None, *chance.choices((*MOMENTS, None), k=extra_deaths)]
    chance.shuffle(deaths)
    asyncio.run(_night(hub, deaths, chance))


async def _night(hub: HubProcess, deaths: Sequence[Fate | None], chance: random.Random) -> None:
    await hub.start()
    async with desks(*LISTENING) as endpoints, contextlib.AsyncExitStack() as stack:
        clients = {agency: await stack.enter_async_context(hub.client(agency)) for agency in AGENCIES}
        for agency, desk in endpoints.items():
            await subscribe(clients[agency], desk.url)
        traffic = Traffic(lambda agency, event: clients[agency].publish(event))
        async with running(traffic.run(2), finish=True):
            for death in deaths:
                if death is None:
                    await hub.start() if not hub.is_running else None
                    await traffic.reached(chance.randint(2, 8))
                    await hub.kill()
                else:
                    if hub.is_running:
                        await hub.kill()
                    await hub.start(death)
                    assert await hub.ended() == -signal.SIGKILL, f"{death}: {hub.last_words()}"
            await hub.start()
            await traffic.reached(5)
            traffic.end()
        mailboxes = {agency: await mailbox(client) for agency, client in clients.items()}
        check_told(traffic.answered, mailboxes)
        for agency, desk in endpoints.items():
            wanted = {message.id for message in mailboxes[agency]}
            await desk.has(wanted)
            assert {name for name, _ in desk.got} == wanted
            assert all(header == inside for header, inside in desk.got)
            # More than once only by a death: never the rule.
            again = sum(times - 1 for times in Counter(name for name, _ in desk.got).values())
            assert again <= 8 * (len(deaths) + 1)
    assert await hub.stop() == 0

"""The hub dies while it sends webhooks: every endpoint still gets every message, each under its one id."""

import asyncio
import contextlib
import json
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from adapters.sdk import HubClient
from adapters.sdk.calls import Call
from tests.acceptance.conftest import Process
from tests.acceptance.hub_entry import Fate
from tests.acceptance.hub_process import PATIENCE, HubProcess, seed_of_this_run
from tests.acceptance.reckoning import check_told, mailbox
from tests.acceptance.traffic import AGENCIES, COUNCIL, HEALTH, HOST, POLICE, Traffic, running

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
LISTENING = (POLICE, COUNCIL, HEALTH, HOST)
SETTINGS = {"CONCORDAT_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8", "CONCORDAT_WEBHOOK_LEASE_SECONDS": "1"}


@dataclass
class Desk:
    """An agency's endpoint, which outlives the hub. Every seventh message it refuses at first."""

    url: str = ""
    got: list[tuple[str, str]] = field(default_factory=list)
    """Id in the header, id in the body, of each that was answered 200."""
    _met: dict[str, None] = field(default_factory=dict)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(line.lower().split(": ", 1) for line in head.strip().split("\r\n")[1:])
            body = await reader.readexactly(int(headers["content-length"]))
            name = headers["webhook-id"].upper()
            refused = name not in self._met and len(self._met) % 7 == 3
            self._met[name] = None
            if not refused:
                async with self._news:
                    self.got.append((name, json.loads(body)["id"]))
                    self._news.notify_all()
            answer = b"503 Busy" if refused else b"200 OK"
            writer.write(b"HTTP/1.1 %b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % answer)
            await writer.drain()
        writer.close()

    async def has(self, ids: set[str]) -> None:
        """Wait until all of these have come."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: ids <= {name for name, _ in self.got})


@contextlib.asynccontextmanager
async def desks() -> AsyncIterator[dict[str, Desk]]:
    """Serve an endpoint for each agency that listens."""
    made = {agency: Desk() for agency in LISTENING}
    servers = []
    for desk in made.values():
        server = await asyncio.start_server(desk.serve, "127.0.0.1", 0)
        desk.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        servers.append(server)
    try:
        yield made
    finally:
        for server in servers:
            server.close()


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
    async with desks() as endpoints, contextlib.AsyncExitStack() as stack:
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


async def subscribe(client: HubClient, url: str) -> None:
    headers = {"content-type": "application/json"}
    call = Call("POST", "/v1/endpoints", content=json.dumps({"url": url}).encode(), headers=headers)
    assert (await client._calls.json(call))["secret"].startswith("whsec_")

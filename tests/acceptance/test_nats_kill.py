"""Hub and nats-server die at any moment of a night: what was accepted arrives at every recipient, under one id.

Death is SIGKILL; SIGSTOP stands for a server that hangs for a while. Neither can show what a power cut would: that is
`test_power_loss.py`.
"""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
import orjson
import pytest
from nats.aio.client import Client, RawCredentials
from sqlalchemy import func, select

from adapters.sdk import Bookmark
from broker.built import Built
from broker.flows.ending import end
from broker.nats.accounts import API_PREFIX, STREAM, agency_creds, inbox_prefix
from broker.ports.records import DisclosureFilter
from broker.store import tables
from broker.store.transactions import Database
from broker.wiring import build
from broker.wiring_nats import nats_side
from contracts.ledger_entry import Operation
from tests.acceptance.conftest import Process
from tests.acceptance.hub_process import PATIENCE, HubProcess, free_port, seed_of_this_run
from tests.acceptance.traffic import Reader
from tests.placed_child import COUNCIL, HEALTH, HEARING, HOME, HOST, POLICE, missing, placement
from tests.webhook_desk import desks, subscribe

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


async def until(holds: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Wait for a condition."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                seen = holds()
                if await seen if not isinstance(seen, bool) else seen:
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"never came: {what}") from None


@contextlib.contextmanager
def opened(hub: HubProcess) -> Iterator[Built]:
    """Open the databases beside the hub."""
    built = build(hub.settings)
    try:
        yield built
    finally:
        built.close()


@dataclass
class Machine:
    """An agency's machine on NATS: its own account, its outbox, its durable. It connects again whenever it must."""

    hub: HubProcess
    agency: str
    got: Counter[str] = field(default_factory=Counter)
    sent: list[str] = field(default_factory=list)
    _client: Client | None = None

    async def connected(self) -> Client:
        if self._client is None or self._client.is_closed:
            with opened(self.hub) as built, built.store.reading() as view:
                side = nats_side(built)
                assert side is not None
                agency = next(one for one in view.agencies() if one.id == self.agency)
                creds = agency_creds(side.keys(), agency, 0)

            async def quiet(_error: Exception) -> None:
                return

            self._client = await nats.connect(
                f"nats://127.0.0.1:{self.hub.settings.nats_port}",
                user_credentials=RawCredentials(creds),
                inbox_prefix=inbox_prefix(self.agency),
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.1,  # type: ignore[arg-type]
                error_cb=quiet,
            )
        return self._client

    async def publish(self, document: dict[str, Any]) -> dict[str, Any]:
        """Send until the receipt comes, always under the same id; return it."""
        receipt: dict[str, Any] = {}

        async def accepted() -> bool:
            try:
                async with asyncio.timeout(3):
                    client = await self.connected()
                    reply = await client.request(
                        f"in.{self.agency}.{document['type']}", orjson.dumps(document), timeout=2
                    )
            except (nats.errors.Error, OSError, TimeoutError):
                return False
            if (reply.headers or {}).get("Concordat-Status") not in {"200", "201"}:
                return False
            receipt.update(orjson.loads(reply.data))
            return True

        await until(accepted, "a receipt")
        self.sent.append(str(document["id"]))
        return receipt

    async def read(self, most: int = 50) -> None:
        """Fetch once, and ack what came."""
        try:
            async with asyncio.timeout(3):
                client = await self.connected()
                durable = await client.jetstream(prefix=API_PREFIX).pull_subscribe_bind(self.agency, STREAM)
                try:
                    for message in await durable.fetch(most, timeout=0.5):
                        self.got[(message.headers or {})["Nats-Msg-Id"]] += 1
                        await message.ack()
                finally:
                    await durable.unsubscribe()
        except (nats.errors.Error, OSError, TimeoutError):
            return

    async def has_all(self) -> bool:
        await self.read()
        return told(self.hub, self.agency) <= set(self.got)

    def has_new(self, disclosure: str) -> Callable[[], Awaitable[bool]]:
        async def look() -> bool:
            await self.read()
            return disclosure in self.got

        return look

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


def told(hub: HubProcess, agency: str) -> set[str]:
    """Every disclosure to an agency that stands in the ledger."""
    with opened(hub) as built, built.store.reading() as view:
        rows = view.disclosures(DisclosureFilter(agency=None, recipient=agency, limit=500))
    return {row.id for row in rows if row.outcome is Operation.DISCLOSED}


def delivered(hub: HubProcess) -> int:
    """How many disclosures have arrived by NATS."""
    return sum(row.channel == "nats" for row in _deliveries(hub)[0])


def check_deliveries(hub: HubProcess) -> None:
    """Each disclosure that has arrived, by however many ways, has one entry in the ledger that says so."""
    rows, entries = _deliveries(hub)
    assert len({row.disclosure for row in rows}) == entries


def _deliveries(hub: HubProcess) -> tuple[Sequence[Any], int]:
    database = Database(hub.settings.main_url)
    try:
        with database.reading() as connection:
            rows = connection.execute(select(tables.deliveries)).all()
            of_delivery = tables.entries.c.operation == "delivered"
            entries = connection.execute(
                select(func.count()).select_from(tables.entries).where(of_delivery)
            ).scalar_one()
    finally:
        database.close()
    return rows, int(entries)


async def all_confirmed(hub: HubProcess, readers: list[Machine], everything: int) -> bool:
    """Read on, and say whether all has arrived: an ack that was lost is given again when the message comes again."""
    for reader in readers:
        await reader.read()
    return delivered(hub) == everything


def signal_server(hub: HubProcess, number: int) -> None:
    """Send a signal to the hub's nats-server, if it runs."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(int((hub.state / "nats" / "server.pid").read_text()), number)


async def trouble(hub: HubProcess, chance: random.Random) -> None:
    """Let one thing happen to hub or server."""
    what = chance.choice(("hub", "server", "silence"))
    if what == "hub":
        await hub.kill()
        await hub.start()
    elif what == "server":
        signal_server(hub, signal.SIGKILL)
    else:
        signal_server(hub, signal.SIGSTOP)
        await asyncio.sleep(chance.uniform(0.2, 1.0))
        signal_server(hub, signal.SIGCONT)


@pytest.mark.timeout(230)
def test_every_accepted_event_reaches_every_recipient(process: Process, tmp_path: Path) -> None:
    """Three kinds of trouble at random moments: by NATS, webhook and feed each recipient has every disclosure."""
    chance = seed_of_this_run()
    settings = {"CONCORDAT_NATS": "embedded", "CONCORDAT_NATS_PORT": str(free_port())}
    hub = process(settings | {"CONCORDAT_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"})

    async def story() -> None:
        await hub.start()
        async with desks(HOST) as endpoints, contextlib.AsyncExitStack() as stack:
            home, readers = Machine(hub, HOME), [Machine(hub, POLICE), Machine(hub, COUNCIL)]
            for machine in (home, *readers):
                stack.push_async_callback(machine.close)
            await subscribe(await stack.enter_async_context(hub.client(HOST)), endpoints[HOST].url)
            bookmark = stack.enter_context(Bookmark.open(tmp_path / "feed"))
            feed = Reader(await stack.enter_async_context(hub.client(HEALTH)), bookmark)

            async def keep_reading(reader: Machine) -> None:
                while True:
                    await reader.read()

            async def keep_publishing() -> None:
                for _ in range(12):
                    placed = await readers[1].publish(placement())
                    await home.publish(missing(placed["subject"]))

            publishing = asyncio.create_task(keep_publishing())
            reading = [asyncio.create_task(one) for one in (feed.run(), *(keep_reading(one) for one in readers))]
            try:
                for mark in sorted(chance.sample(range(1, 10), 4)):
                    await until(lambda mark=mark: len(home.sent) >= mark or publishing.done(), "the moment")
                    await trouble(hub, chance)
                await publishing
                await until(lambda: len(told(hub, HEALTH)) <= len(feed.received), "everything on the feed")
            finally:
                await end(publishing, *reading)
            everyone = {agency: told(hub, agency) for agency in HEARING}
            for reader in readers:
                await until(reader.has_all, f"everything for {reader.agency}")
                assert set(reader.got) == everyone[reader.agency]
            await endpoints[HOST].has(everyone[HOST])
            assert {header for header, _ in endpoints[HOST].got} == everyone[HOST]
            assert all(header == inside for header, inside in endpoints[HOST].got)
            assert [message.id for message in feed.received] == list(dict.fromkeys(one.id for one in feed.received))
            assert {message.id for message in feed.received} == everyone[HEALTH]
            assert all(len(ids) >= len(set(home.sent)) == 12 for ids in everyone.values())
            by_nats = sum(len(everyone[reader.agency]) for reader in readers)
            await until(lambda: all_confirmed(hub, readers, by_nats), "the deliveries")
            check_deliveries(hub)
        assert await hub.stop() == 0

    asyncio.run(story())


@pytest.mark.timeout(180)
def test_a_folder_lost_while_down_is_rebuilt_by_a_word(process: Process) -> None:
    """The streams are deleted: REST and NATS ingress go on, and the command brings back only what nobody confirmed."""
    hub = process({"CONCORDAT_NATS": "embedded", "CONCORDAT_NATS_PORT": str(free_port())})

    async def story() -> None:
        await hub.start()
        home, police, council = Machine(hub, HOME), Machine(hub, POLICE), Machine(hub, COUNCIL)
        placed = (await council.publish(placement()))["subject"]
        for _ in range(3):
            await home.publish(missing(placed))
        await until(police.has_all, "the first three")
        confirmed = set(police.got)
        await until(lambda: delivered(hub) >= 3, "the acks")
        for machine in (home, police, council):
            await machine.close()
        await hub.stop()
        shutil.rmtree(hub.state / "nats" / "streams")
        await hub.start()
        await home.publish(missing(placed))
        assert not list((hub.state / "nats" / "streams").rglob("OUT"))
        command = await asyncio.to_thread(_concordat, hub, "nats", "rebuild", "--json")
        assert command.returncode == 0, command.stderr
        assert orjson.loads(command.stdout)["before"] == "missing"
        police.got.clear()
        (fresh,) = told(hub, POLICE) - confirmed
        await until(police.has_new(fresh), "the fourth")
        assert set(police.got) == {fresh}
        for machine in (home, police, council):
            await machine.close()
        await hub.stop()

    asyncio.run(story())


def _concordat(hub: HubProcess, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "broker.cli.main", *arguments, "--state", str(hub.state)],
        env={**os.environ, **hub.environ, "CONCORDAT_PORT": str(hub.port)},
        capture_output=True,
        check=False,
    )

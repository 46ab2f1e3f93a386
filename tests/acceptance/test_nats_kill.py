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
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import nats
import orjson
import pytest
from nats.aio.client import Client, RawCredentials
from sqlalchemy import func, select
from ulid import ULID

from broker.nats.accounts import API_PREFIX, STREAM, agency_creds, inbox_prefix
from broker.ports.records import DisclosureFilter
from broker.store import tables
from broker.store.transactions import Database
from broker.wiring import Built, build
from broker.wiring_nats import nats_side
from contracts.ledger_entry import Operation
from tests.acceptance.conftest import Process
from tests.acceptance.hub_process import PATIENCE, HubProcess, free_port, seed_of_this_run

HOME, POLICE = "harbour-house", "northmere-police"
COUNCIL = "westmoor-council"
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

    async def publish(self, document: dict[str, Any]) -> None:
        """Send until the receipt comes, always under the same id."""

        async def accepted() -> bool:
            try:
                async with asyncio.timeout(3):
                    client = await self.connected()
                    reply = await client.request(
                        f"in.{self.agency}.{document['type']}", orjson.dumps(document), timeout=2
                    )
            except (nats.errors.Error, OSError, TimeoutError):
                return False
            return (reply.headers or {}).get("Concordat-Status") in {"200", "201"}

        await until(accepted, "a receipt")
        self.sent.append(str(document["id"]))

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


def delivered(hub: HubProcess) -> tuple[int, int]:
    """How many disclosures have arrived by NATS, and how many ledger entries say that something has arrived."""
    database = Database(hub.settings.main_url)
    try:
        with database.reading() as connection:
            arrived = connection.execute(
                select(func.count()).select_from(tables.deliveries).where(tables.deliveries.c.channel == "nats")
            ).scalar_one()
            entries = connection.execute(
                select(func.count()).select_from(tables.entries).where(tables.entries.c.operation == "delivered")
            ).scalar_one()
    finally:
        database.close()
    return int(arrived), int(entries)


async def all_confirmed(hub: HubProcess, readers: list[Machine], everything: int) -> bool:
    """Read on, and say whether all has arrived: an ack that was lost is given again when the message comes again."""
    for reader in readers:
        await reader.read()
    return delivered(hub)[0] == everything


def opening() -> dict[str, Any]:
    """An invented child has not come home."""
    return {
        "specversion": "1.0",
        "id": str(ULID()),
        "source": f"/agencies/{HOME}",
        "type": "concordat.episode.opened.v1",
        "subject": f"episode/{ULID()}",
        "time": "2026-11-22T21:40:00Z",
        "data": {
            "child": {"name": "Robin Quillfeather"},
            "last_seen": {"at": "2026-11-22T19:05:00Z"},
            "risk": {"level": "high"},
            "involved": [
                {"agency": HOME, "role": "care_provider"},
                {"agency": COUNCIL, "role": "responsible_authority"},
                {"agency": POLICE, "role": "owning_force"},
            ],
        },
    }


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
def test_every_accepted_event_reaches_every_recipient(process: Process) -> None:
    """Three kinds of trouble at random moments: each recipient has every disclosure, and each delivery one entry."""
    chance = seed_of_this_run()
    hub = process({"CONCORDAT_NATS": "embedded", "CONCORDAT_NATS_PORT": str(free_port())})

    async def story() -> None:
        await hub.start()
        home, readers = Machine(hub, HOME), [Machine(hub, POLICE), Machine(hub, COUNCIL)]

        async def keep_reading(reader: Machine) -> None:
            while True:
                await reader.read()

        async def keep_publishing() -> None:
            for _ in range(24):
                await home.publish(opening())

        publishing = asyncio.create_task(keep_publishing())
        reading = [asyncio.create_task(keep_reading(reader)) for reader in readers]
        try:
            for mark in sorted(chance.sample(range(1, 20), 4)):
                await until(lambda mark=mark: len(home.sent) >= mark or publishing.done(), "the moment")
                await trouble(hub, chance)
            await publishing
        finally:
            for task in (publishing, *reading):
                task.cancel()
            await asyncio.gather(publishing, *reading, return_exceptions=True)
        for reader in readers:
            await until(reader.has_all, f"everything for {reader.agency}")
            assert set(reader.got) == told(hub, reader.agency)
        assert len(told(hub, POLICE)) == len(set(home.sent)) == 24
        everything = sum(len(told(hub, reader.agency)) for reader in readers)
        await until(lambda: all_confirmed(hub, readers, everything), "the deliveries")
        arrived, entries = delivered(hub)
        assert arrived == entries
        for machine in (home, *readers):
            await machine.close()
        assert await hub.stop() == 0

    asyncio.run(story())


@pytest.mark.timeout(180)
def test_a_folder_lost_while_down_is_rebuilt_by_a_word(process: Process) -> None:
    """The streams are deleted: REST and NATS ingress go on, and the command brings back only what nobody confirmed."""
    hub = process({"CONCORDAT_NATS": "embedded", "CONCORDAT_NATS_PORT": str(free_port())})

    async def story() -> None:
        await hub.start()
        home, police = Machine(hub, HOME), Machine(hub, POLICE)
        for _ in range(3):
            await home.publish(opening())
        await until(police.has_all, "the first three")
        confirmed = set(police.got)
        await until(lambda: delivered(hub)[0] >= 3, "the acks")
        await home.close()
        await police.close()
        await hub.stop()
        shutil.rmtree(hub.state / "nats" / "streams")
        await hub.start()
        await home.publish(opening())
        assert not list((hub.state / "nats" / "streams").rglob("OUT"))
        command = await asyncio.to_thread(_concordat, hub, "nats", "rebuild", "--json")
        assert command.returncode == 0, command.stderr
        assert orjson.loads(command.stdout)["before"] == "missing"
        police.got.clear()
        (fresh,) = told(hub, POLICE) - confirmed
        await until(police.has_new(fresh), "the fourth")
        assert set(police.got) == {fresh}
        await home.close()
        await police.close()
        await hub.stop()

    asyncio.run(story())


def _concordat(hub: HubProcess, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "broker.cli.main", *arguments, "--state", str(hub.state)],
        env={**os.environ, **hub.environ, "CONCORDAT_PORT": str(hub.port)},
        capture_output=True,
        check=False,
    )

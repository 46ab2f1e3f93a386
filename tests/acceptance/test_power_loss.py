"""The power goes: what was answered 201 was on the disk, and reaches every recipient after it came back, under one id.

Processes that are killed have lost nothing that they wrote, flushed or not; so here the disk is put back to what it
had been asked to flush (`disk.py`), for the hub's databases and its nats-server's store alike. That this loses what was
only written is shown by the same server, and the same database, with the settings that the hub refuses.
"""

import asyncio
import contextlib
import os
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats
import psycopg
import pytest

from adapters.sdk import Bookmark
from broker.nats.server import server_program
from broker.settings import Settings
from tests import soak
from tests.acceptance.disk import CannotWatch, Disk, FileSystem
from tests.acceptance.hub_process import free_port, seed_of_this_run
from tests.acceptance.powered_house import PoweredHouse
from tests.acceptance.powered_postgres import Cluster
from tests.acceptance.reckoning import check_books, check_retries, check_told, mailbox
from tests.acceptance.test_nats_kill import until
from tests.acceptance.traffic import AGENCIES, COUNCIL, HEALTH, HOME, HOST, POLICE, Reader, Traffic, running
from tests.agencies_on_nats import system
from tests.webhook_desk import desks, subscribe

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
EACH = pytest.mark.parametrize("kind", list(FileSystem), ids=lambda kind: kind.value)
MOSTLY_BARE = pytest.mark.parametrize(
    "kind", [FileSystem.BARE, pytest.param(FileSystem.ORDERED, marks=soak.ONLY)], ids=lambda kind: kind.value
)
ON_NATS = (POLICE, COUNCIL)


@pytest.fixture(scope="module", autouse=True)
def _can_be_watched(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Fail where this must work; only where the system is another one is there nothing to test."""
    folder = tmp_path_factory.mktemp("watched")
    try:
        with powered(folder / "disk", FileSystem.BARE) as disk:
            disk.run([sys.executable, "-c", ""], os.environ, folder / "log")
    except CannotWatch as reason:
        if sys.platform == "linux":
            pytest.fail(f"the power cut cannot be simulated here: {reason}")
        pytest.skip(str(reason))


@contextlib.contextmanager
def powered(root: Path, kind: FileSystem) -> Iterator[Disk]:
    """A disk under a folder; whatever still runs on it at the end loses its power."""
    root.mkdir(exist_ok=True)
    disk = Disk(root, kind)
    try:
        yield disk
    finally:
        disk.cut_power()


@pytest.fixture
def cluster(_postgres_server: Any) -> Iterator[Cluster]:
    """An empty PostgreSQL that does not run, in a folder that its user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="concordat-power-"))
    folder.chmod(0o755)
    machine = folder / "machine"
    machine.mkdir()
    yield Cluster.made(machine / "postgresql", _postgres_server)
    shutil.rmtree(folder)


@EACH
@pytest.mark.parametrize(("interval", "is_kept"), [("always", True), ("2m", False)])
def test_what_the_server_has_confirmed(tmp_path: Path, kind: FileSystem, interval: str, is_kept: bool) -> None:
    """With `sync_interval: always` a confirmed message is there after a power cut; with the default it is not."""
    root, port = tmp_path / "store", free_port()
    config = tmp_path / "server.conf"
    config.write_text(
        f'listen: 127.0.0.1:{port}\nserver_name: test\njetstream {{ store_dir: "{root}", sync_interval: {interval} }}\n'
    )

    async def fill() -> None:
        client = await _connected(port)
        stream = client.jetstream()
        await stream.add_stream(name="OUT", subjects=["out.>"])
        for number in range(100):
            await stream.publish("out.one", b"sealed %d" % number)
        await client.close()

    async def count() -> int:
        client = await _connected(port)
        try:
            return (await client.jetstream().stream_info("OUT")).state.messages
        except nats.js.errors.NotFoundError:
            return 0
        finally:
            await client.close()

    with powered(root, kind) as disk:
        disk.run(_server(config), os.environ, tmp_path / "log")
        asyncio.run(fill())
        disk.cut_power()
    with powered(root, kind) as disk:
        disk.run(_server(config), os.environ, tmp_path / "log")
        kept = asyncio.run(count())
    assert (kept == 100) is is_kept, f"{kept} of 100 are left"


@EACH
@pytest.mark.parametrize(("synchronous", "is_kept"), [("FULL", True), ("OFF", False)])
def test_what_the_database_has_confirmed(tmp_path: Path, kind: FileSystem, synchronous: str, is_kept: bool) -> None:
    """The same of SQLite: what it has committed is there with the hub's setting, and not with a hasty one."""
    root = tmp_path / "database"
    program = (
        "import signal, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA journal_mode=WAL'); db.execute(f'PRAGMA synchronous={sys.argv[2]}')\n"
        "db.execute('CREATE TABLE entries (number)')\n"
        "for number in range(50): db.execute('INSERT INTO entries VALUES (?)', (number,))\n"
        "open(sys.argv[3], 'w').close(); signal.pause()"
    )
    done = tmp_path / "done"
    with powered(root, kind) as disk:
        command = [sys.executable, "-c", program, str(root / "hub.db"), synchronous, str(done)]
        process = disk.run(command, os.environ, tmp_path / "log")
        asyncio.run(until(lambda: done.exists() or process.poll() is not None, "the last commit"))
        disk.cut_power()
    with contextlib.closing(sqlite3.connect(root / "hub.db")) as database:
        try:
            kept = database.execute("SELECT count(*) FROM entries").fetchone()[0]
        except sqlite3.DatabaseError:
            kept = 0
    assert (kept == 50) is is_kept, f"{kept} of 50 are left"


@pytest.mark.parametrize(
    ("settings", "is_kept"),
    [
        ({}, True),
        ({"fsync": "off"}, False),
        ({"synchronous_commit": "off", "wal_writer_delay": "10s"}, False),
    ],
    ids=["as the hub asks", "fsync off", "synchronous_commit off"],
)
@MOSTLY_BARE
def test_what_postgresql_has_confirmed(
    cluster: Cluster, kind: FileSystem, settings: dict[str, str], is_kept: bool
) -> None:
    """The same of PostgreSQL, whose commits are in its log on the disk, or are not."""
    machine = cluster.data.parent
    with powered(machine, kind) as disk:
        cluster.start(disk, machine.parent / "log", **settings)
        cluster.execute("CREATE TABLE entries (number serial)")
        for _ in range(50):
            cluster.execute("INSERT INTO entries DEFAULT VALUES")
        disk.cut_power()
    with powered(machine, kind) as disk:
        cluster.start(disk, machine.parent / "log")
        with psycopg.connect(cluster.url("hub"), autocommit=True) as connection:
            try:
                found = connection.execute("SELECT count(*) FROM entries").fetchone()
            except psycopg.errors.UndefinedTable:
                found = None
    assert (found == (50,)) is is_kept, f"{found} of 50 are left"


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PoweredHouse:
    """A house with nothing in it yet, its databases of either kind on its own disk."""
    if request.param == "sqlite":
        (tmp_path / "machine").mkdir()
        return PoweredHouse(tmp_path / "machine" / "state")
    cluster: Cluster = request.getfixturevalue("cluster")
    monkeypatch.setenv("CONCORDAT_DATABASE_URL", cluster.url("hub"))
    monkeypatch.setenv("CONCORDAT_KEYSTORE_URL", cluster.url("keys"))
    return PoweredHouse(cluster.data.parent / "state", cluster=cluster)


@pytest.mark.timeout(230)
@MOSTLY_BARE
def test_what_the_hub_has_answered(house: PoweredHouse, kind: FileSystem, extra_deaths: int) -> None:
    """Hub, nats-server and database lose power in the middle of nights: each recipient has it all, on each channel."""
    chance = seed_of_this_run()
    house.kind = kind
    house.found(ON_NATS)
    asyncio.run(_nights(house, 1 + extra_deaths // 10, chance))


async def _nights(house: PoweredHouse, cuts: int, chance: random.Random) -> None:
    async with desks(HOST) as endpoints, contextlib.AsyncExitStack() as stack:
        house.start()
        stack.callback(house.cut_power)
        clients = {one: await stack.enter_async_context(house.client(one)) for one in AGENCIES}
        await subscribe(clients[HOST], endpoints[HOST].url)
        machines = [await stack.enter_async_context(system(house, agency)) for agency in ON_NATS]
        feed = Reader(clients[HEALTH], stack.enter_context(Bookmark.open(house.folder / "feed")))
        traffic = Traffic(lambda agency, event: clients[agency].publish(event))
        async with running(feed.run(), *(machine.work() for machine in machines)):
            async with running(traffic.run(2), finish=True):
                for _ in range(cuts):
                    await traffic.reached(chance.randint(4, 12))
                    await asyncio.sleep(chance.uniform(0, 0.05))
                    house.cut_power()
                    house.start()
                    await house.put_right()
                await traffic.reached(5)
                traffic.end()
            # What each application was given, before anything else is asked of its mailbox.
            told = {(one.agency, one.disclosure_id) for each in traffic.answered for one in each.receipt.told}
            assert {agency for agency, _ in told} >= {*ON_NATS, HOST, HEALTH}
            await endpoints[HOST].has({disclosure for agency, disclosure in told if agency == HOST})
            for machine in machines:
                wanted = {disclosure for agency, disclosure in told if agency == machine.nats.agency}
                await until(lambda machine=machine, wanted=wanted: wanted <= set(machine.ids()), "everything by NATS")
            mailboxes = {agency: await mailbox(client) for agency, client in clients.items()}
            await feed.has(len(mailboxes[HEALTH]))
        for machine in machines:
            ids = machine.ids()
            assert len(ids) == len(set(ids)), "handed to the application once"
            assert set(ids) == {message.id for message in mailboxes[machine.nats.agency]}
            assert machine.unreadable == []
        assert [message.id for message in feed.received] == [message.id for message in mailboxes[HEALTH]]
        assert all(header == inside for header, inside in endpoints[HOST].got)
        check_told(traffic.answered, mailboxes)
        await check_retries(traffic.answered, clients)
    with house.looked_into():
        check_books(Settings(state=house.state), traffic.answered, ())


def test_what_a_hub_has_answered_in_its_first_minute(house: PoweredHouse) -> None:
    """Keys, folders and databases that were made a moment ago outlast a power cut too, where nothing is promised."""
    house.state.mkdir(mode=0o700)

    async def story() -> None:
        house.start()
        shutil.copytree(house.state / "agencies", house.folder / "keys")
        async with house.client(HOME) as home, house.client(POLICE) as police, house.client(COUNCIL) as council:
            clients = {HOME: home, POLICE: police, COUNCIL: council}
            traffic = Traffic(lambda agency, event: clients[agency].publish(event))
            await traffic.night(1)
            house.cut_power()
            house.start()
            await check_retries(traffic.answered, clients)
            assert await mailbox(police)

    try:
        asyncio.run(story())
    finally:
        house.cut_power()


async def _connected(port: int) -> nats.NATS:
    async def quiet(_error: Exception) -> None:
        return

    return await nats.connect(
        f"nats://127.0.0.1:{port}", max_reconnect_attempts=-1, reconnect_time_wait=0.05, error_cb=quiet
    )


def _server(config: Path) -> list[str]:
    return [server_program(), "-c", str(config)]

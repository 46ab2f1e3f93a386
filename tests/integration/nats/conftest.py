"""A real nats-server, a real hub on it, and recipients that read their durables as an agency's machine would."""

import asyncio
import base64
import contextlib
import gc
import json
import select
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nats
import orjson
import pytest
from joserfc import jwe
from joserfc.jwk import OctKey
from nats.aio.client import Client
from nats.aio.msg import Msg
from ulid import ULID

from adapters.sdk import Credentials, HubClient
from broker.built import Built
from broker.cli.partnership import found
from broker.flows.ending import end
from broker.flows.enrol import amend
from broker.nats.channel import Channel, ChannelSettings
from broker.nats.connection import while_connected
from broker.nats.server import server_program
from broker.ports.records import Scope
from broker.ports.relay import Standing
from broker.settings import Settings
from broker.web.app import create_app
from broker.web.messages import HttpClerk
from broker.web.server import Server as WebServer
from broker.web.settings import WebSettings
from broker.wiring import build, running

PATIENCE = 20.0


def token_of(agency: str) -> str:
    """What stands for an agency in subjects here: on a server without accounts any word will do."""
    return "A" + agency.replace("-", "").upper()


async def until(holds: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Wait for a condition; it is looked at again and again, and never waited for blindly."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                seen = holds()
                if await seen if asyncio.iscoroutine(seen) else seen:
                    return
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"never came: {what}") from None


@dataclass
class Server:
    """One nats-server with JetStream, on one port, that can be killed and started again."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    key: str | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def streams(self) -> Path:
        return self.folder / "streams"

    def start(self) -> None:
        """Start it and wait until it says that it is well, or that its streams are not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        cipher = "" if self.key is None else f'cipher: aes, key: "{self.key}",'
        config = self.folder / "server.conf"
        config.write_text(
            f"listen: 127.0.0.1:{self.port}\nserver_name: test\n"
            f'jetstream {{ store_dir: "{self.streams}", {cipher} sync_interval: always, max_file_store: 1GB }}\n'
        )
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen([server_program(), "-c", str(config)], stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5) as peer:
                if peer.recv(4) == b"INFO":
                    return
            assert self.process.poll() is None, (self.folder / "server.log").read_text()[-2000:]
            select.select([], [], [], 0.02)
        self.kill()
        raise AssertionError("nats-server did not start")

    def kill(self) -> None:
        """End it without warning."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def lose_streams(self) -> None:
        """Take the store away."""
        shutil.rmtree(self.streams)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running nats-server."""
    one = Server(tmp_path / "nats", free_port())
    try:
        one.start()
        yield one
    finally:
        one.kill()
    # The client leaves the sockets of connections that broke to the collector: let it come now, and say nothing.
    gc.collect()


@dataclass
class Reader:
    """An agency's machine: pulls from its durable, opens what it gets, and acks when it is told to."""

    agency: str
    client: Client
    built: Built
    seen: list[dict[str, Any]] = field(default_factory=list)
    messages: list[Msg] = field(default_factory=list)
    _inbox: str | None = None
    _spent: asyncio.Event = field(default_factory=asyncio.Event)
    _wanted: int = 0
    _dealt_with: int = 0
    """Messages that have been acked here, or are the test's to ack."""

    async def pull(self, most: int = 100, wait: float = 0.5) -> None:
        """Ask for what is there, and wait until the server says that this was all.

        What comes late, on a machine that is busy, is kept too: what nobody takes comes again only after half a minute.
        """
        self._spent.clear()
        self._wanted = len(self.messages) + most
        asked = {"batch": most, "expires": int(wait * 1e9)}
        try:
            if self._inbox is None:
                self._inbox = self.client.new_inbox()
                await self.client.subscribe(self._inbox, cb=self._take)
            subject = f"$JS.API.CONSUMER.MSG.NEXT.OUT.{token_of(self.agency)}"
            await self.client.publish(subject, orjson.dumps(asked), reply=self._inbox)
            async with asyncio.timeout(wait + 1):
                await self._spent.wait()
        except (nats.errors.Error, TimeoutError):
            return

    async def _take(self, message: Msg) -> None:
        if (message.headers or {}).get("Status") is None:
            self.messages.append(message)
            self.seen.append(self.open(message))
        if (message.headers or {}).get("Status") is not None or len(self.messages) >= self._wanted:
            self._spent.set()

    def open(self, message: Msg) -> dict[str, Any]:
        """Open a sealed message with the key that the hub would hand over."""
        text = message.data.decode()
        if message.headers and message.headers["Content-Type"] != "application/jose":
            return dict(orjson.loads(message.data))
        kid = _kid(text)
        raw = self.built.vault.find(Scope(f"channel/{kid}", self.agency))
        assert raw is not None
        return dict(
            orjson.loads(
                jwe.decrypt_compact(text, OctKey.import_key(raw), algorithms=["dir", "A256GCM"]).plaintext or b""
            )
        )

    async def fetch(self, count: int) -> list[Msg]:
        """Pull until this many messages have come, and ack none."""

        async def enough() -> bool:
            await self.pull(count - len(self.messages), 0.2)
            return len(self.messages) >= count

        await until(enough, f"{count} messages for {self.agency}")
        self._dealt_with = len(self.messages)
        return self.messages

    async def take(self, count: int) -> list[dict[str, Any]]:
        """Pull and ack until this many different messages have been seen."""

        async def enough() -> bool:
            await self.pull()
            while self._dealt_with < len(self.messages):
                with contextlib.suppress(nats.errors.Error):
                    await self.messages[self._dealt_with].ack()
                self._dealt_with += 1
            return len({one["id"] for one in self.seen}) >= count

        await until(enough, f"{count} messages for {self.agency}")
        return self.seen


def _kid(text: str) -> str:
    head = text.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


@dataclass
class Stand:
    """A hub that runs on a server, in this process."""

    built: Built
    channel: Channel
    serving: "asyncio.Task[None]"
    server: Server
    client: Client

    async def request(
        self,
        document: dict[str, Any],
        *,
        subject: str | None = None,
        headers: dict[str, str] | None = None,
        seconds: float = 10,
    ) -> Msg:
        """Publish as an agency's client does, by request."""
        agency = document["source"].rpartition("/")[2]
        to = subject or f"in.{token_of(agency)}.{document['type']}"
        return await self.client.request(to, orjson.dumps(document), timeout=seconds, headers=headers)

    async def publish(self, document: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Publish as the outbox of an agency does: again under the same id until the receipt comes."""
        receipt: dict[str, Any] = {}

        async def accepted() -> bool:
            try:
                reply = await self.request(document, headers=headers, seconds=1)
            except (nats.errors.Error, TimeoutError, OSError):
                return False
            if reply.headers is None or reply.headers["Concordat-Status"] not in {"200", "201"}:
                return False
            receipt.update(orjson.loads(reply.data))
            return True

        await until(accepted, "the receipt")
        return receipt

    async def reader(self, agency: str) -> Reader:
        return Reader(agency, self.client, self.built)

    async def relaying(self) -> None:
        await until(lambda: self.channel.health.relaying, "the relay")

    async def standing(self, wanted: Standing) -> None:
        await until(lambda: self.channel.health.standing is wanted, f"standing {wanted}")

    def delivered(self, agency: str) -> dict[str, bool]:
        """Which of an agency's messages the told matrix shows as delivered."""
        with self.built.store.reading() as view:
            subjects = view.subjects_of(agency, None, 500)
            return {
                row.disclosure: row.delivered_at is not None
                for subject in subjects
                for row in view.told(subject)
                if row.agency == agency
            }

    def mailbox(self, agency: str) -> int:
        with self.built.store.reading() as view:
            return view.mailbox(agency).top


async def connect(server: Server, closed_cb: Callable[[], Awaitable[None]] | None = None) -> Client:
    async def quiet(_error: Exception) -> None:
        return

    return await nats.connect(
        server.url, max_reconnect_attempts=-1, reconnect_time_wait=0.05, error_cb=quiet, closed_cb=closed_cb
    )


@contextlib.asynccontextmanager
async def standing_hub(
    folder: Path, server: Server, settings: ChannelSettings | None = None, **options: Any
) -> AsyncIterator[Stand]:
    """Run a hub on a server; `options` are settings of the hub itself."""
    built = build(Settings(state=folder / "state", checkpoint_seconds=3600, **options))
    found(built.hub, folder / "agencies")
    quick = settings or ChannelSettings(lease_seconds=3.0, pause_seconds=0.05)
    channel = Channel(built.hub, token_of, HttpClerk(), quick)
    async with running(built):
        serving = asyncio.create_task(while_connected(lambda closed: connect(server, closed), channel.serve))
        client = await connect(server)
        try:
            yield Stand(built, channel, serving, server, client)
        finally:
            await client.close()
            await end(serving)


@dataclass
class Rest:
    """The same hub's door for HTTP."""

    url: str
    keys: Path
    _clients: list[HubClient] = field(default_factory=list)

    def client(self, agency: str) -> HubClient:
        """An agency's client, closed with the door."""
        one = HubClient(self.url, Credentials.load(agency, self.keys / f"{agency}.pem"))
        self._clients.append(one)
        return one


@contextlib.asynccontextmanager
async def rest(folder: Path, stand: Stand) -> AsyncIterator[Rest]:
    """Serve the hub over HTTP too, in the same loop: its background work runs already."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = WebServer(create_app(stand.built.hub, WebSettings(issuer=url)), "127.0.0.1", 0)
    serving = asyncio.create_task(server._serve([listening]), name="rest")
    door = Rest(url, folder / "agencies")
    try:
        await until(lambda: server.started, "the door for HTTP")
        yield door
    finally:
        for client in door._clients:
            await client.close()
        server.should_exit = True
        await serving
        listening.close()


def opening(**changes: Any) -> dict[str, Any]:
    """The event by which Harbour House reports that Robin has not come home."""
    return {
        "specversion": "1.0",
        "id": str(ULID()),
        "source": "/agencies/harbour-house",
        "type": "concordat.episode.opened.v1",
        "subject": f"episode/{ULID()}",
        "time": "2026-11-22T21:40:00Z",
        "datacontenttype": "application/json",
        "data": {
            "child": {"name": "Robin Quillfeather", "local_reference": "HH-ROOM-0"},
            "reported_at": "2026-11-22T21:38:00Z",
            "last_seen": {"at": "2026-11-22T19:05:00Z"},
            "risk": {"level": "high"},
            "involved": [
                {"agency": "harbour-house", "role": "care_provider"},
                {"agency": "westmoor-council", "role": "responsible_authority"},
                {"agency": "northmere-police", "role": "owning_force"},
            ],
        },
    } | changes


def change(built: Built, agency: str, **changes: Any) -> None:
    """Change what is registered of an agency."""
    with built.store.reading() as view:
        changed = replace(next(one for one in view.agencies() if one.id == agency), **changes)
    (outcome,) = built.hub.sequencer.commit([lambda draft: amend(draft, changed)])
    assert outcome is None, outcome


@pytest.fixture
def kit() -> SimpleNamespace:
    """What the tests here use, since they are no package."""
    return SimpleNamespace(
        hub=standing_hub, opening=opening, rest=rest, until=until, token_of=token_of, connect=connect, change=change
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "integration/nats" in str(item.path):
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))

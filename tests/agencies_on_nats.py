"""A hub with its own nats-server as `concordat up` runs it, and agencies' systems on it, made of the SDK."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.sdk import Backoff, Bookmark, Credentials, HubClient, Message, Outbox
from adapters.sdk.nats_client import ChannelKeys, EncryptionKey, NatsClient, NatsPlace, Unreadable
from broker.cli.keys import encryption_key_file, key_file
from broker.cli.local import existing
from broker.cli.nats import credentials_of
from broker.flows.ending import end
from broker.flows.enrol import amend

QUICK = Backoff(attempts=None, first=0.05, longest=0.5)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@dataclass
class House:
    """`concordat up` in a folder of its own, on ports that it keeps."""

    state: Path
    port: int = field(default_factory=free_port)
    nats_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    environ: dict[str, str] = field(default_factory=dict)
    """CONCORDAT_ settings beyond those."""
    killed: int | None = None
    """Process id of the NATS server that was killed last."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def folder(self) -> Path:
        """Where logs go, and what agencies keep."""
        return self.state.parent

    def start(self) -> None:
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        with (self.folder / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "broker.cli.main", "up", "--state", str(self.state)),
                    *("--port", str(self.port), "--ready-file", str(ready)),
                ],
                env=os.environ
                | {"CONCORDAT_NATS_PORT": str(self.nats_port), "CONCORDAT_TICK_SECONDS": "0.2"}
                | self.environ,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        while not ready.exists():
            assert self.process.poll() is None, (self.folder / "hub.log").read_text()[-2000:]
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    async def kill_nats(self) -> None:
        """Kill the server that runs; one that was killed before has been started again first."""
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(OSError, ValueError):  # it is being started, and its file written
                    pid = int((self.state / "nats" / "server.pid").read_text())
                    if pid != self.killed:
                        os.kill(pid, signal.SIGKILL)
                        self.killed = pid
                        return
                await asyncio.sleep(0.02)

    def credentials(self, agency: str) -> Path:
        """Write the agency's `.creds` as the operator would hand them over, over those it had."""
        file = self.folder / f"{agency}.creds"
        with existing(self.state) as built, built.store.reading() as view:
            file.write_text(credentials_of(built, next(one for one in view.agencies() if one.id == agency)))
        return file

    def change(self, agency: str, **changes: Any) -> None:
        with existing(self.state) as built:
            with built.store.reading() as view:
                changed = replace(next(one for one in view.agencies() if one.id == agency), **changes)
            (outcome,) = built.hub.sequencer.commit([lambda draft: amend(draft, changed)])
            assert outcome is None, outcome

    def keys(self, agency: str) -> tuple[dict[str, str], ...]:
        with existing(self.state) as built, built.store.reading() as view:
            return next(one for one in view.agencies() if one.id == agency).keys


@dataclass
class System:
    """One agency's system."""

    hub: HubClient
    nats: NatsClient
    outbox: Outbox
    bookmark: Bookmark
    keys: ChannelKeys
    handled: list[Message] = field(default_factory=list)
    unreadable: list[tuple[str, Unreadable]] = field(default_factory=list)

    async def work(self, refused_for: float = 30.0, until: Callable[[], bool] = lambda: False) -> None:
        """Receive, as the application of an agency does."""
        mailbox = self.nats.mailbox(
            self.bookmark,
            self.keys,
            backoff=QUICK,
            refused_for=timedelta(seconds=refused_for),
            on_unreadable=lambda disclosure, reason: self.unreadable.append((disclosure, reason)),
        )
        async with contextlib.aclosing(aiter(mailbox)) as messages:
            async for message in messages:
                self.handled.append(message)
                if until():
                    return

    def ids(self) -> list[str]:
        return [one.id for one in self.handled]


@contextlib.asynccontextmanager
async def system(house: House, agency: str) -> AsyncIterator[System]:
    """Come in as an agency, with what it keeps in its own folder."""
    folder = house.folder / "systems" / agency
    keys = house.state / "agencies"
    place = NatsPlace((f"nats://127.0.0.1:{house.nats_port}",), house.credentials(agency))
    with Outbox.open(folder / "outbox") as outbox, Bookmark.open(folder / "bookmark") as bookmark:
        async with (
            HubClient(house.url, Credentials.load(agency, key_file(keys, agency))) as hub,
            NatsClient(agency, place, answer_seconds=2) as nats,
        ):
            own = EncryptionKey.load(encryption_key_file(keys, agency))
            yield System(hub, nats, outbox, bookmark, ChannelKeys(hub, own))


async def until(holds: Callable[[], bool], what: str, *tasks: asyncio.Task[Any]) -> None:
    """Look again and again; a task that has failed meanwhile fails the test."""
    try:
        async with asyncio.timeout(60):
            while not holds():
                for task in tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"never came: {what}") from None


@contextlib.asynccontextmanager
async def running(*work: Any) -> AsyncIterator[list[asyncio.Task[Any]]]:
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield tasks
    finally:
        await end(*tasks)


async def delivered(system: System, message: Message) -> None:
    """Wait until the told matrix shows a message as delivered to the one who holds it."""
    assert message.subject is not None
    episode = message.subject.removeprefix("episode/")
    async with asyncio.timeout(30):
        while True:
            rows = [row async for row in system.hub.told(episode)]
            if any(row["agency"] == system.nats.agency and row["delivered_at"] for row in rows):
                return
            await asyncio.sleep(0.05)

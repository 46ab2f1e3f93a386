"""`concordat up`, with its databases and its nats-server, on a machine that can lose power."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx2

from adapters.sdk import Credentials, HubClient
from broker.cli.keys import key_file
from broker.cli.partnership import found
from broker.ports.relay import Standing
from broker.settings import Settings
from broker.wiring import build
from tests.acceptance.disk import Disk, FileSystem
from tests.acceptance.hub_process import STUBBORN
from tests.acceptance.powered_postgres import Cluster
from tests.acceptance.test_nats_kill import until
from tests.agencies_on_nats import House


@dataclass
class PoweredHouse(House):
    """A hub whose state folder is on a disk that keeps what was flushed; with a cluster, PostgreSQL is on it too."""

    kind: FileSystem = FileSystem.BARE
    cluster: Cluster | None = None
    """Its data is in the folder that the state folder is in. The hub's settings name it, in the environment."""
    disk: Disk | None = None

    @property
    def machine(self) -> Path:
        """What is on the disk."""
        return self.state.parent

    @property
    def folder(self) -> Path:
        return self.machine.parent

    def found(self, agencies: tuple[str, ...]) -> None:
        """Found the partnership, and write down what agencies come in with: while nobody watches the disk."""
        with self.looked_into():
            built = build(Settings(state=self.state, nats_port=self.nats_port))
            found(built.hub, self.state / "agencies")
            built.close()
            for agency in agencies:
                super().credentials(agency)
            shutil.copytree(self.state / "agencies", self.folder / "keys")

    def looked_into(self) -> contextlib.AbstractContextManager[None]:
        """Its databases can be opened in the block, where the machine stands still."""
        return self.cluster.unwatched() if self.cluster else contextlib.nullcontext()

    def credentials(self, agency: str) -> Path:
        """Those that were written when the partnership was founded."""
        return self.folder / f"{agency}.creds"

    def client(self, agency: str) -> HubClient:
        return HubClient(self.url, Credentials.load(agency, key_file(self.folder / "keys", agency)), backoff=STUBBORN)

    def start(self) -> None:
        """Switch the machine on. Raises CannotWatch."""
        self.disk = Disk(self.machine, self.kind)
        if self.cluster is not None:
            self.cluster.start(self.disk, self.folder / "postgresql.log")
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        process = self._run("up", "--port", str(self.port), "--ready-file", str(ready))
        while not ready.exists():
            assert process.poll() is None, (self.folder / "hub.log").read_text()[-2000:]
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)

    def cut_power(self) -> None:
        if self.disk is not None:
            assert self.disk.flushes
            self.disk.cut_power()
            self.disk = None

    async def put_right(self) -> None:
        """Do what an operator would: wait until NATS is well, and rebuild the stream where the hub asks for that."""

        async def sound() -> bool:
            async with httpx2.AsyncClient() as client:
                parts = (await client.get(f"{self.url}/readyz")).json()["parts"]
            if Standing(parts["nats"].replace("ok", "sound")).needs_rebuild:
                assert await asyncio.to_thread(self._run("nats", "rebuild").wait) == 0
            return bool(parts["nats"] == "ok")

        await until(sound, "NATS that is well")

    def _run(self, *arguments: str) -> "subprocess.Popen[bytes]":
        assert self.disk is not None
        command = [sys.executable, "-m", "broker.cli.main", *arguments, "--state", str(self.state)]
        settings = {
            "CONCORDAT_NATS_PORT": str(self.nats_port),
            "CONCORDAT_TICK_SECONDS": "0.2",
            "CONCORDAT_CHECKPOINT_SECONDS": "0.2",
            "CONCORDAT_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
            "CONCORDAT_WEBHOOK_LEASE_SECONDS": "1",
        }
        return self.disk.run(command, os.environ | settings, self.folder / "hub.log")

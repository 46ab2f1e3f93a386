"""A hub as a process of its own: started, killed with SIGKILL, started again on the same state, stopped with SIGTERM.

Processes are forked from one that has loaded the hub's modules already, so that dying often costs little. Each is a
real process all the same: the kernel closes its files and sockets and tells nobody when it is killed.
"""

import asyncio
import multiprocessing
import os
import random
import secrets
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from adapters.sdk import Backoff, Credentials, HubClient
from broker.settings import Settings
from tests.acceptance.hub_entry import Fate, hub

PATIENCE = 60.0
"""Seconds after which something that should have happened is taken as not happening, on a machine that is busy."""
LOOK = 0.01
"""Seconds between two looks for the ready file."""
STUBBORN = Backoff(attempts=None, first=0.05, longest=0.5)
"""A client that never gives up and asks often: a hub that was killed is back soon."""

_nursery = multiprocessing.get_context("forkserver")
_nursery.set_forkserver_preload(["tests.acceptance.hub_entry", "broker.web.app", "broker.web.server", "broker.cli.up"])


class HubDied(AssertionError):
    """The hub ended when it should not have. The text is what it said last."""


def free_port() -> int:
    """Return a port that nobody has. Below the range that the system hands out, so that a hub finds it free again."""
    # Not the seeded generator: two workers with one seed would choose the same ports.
    for port in random.SystemRandom().sample(range(20_000, 30_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise HubDied("no port is free")


@dataclass
class HubProcess:
    """One hub, or one replica of one, through all its lives."""

    state: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    """CONCORDAT_ settings beyond the state folder and the port."""
    port: int = field(default_factory=free_port)
    lives: int = 0
    _process: ForkServerProcess | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Settings:
        """The settings that the process runs with."""
        given = {name.removeprefix("CONCORDAT_").lower(): value for name, value in self.environ.items()}
        return Settings.model_validate({**given, "state": self.state, "port": self.port})

    async def start(self, fate: Fate | None = None) -> None:
        """Start it and wait until it says that it is ready; or, if it is fated to, until it dies before that."""
        self.lives += 1
        self.state.mkdir(parents=True, exist_ok=True)
        ready = self.state / f"ready-{self.port}.json"
        ready.unlink(missing_ok=True)
        arguments = ["--state", str(self.state), "--port", str(self.port), "--ready-file", str(ready)]
        self._process = _nursery.Process(target=hub, args=(arguments, self.environ, self.log, fate), daemon=True)
        self._process.start()
        async with asyncio.timeout(PATIENCE):
            while not ready.exists():
                if self._process.exitcode is not None:
                    if fate is not None and self._process.exitcode == -signal.SIGKILL:
                        return
                    raise HubDied(self.last_words())
                await asyncio.sleep(LOOK)

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.exitcode is None

    @property
    def log(self) -> Path:
        """Where the hub's stderr goes."""
        return self.state / f"hub-{self.port}.log"

    async def kill(self) -> None:
        """End it as a power switch would."""
        assert self._process is not None
        self._process.kill()
        assert await self.ended() == -signal.SIGKILL, self.last_words()

    async def ended(self, seconds: float = PATIENCE) -> int:
        """Wait until the process is gone; return its exit code, negative for a signal. TimeoutError."""
        process = self._process
        assert process is not None
        if not await asyncio.to_thread(connection.wait, [process.sentinel], seconds):
            raise TimeoutError(f"the hub still runs after {seconds} s: {self.last_words()}")
        process.join()
        code = process.exitcode
        assert code is not None
        process.close()
        self._process = None
        return code

    async def stop(self, seconds: float = PATIENCE) -> int:
        """Ask it to stop (SIGTERM); return its exit code."""
        assert self._process is not None
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGTERM)
        return await self.ended(seconds)

    def abandon(self) -> None:
        """Leave nothing running, whatever happened."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None

    def last_words(self) -> str:
        """Return the end of its log."""
        return self.log.read_text()[-2000:] if self.log.exists() else "(it said nothing)"

    def credentials(self, agency: str) -> Credentials:
        """Return the key of an agency of the invented partnership, which the hub made at its first start."""
        return Credentials.load(agency, self.state / "agencies" / f"{agency}.pem")

    def client(self, agency: str, *scopes: str, backoff: Backoff = STUBBORN) -> HubClient:
        """Return a client of an agency."""
        given = scopes or ("publish", "subscribe")
        return HubClient(self.url, self.credentials(agency), scopes=given, backoff=backoff)


def seed_of_this_run() -> random.Random:
    """Return the randomness of a run, and print its seed. CONCORDAT_KILL_SEED repeats one."""
    seed = int(os.environ.get("CONCORDAT_KILL_SEED") or secrets.randbelow(2**32))
    print(f"CONCORDAT_KILL_SEED={seed}")  # noqa: T201 (pytest shows it where a test fails)
    return random.Random(seed)  # noqa: S311 (chooses moments, protects nothing)

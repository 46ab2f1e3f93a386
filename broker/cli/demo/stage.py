"""The stage of the night: a fresh hub in a process of its own, the agencies' processes, and the clock they share."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broker.cli.demo.desk import PATIENCE, Desk, NothingHeard
from broker.cli.keys import encryption_key_file, key_file, write_secret
from broker.cli.local import opened
from broker.cli.nats import credentials_of
from broker.settings import Settings

if TYPE_CHECKING:
    from broker.built import Built

KINDS = {
    "harbour-house": "childrens_home",
    "northmere-police": "police",
    "southfold-police": "police",
    "eastvale-council": "council",
    "westmoor-council": "council",
    "northmere-health": "health",
    "bright-path": "charity",
}

CHANNELS = {
    "northmere-police": "nats",
    "southfold-police": "nats",
    "eastvale-council": "nats",
    "westmoor-council": "webhook",
}
"""By which way each takes part; those not named publish over HTTP and read the feed."""
_THIS_MACHINE = "127.0.0.1/32"

Heard = Callable[[str, dict[str, Any]], None]


class SharedClock:
    """The night's time: real time plus seconds in a file, which hub and agencies read."""

    def __init__(self, file: Path, begins: datetime) -> None:
        self._file = file
        self._shift = begins - datetime.now(UTC)
        self._write()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def go_to(self, moment: datetime) -> None:
        """Let the night go on to a later moment."""
        self._shift += max(moment - self.now(), timedelta(0))
        self._write()

    def _write(self) -> None:
        # Replaced, never rewritten in place: a reader sees the old time or the new one.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(self._shift.total_seconds()))
        fresh.replace(self._file)


@dataclass(frozen=True)
class Stage:
    """Everything that the night is played with."""

    url: str
    state: Path
    clock: SharedClock
    desks: dict[str, Desk]
    hub_log: Path

    def key(self, agency: str) -> Path:
        """Where an agency's private key is."""
        return key_file(self.state / "agencies", agency)

    def hub(self) -> "AbstractContextManager[Built]":
        """Open the hub's own databases beside it, as its operator's commands do."""
        return opened(Settings(_env_prefix="CONCORDAT_DEMO_", state=self.state))


@contextlib.asynccontextmanager
async def set_up(state: Path, begins: datetime, heard: Heard) -> AsyncIterator[Stage]:
    """Start hub and agencies; stop them at the end, however it ends."""
    state.mkdir(parents=True, exist_ok=True)
    clock_file, ready, hub_log = state / "clock", state / "ready.json", state / "hub.log"
    clock = SharedClock(clock_file, begins)
    with hub_log.open("wb") as log:
        hub = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "broker.cli.main", "up", "--state", str(state / "hub"), "--port", "0"),
            *("--ready-file", str(ready), "--test-clock", str(clock_file)),
            env=_environment(),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=log,
        )
    desks: dict[str, Desk] = {}
    try:
        url, nats = await _ready(hub, ready)
        stage = Stage(url, state / "hub", clock, desks, hub_log)
        ways = await asyncio.to_thread(_ways, stage, nats)
        for agency, kind in KINDS.items():
            folder = state / "desks" / agency
            desks[agency] = await Desk.start(
                kind, agency, url, stage.key(agency), folder, clock_file, heard, ways[agency]
            )
        # Each answers once its channel is open: nobody misses the beginning.
        await asyncio.gather(*(desk.do("cases") for desk in desks.values()))
        yield stage
    finally:
        await asyncio.gather(*(desk.stop() for desk in desks.values()), return_exceptions=True)
        if hub.returncode is None:
            hub.terminate()
            try:
                await asyncio.wait_for(hub.wait(), PATIENCE)
            except TimeoutError:
                hub.kill()
                await hub.wait()


def _environment() -> dict[str, str]:
    """Leave out every setting of the operator's own hub: the night has nothing to do with it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONCORDAT_")}
    return inherited | {
        "CONCORDAT_CHECKPOINT_SECONDS": "0.5",
        "CONCORDAT_TICK_SECONDS": "0.2",
        "CONCORDAT_WEBHOOK_ALLOWED_NETWORKS": _THIS_MACHINE,
    }


def _ways(stage: Stage, nats: str) -> dict[str, tuple[str, ...]]:
    """Return each desk's options for its channel; credentials for NATS are given out as an operator does."""
    ways: dict[str, tuple[str, ...]] = {}
    with stage.hub() as built, built.store.reading() as view:
        members = {one.id: one for one in view.agencies()}
        for agency in KINDS:
            ways[agency] = ("--channel", CHANNELS.get(agency, "feed"))
            if CHANNELS.get(agency) == "nats":
                creds = stage.state / "agencies" / f"{agency}.creds"
                write_secret(creds, credentials_of(built, members[agency]))
                own = encryption_key_file(stage.state / "agencies", agency)
                ways[agency] += ("--nats", nats, "--creds", str(creds), "--encryption-key", str(own))
    return ways


async def _ready(hub: asyncio.subprocess.Process, ready: Path) -> tuple[str, str]:
    """Wait until the hub says where it listens, and where its NATS server does."""
    for _ in range(int(PATIENCE / 0.05)):
        if ready.exists():
            said = json.loads(ready.read_text())
            return str(said["url"]), str(said["nats"])
        if hub.returncode is not None:
            raise NothingHeard("the hub did not start: see hub.log")
        await asyncio.sleep(0.05)
    raise NothingHeard("the hub did not start in time: see hub.log")

"""The stage of the night: a fresh hub in a process of its own, the agencies' processes, and the clock they share."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from broker.cli.demo.desk import PATIENCE, Desk, NothingHeard
from broker.cli.partnership import key_file

KINDS = {
    "harbour-house": "childrens_home",
    "northmere-police": "police",
    "southfold-police": "police",
    "eastvale-council": "council",
    "westmoor-council": "council",
    "northmere-health": "health",
    "bright-path": "charity",
}

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
            env=os.environ | {"CONCORDAT_CHECKPOINT_SECONDS": "0.5", "CONCORDAT_TICK_SECONDS": "0.2"},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=log,
        )
    desks: dict[str, Desk] = {}
    try:
        url = await _ready(hub, ready)
        keys = state / "hub" / "agencies"
        for agency, kind in KINDS.items():
            desks[agency] = await Desk.start(
                kind, agency, url, key_file(keys, agency), state / "desks" / agency, clock_file, heard
            )
        yield Stage(url, state / "hub", clock, desks, hub_log)
    finally:
        await asyncio.gather(*(desk.stop() for desk in desks.values()), return_exceptions=True)
        if hub.returncode is None:
            hub.terminate()
            try:
                await asyncio.wait_for(hub.wait(), PATIENCE)
            except TimeoutError:
                hub.kill()
                await hub.wait()


async def _ready(hub: asyncio.subprocess.Process, ready: Path) -> str:
    """Wait until the hub says where it listens."""
    for _ in range(int(PATIENCE / 0.05)):
        if ready.exists():
            return str(json.loads(ready.read_text())["url"])
        if hub.returncode is not None:
            raise NothingHeard("the hub did not start: see hub.log")
        await asyncio.sleep(0.05)
    raise NothingHeard("the hub did not start in time: see hub.log")

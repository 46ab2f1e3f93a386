"""The processes beside a hub's own, by what its log says of them."""

import os
from pathlib import Path
from typing import Any

import orjson

from tests.acceptance.hub_process import HubProcess


def logged(hub: HubProcess) -> list[dict[str, Any]]:
    """What the hub and those beside it have logged; what it says to whoever started it stands there too."""
    return [orjson.loads(line) for line in hub.log.read_bytes().splitlines() if line.startswith(b"{")]


def named(hub: HubProcess, event: str) -> list[int]:
    """Process ids that the hub's log names with an event."""
    return [int(line["pid"]) for line in logged(hub) if line["event"] == event]


def is_running(pid: int) -> bool:
    """Say whether a process runs, whoever's it is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    command = Path(f"/proc/{pid}/cmdline")
    return not command.exists() or bool(command.read_bytes())  # one that has ended and that nobody has asked after

"""One who tells beside the hub: a process that is handed accepted events and hands back what each recipient is told.

It reads no database, keeps nothing, and ends when the hub does. What it is handed comes over a line that only the hub
has the other end of.
"""

import gc
import pickle
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import structlog

from broker.edition import edition
from broker.flows.parts import Parts
from broker.flows.registry import Registry
from broker.flows.tell import tell_all
from broker.flows.verdict import PSEUDONYMS
from broker.ports.chance import new_id
from broker.ports.clock import SystemClock
from broker.ports.vault import MemoryVault
from broker.telemetry import set_up_logging
from broker.tellers.wire import Accounts, Packed, unpack
from broker.tellers.words import Events, Instructions, Registered

log = structlog.get_logger(__name__)


def main() -> None:
    """Tell until the line ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # typed at a terminal it is meant for the hub, which ends this line
    number, level = sys.argv[1:]
    set_up_logging(level)
    gc.freeze()
    with Connection(int(number)) as line, suppress(EOFError, OSError):  # the hub has ended
        line.send_bytes(edition().encode())
        _serve(line)


def _serve(line: "Connection[bytes, bytes]") -> None:
    instructions: Instructions = _heard(line)
    vault = MemoryVault({PSEUDONYMS: instructions.pseudonyms})
    parts, accounts = Parts(instructions.origin, SystemClock(), vault, Registry(), new_id), Accounts()
    while True:
        said: Registered | Events = _heard(line)
        if isinstance(said, Registered):
            parts.registry.take(said.record)
        else:
            told = [_told(one, parts, accounts) for one in said.packed]
            line.send_bytes(pickle.dumps(told, pickle.HIGHEST_PROTOCOL))


def _heard(line: "Connection[bytes, bytes]") -> Any:
    return pickle.loads(line.recv_bytes())  # noqa: S301 (the hub's own words)


def _told(packed: Packed, parts: Parts, accounts: Accounts) -> Packed | None:
    """Tell one event; None if something is wrong here, so that the hub does it and sees for itself."""
    try:
        said = tell_all(*unpack(packed, parts), parts)
    except Exception as error:  # noqa: BLE001 (whatever it is, the hub must not wait in vain)
        log.warning("telling_failed", error=type(error).__name__)
        return None
    return accounts.pack(said)


if __name__ == "__main__":
    main()

"""One who tells beside the hub: a process that is handed accepted events and hands back what each recipient is told.

It reads no database, keeps nothing, and ends when the hub does. What it is handed comes over a line that only the hub
has the other end of.
"""

import gc
import pickle
import signal
import sys
from multiprocessing.connection import Connection

import structlog

from broker.flows.parts import Parts
from broker.flows.registry import Registry
from broker.flows.tell import tell
from broker.flows.verdict import PSEUDONYMS
from broker.ports.chance import new_id
from broker.ports.clock import SystemClock
from broker.ports.vault import MemoryVault
from broker.tellers.wire import Accounts, Packed, unpack
from broker.tellers.words import HELLO, Events, Instructions, Registered

log = structlog.get_logger(__name__)


def main() -> None:
    """Tell until the line ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # typed at a terminal it is meant for the hub, which ends this line
    gc.freeze()
    with Connection(int(sys.argv[1])) as line:
        line.send_bytes(HELLO)
        try:
            _serve(line)
        except (EOFError, OSError):
            return  # the hub has ended


def _serve(line: "Connection[bytes, bytes]") -> None:
    parts, accounts = _parts(Instructions("", b"")), Accounts()
    while True:
        said = pickle.loads(line.recv_bytes())  # noqa: S301 (the hub's own words)
        if isinstance(said, Instructions):
            parts = _parts(said)
        elif isinstance(said, Registered):
            parts.registry.take(said.record)
        elif isinstance(said, Events):
            line.send_bytes(pickle.dumps(_told(said, parts, accounts), pickle.HIGHEST_PROTOCOL))


def _parts(said: Instructions) -> Parts:
    vault = MemoryVault({PSEUDONYMS: said.pseudonyms})
    return Parts(said.origin, SystemClock(), vault, Registry(), new_id)


def _told(said: Events, parts: Parts, accounts: Accounts) -> list[list[Packed]] | None:
    """Tell events; None if something is wrong here, so that the hub does it and sees for itself."""
    try:
        told = []
        for packed in said.packed:
            event, case, involved = unpack(packed, parts)
            told.append([tell(event, case, one, parts) for one in involved])
    except Exception as error:  # noqa: BLE001 (whatever it is, the hub must not wait in vain)
        log.error("telling_failed", error=type(error).__name__)  # noqa: TRY400 (a traceback could carry values)
        return None
    return [accounts.pack(one) for one in told]


if __name__ == "__main__":
    main()

"""The scribe's process: the hub's own parts, as far as they write.

It ends when the line to the hub does, after the commit that is under way, whether the hub was stopped or killed.
"""

import pickle
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

import structlog

from broker.edition import edition
from broker.flows.order import Desk
from broker.memory import settle_memory
from broker.ports.notifier import Bell
from broker.scribe.desk import Scribe
from broker.scribe.words import READY
from broker.settings import Settings
from broker.telemetry import set_up_logging
from broker.wiring import build

log = structlog.get_logger(__name__)


def main() -> None:
    """Write until the line ends."""
    # Meant for the hub, which ends the line: what it has been promised is finished first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    number, level = sys.argv[1:]
    set_up_logging(level)
    with Connection(int(number)) as line:  # open until what went wrong has been said: with its end the hub ends this
        try:
            _write(line)
        except (EOFError, ConnectionError):
            return  # the hub has ended
        except Exception as error:  # noqa: BLE001 (the kind alone: a text may hold what was being written)
            log.error("scribe_failed", error=type(error).__name__)  # noqa: TRY400 (likewise)


def _write(line: "Connection[Any, Any]") -> None:
    line.send_bytes(pickle.dumps(edition()))
    settings: Settings = pickle.loads(line.recv_bytes())  # noqa: S301 (the hub's own words)
    bell = Bell()
    built = build(settings, bell)
    try:
        hub = built.hub
        scribe = Scribe(line, hub.sequencer, Desk(hub.parts, hub.tellers), hub.fresh, bell)
        settle_memory()
        line.send_bytes(pickle.dumps(READY))
        scribe.serve()
    finally:
        built.close()


if __name__ == "__main__":
    main()

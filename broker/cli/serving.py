"""A hub served on one socket: started, announced, and stopped without losing what it was doing."""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from broker.built import Built
from broker.cli.ended import Ended
from broker.memory import settle_memory
from broker.settings import Settings
from broker.web.server import Server
from broker.wiring import application

if TYPE_CHECKING:
    from broker.nats.side import NatsSide

BACKLOG = 2048
_SWITCH_SECONDS = 0.0005
"""How long one thread may keep the others waiting: with Python's own 0.005, a receipt, its relay to NATS and each
answer stood behind the sequencer's work several times over."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listen(host: str, port: int) -> socket.socket:
    """Bind the socket first, so that the real port is known before anything is told of it. Raises Ended."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends each part of an answer at once (TCP_NODELAY); without it, 40 ms later.
    server = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((host, port))
        # Not before the hub is ready does anything answer; a taken port is found out now.
        server.listen(BACKLOG)
    except OSError as error:
        server.close()
        raise Ended(
            f"port {port} on {host} cannot be used ({error.strerror}): choose another with --port, or 0 for any"
        ) from None
    return server


class _Announcing(Server):
    """Says when it listens."""

    announce: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            settle_memory()
            sys.setswitchinterval(_SWITCH_SECONDS)
            self.announce()


def serve(built: Built, listening: socket.socket, announce: Callable[[], None], nats: "NatsSide | None" = None) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way. Ended if the hub does not start."""
    settings: Settings = built.settings
    server = _Announcing(application(built, nats), settings.host, settings.port)
    server.announce = announce
    with _quiet_end():
        server.run(sockets=[listening])
    if not server.started:
        raise Ended("the hub did not start: the lines above say why; `concordat doctor` looks further")


@contextmanager
def _quiet_end() -> Iterator[None]:
    """Take the signal that the server passes on once it has stopped: being asked to stop is no failure."""

    def stopped(_signal: int, _frame: FrameType | None) -> None:
        return

    former = {number: signal.signal(number, stopped) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, action in former.items():
            signal.signal(number, action)


def write_ready_file(path: Path, url: str, nats_url: str | None = None) -> None:
    """Write `{"url": …, "nats": …}` for programs that wait for the hub; the name never stands for half a file."""
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    aside.write_text(
        json.dumps({"url": url} | ({} if nats_url is None else {"nats": nats_url})) + "\n", encoding="utf-8"
    )
    aside.replace(path)

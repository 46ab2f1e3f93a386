"""The hub's end of the line to one who tells beside it."""

import pickle
import select
import socket
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from broker.flows.accept import Accepted
from broker.flows.parts import Parts
from broker.flows.registry import RegistryRecord
from broker.flows.tell import Telling
from broker.flows.verdict import PSEUDONYMS
from broker.tellers.wire import Accounts, pack
from broker.tellers.words import Events, Instructions, Registered

PATIENCE_SECONDS = 5
"""Longer without a word, and the process is given up: the hub tells the rest itself."""
LAST_SECONDS = 5
_TIMEOUT = struct.pack("ll", PATIENCE_SECONDS, 0)

Chunk = Sequence[tuple[int, Accepted]]
"""Events with their places in the batch."""


class Lost(Exception):
    """The process has ended, hangs, or could not do what it was asked: the hub does it itself."""


class Teller:
    """One process, started at once and ready some time later."""

    def __init__(self) -> None:
        """Start it. OSError if the system has no room for it."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                ours.setsockopt(socket.SOL_SOCKET, option, _TIMEOUT)
            command = [sys.executable, "-m", "broker.tellers.process", str(theirs.fileno())]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),))  # noqa: S603 (this very program)
            self._line: Connection[Any, Any] = Connection(ours.detach())
        self._look = select.poll()
        self._look.register(self._line, select.POLLIN)
        self._record: RegistryRecord | None = None
        self._accounts = Accounts()
        self._given: deque[Chunk] = deque()
        self._is_ready = False

    @property
    def waiting(self) -> int:
        """How many chunks it has been given and not answered."""
        return len(self._given)

    @property
    def given(self) -> list[tuple[int, Accepted]]:
        """The events in them."""
        return [one for chunk in self._given for one in chunk]

    def is_ready(self, parts: Parts) -> bool:
        """Say whether it has started, and have it know who is registered now. Raises Lost."""
        try:
            if not self._is_ready:
                if not self._look.poll(0):
                    if self._process.poll() is not None:
                        raise Lost("it has not started")
                    return False
                self._line.recv_bytes()
                self._say(Instructions(parts.origin, parts.vault.secret(PSEUDONYMS)))
                self._is_ready = True
            if self._record is not parts.registry.record:
                self._record = parts.registry.record
                self._say(Registered(self._record))
        except (OSError, EOFError) as error:
            raise Lost(type(error).__name__) from None
        return True

    def give(self, chunk: Chunk) -> None:
        """Have events told. Raises Lost."""
        self._given.append(chunk)
        try:
            self._say(Events([pack(accepted) for _, accepted in chunk]))
        except OSError as error:
            raise Lost(type(error).__name__) from None

    def take(self, seconds: float) -> list[tuple[int, list[Telling]]] | None:
        """Return the tellings of the chunk given first, or None if there is no answer in that time. Raises Lost."""
        try:
            if not self._look.poll(seconds * 1000):
                return None
            told = pickle.loads(self._line.recv_bytes())  # noqa: S301 (a process of our own)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise Lost(type(error).__name__) from None
        if told is None:
            raise Lost("it could not tell")
        done = [
            (place, self._accounts.unpack(packed, accepted))
            for (place, accepted), packed in zip(self._given[0], told, strict=True)
        ]
        self._given.popleft()
        return done

    def _say(self, word: Any) -> None:
        self._line.send_bytes(pickle.dumps(word, pickle.HIGHEST_PROTOCOL))

    def close(self) -> None:
        """End it."""
        self._line.close()
        try:
            self._process.wait(LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """End one that has been lost, whatever it is doing."""
        self._process.kill()
        self.close()

"""The hub's end of the line to one who tells beside it."""

import pickle
import select
import socket
import struct
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from broker.child import Lost, OtherEdition, start
from broker.flows.accept import Accepted
from broker.flows.parts import Parts
from broker.flows.registry import RegistryRecord
from broker.flows.tell import Said
from broker.flows.verdict import PSEUDONYMS
from broker.tellers.wire import Accounts, pack
from broker.tellers.words import Events, Instructions, Registered

PATIENCE_SECONDS = 5
"""Longer without a word, and the process is given up: the hub tells the rest itself."""
_TIMEOUT = struct.pack("ll", PATIENCE_SECONDS, 0)

Chunk = Sequence[tuple[int, Accepted]]
"""Events with their places in the batch."""


Answer = list[tuple[int, Accepted, Said | None]]
"""What was said of each event of a chunk; None of one that could not be told there."""


class Teller:
    """One process, started at once and ready some time later."""

    def __init__(self, edition: str, log_level: str) -> None:
        """Start it. `edition` is the hub's own. OSError if the system has no room for it."""
        self._process, ours = start("broker.tellers.process", log_level)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            ours.setsockopt(socket.SOL_SOCKET, option, _TIMEOUT)
        self._line: Connection[Any, Any] = Connection(ours.detach())
        self._look = select.poll()
        self._look.register(self._line, select.POLLIN)
        self._record: RegistryRecord | None = None
        self._accounts = Accounts()
        self._given: deque[Chunk] = deque()
        self._edition = edition
        self._is_ready = False

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

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
                if self._line.recv_bytes() != self._edition.encode():
                    raise OtherEdition
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

    def take(self, seconds: float) -> Answer | None:
        """Return the answer to the chunk given first, or None if there is none in that time. Raises Lost."""
        if not self._look.poll(seconds * 1000):
            return None
        try:
            told = pickle.loads(self._line.recv_bytes())  # noqa: S301 (a process of our own)
            answer: Answer = [
                (place, accepted, None if packed is None else self._accounts.unpack(packed, accepted))
                for (place, accepted), packed in zip(self._given[0], told, strict=True)
            ]
        except Exception as error:  # noqa: BLE001 (an answer cut off, or none of ours, can fail in any way)
            raise Lost(type(error).__name__) from None
        self._given.popleft()
        return answer

    def _say(self, word: Any) -> None:
        self._line.send_bytes(pickle.dumps(word, pickle.HIGHEST_PROTOCOL))

    def close(self) -> None:
        """End it, whatever it is doing: it has nothing that the hub has not."""
        self._line.close()
        self._process.kill()
        self._process.wait()

"""The hub's end of the line to its scribe: words in the framing of `multiprocessing.connection`, on the event loop."""

import asyncio
import pickle
import struct
from collections.abc import Callable
from typing import Any

_LENGTH = struct.Struct("!i")


class Line(asyncio.Protocol):
    """Hears words as they come. A word that cannot be read ends the line."""

    def __init__(self, heard: Callable[[Any], None], ended: Callable[[str], None]) -> None:
        self._heard = heard
        self._ended = ended
        self._octets = bytearray()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 (a socket's)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._octets += data
        while len(self._octets) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._octets)
            end = _LENGTH.size + length
            if length >= 0 and len(self._octets) < end:
                return
            try:
                if length < 0:
                    raise ValueError("a word of more than two gigabytes")  # noqa: TRY301 (as any that cannot be read)
                word = pickle.loads(memoryview(self._octets)[_LENGTH.size : end])  # noqa: S301 (a process of our own)
            except Exception as error:  # noqa: BLE001 (a word cut off, or none of ours, can fail in any way)
                self._octets.clear()
                self.close()
                self._ended(type(error).__name__)
                return
            del self._octets[:end]
            self._heard(word)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended("it has ended" if exc is None else type(exc).__name__)

    def say(self, word: Any) -> None:
        """Send a word. Does not wait: what is on its way is bounded by how much may be asked."""
        if self._transport is not None:
            octets = pickle.dumps(word, pickle.HIGHEST_PROTOCOL)
            self._transport.write(_LENGTH.pack(len(octets)) + octets)

    def close(self) -> None:
        """End the line, once what has been said is on its way."""
        if self._transport is not None:
            self._transport.close()

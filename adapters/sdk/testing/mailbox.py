"""An agency's mailbox in the hub in memory, and its feed."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from adapters.sdk.compose import new_id
from adapters.sdk.position import Position
from contracts.events.mailbox import ERASED, GAP

_BEGINNING = Position(1, 0)


@dataclass
class Mailbox:
    """Messages by number, and the readers that wait for more."""

    generation: int = 1
    messages: dict[Position, dict[str, Any]] = field(default_factory=dict)
    latest: Position = _BEGINNING
    kept_from: Position = _BEGINNING
    confirmed: Position | None = None
    """The last position that the reader gave: everything up to it counts as delivered."""
    resumed: list[str | None] = field(default_factory=list)
    """`Last-Event-ID` of every connection to the feed, in order."""
    _streams: list[asyncio.Queue[bytes | None]] = field(default_factory=list)

    def add(self, event: dict[str, Any]) -> Position:
        """Number a message and hand it to whoever is connected."""
        self.latest = Position(self.generation, self.latest.number + 1)
        self.messages[self.latest] = {**event, "concordatsequence": str(self.latest)}
        self._send(_sent(self.latest, self.messages[self.latest]))
        return self.latest

    def lose(self) -> Position:
        """Use up a number without a message: what a hub must never do, and a reader must notice."""
        self.latest = Position(self.generation, self.latest.number + 1)
        return self.latest

    def repeat(self, position: Position) -> None:
        """Send a message that was sent before, as a hub may that delivers at least once."""
        self._send(_sent(position, self.messages[position]))

    def erase(self, position: Position) -> None:
        """Put a tombstone in a message's place."""
        self.messages[position] = {
            "specversion": "1.0",
            "id": new_id(),
            "source": "/hub",
            "type": ERASED,
            "concordatsequence": str(position),
            "data": {},
        }

    def restore(self) -> None:
        """Begin a new generation, as a hub does that was restored from a backup."""
        self.generation += 1
        self.latest = self.kept_from = Position(self.generation, 0)
        self.disconnect()

    def heartbeat(self) -> None:
        """Send the id of the last number examined, without data."""
        self._send(f"id: {self.latest}\n\n".encode())

    def ask_to_wait(self, milliseconds: int) -> None:
        """Send `retry:`."""
        self._send(f"retry: {milliseconds}\n\n".encode())

    def disconnect(self) -> None:
        """End every stream, as an expired token or an overload does."""
        for stream in self._streams:
            stream.put_nowait(None)

    def after(self, position: Position | None) -> list[Position]:
        """Return the positions that come after one."""
        return [known for known in sorted(self.messages) if position is None or known > position]

    def feed(self, last: str | None) -> httpx2.Response:
        """Open a stream of server-sent events from a position."""
        self.resumed.append(last)
        position = None if last is None else Position.parse(last)
        stream: asyncio.Queue[bytes | None] = asyncio.Queue()
        if position is not None:
            self.confirmed = position
            if position < self.kept_from:
                data = {"asked_after": str(position), "kept_from": str(self.kept_from)}
                gap = {"specversion": "1.0", "id": f"gap-{self.kept_from}", "source": "/hub", "type": GAP, "data": data}
                stream.put_nowait(_sent(self.kept_from, gap))
        for known in self.after(position):
            stream.put_nowait(_sent(known, self.messages[known]))
        self._streams.append(stream)
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=_Stream(stream, self))

    def _send(self, chunk: bytes) -> None:
        for stream in self._streams:
            stream.put_nowait(chunk)

    def closed(self, stream: asyncio.Queue[bytes | None]) -> None:
        """Forget a reader that has gone."""
        if stream in self._streams:
            self._streams.remove(stream)


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, chunks: asyncio.Queue[bytes | None], mailbox: Mailbox) -> None:
        self._chunks = chunks
        self._mailbox = mailbox

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._chunks.get()) is not None:
            yield chunk

    async def aclose(self) -> None:
        self._mailbox.closed(self._chunks)


def _sent(position: Position, event: dict[str, Any]) -> bytes:
    return f"id: {position}\ndata: {json.dumps(event)}\n\n".encode()

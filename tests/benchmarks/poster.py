"""A publisher that does nothing but POST: on the machine that measures, what a client does besides slows the hub down.

HTTP/1.1 over connections that stay open; answers come with their length, as the hub's do (RFC 9112 §6.2).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
import orjson

from adapters.sdk import Credentials
from adapters.sdk.clock import SystemClock
from adapters.sdk.tokens import Tokens

CREATED = b"201"
STALE_SECONDS = 2.0
"""A connection that was idle for so long is not used again: the hub may be closing it at this very moment."""
_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Poster:
    """Publishes as one agency."""

    def __init__(self, url: str, token: str) -> None:
        """`token` is an access token that lasts for as long as is measured."""
        parts = urlsplit(url)
        self._place = parts.hostname, parts.port
        self._head = (
            f"POST /v1/events HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer {token}\r\n"
            "accept: application/json\r\ncontent-type: application/%s+json\r\ncontent-length: %d\r\n\r\n"
        )
        self._idle: list[tuple[_Line, float]] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, url: str, credentials: Credentials) -> AsyncIterator[Self]:
        """Get a token as an agency's system does; close the connections after the block."""
        async with httpx2.AsyncClient(base_url=url) as http:
            token = await Tokens(http, credentials, ("publish",), SystemClock()).current()
        poster = cls(url, token)
        try:
            yield poster
        finally:
            for (_, writer), _ in poster._idle:
                writer.close()
                await writer.wait_closed()

    async def publish(self, events: dict[str, Any] | list[dict[str, Any]]) -> bytes:
        """Publish one event or several together; return the receipt or receipts as they came."""
        body = orjson.dumps(events)
        kind = "cloudevents-batch" if isinstance(events, list) else "cloudevents"
        reader, writer = line = await self._line()
        writer.write((self._head % (kind, len(body))).encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        (length,) = (one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:"))
        answer = await reader.readexactly(int(length.partition(b":")[2]))
        assert head.split(b" ", 2)[1] == CREATED, answer
        self._idle.append((line, time.monotonic()))
        return answer

    async def _line(self) -> _Line:
        while self._idle:
            line, since = self._idle.pop()
            if time.monotonic() - since < STALE_SECONDS:
                return line
            line[1].close()
        return await asyncio.open_connection(*self._place)

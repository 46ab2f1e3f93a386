"""An agency's endpoint for webhooks, which outlives the hub."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from adapters.sdk import HubClient
from adapters.sdk.calls import Call

PATIENCE = 60.0


@dataclass
class Desk:
    """An agency's endpoint, which outlives the hub. Every seventh message it refuses at first."""

    url: str = ""
    got: list[tuple[str, str]] = field(default_factory=list)
    """Id in the header, id in the body, of each that was answered 200."""
    _met: dict[str, None] = field(default_factory=dict)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(line.lower().split(": ", 1) for line in head.strip().split("\r\n")[1:])
            body = await reader.readexactly(int(headers["content-length"]))
            name = headers["webhook-id"].upper()
            refused = name not in self._met and len(self._met) % 7 == 3
            self._met[name] = None
            if not refused:
                async with self._news:
                    self.got.append((name, json.loads(body)["id"]))
                    self._news.notify_all()
            answer = b"503 Busy" if refused else b"200 OK"
            writer.write(b"HTTP/1.1 %b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % answer)
            await writer.drain()
        writer.close()

    async def has(self, ids: set[str]) -> None:
        """Wait until all of these have come."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: ids <= {name for name, _ in self.got})


@contextlib.asynccontextmanager
async def desks(*agencies: str) -> AsyncIterator[dict[str, Desk]]:
    """Serve an endpoint for each agency."""
    made = {agency: Desk() for agency in agencies}
    servers = []
    for desk in made.values():
        server = await asyncio.start_server(desk.serve, "127.0.0.1", 0)
        desk.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        servers.append(server)
    try:
        yield made
    finally:
        for server in servers:
            server.close()


async def subscribe(client: HubClient, url: str) -> None:
    headers = {"content-type": "application/json"}
    call = Call("POST", "/v1/endpoints", content=json.dumps({"url": url}).encode(), headers=headers)
    assert (await client._calls.json(call))["secret"].startswith("whsec_")

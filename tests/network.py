"""A network between programs and a server, which can be refused, swallow, forget, and break off half-way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import Enum

_CHUNK = 4096


class Trouble(Enum):
    """What can be wrong with it."""

    REFUSED = "refused"
    """Nothing is let through: connections are reset, new ones are refused."""
    SWALLOWED = "swallowed"
    """Connections stand and new ones are taken; nothing arrives until the trouble is over. TCP loses nothing."""
    FORGOTTEN = "forgotten"
    """The same, and a connection of that time never carries anything again: a firewall has forgotten it."""
    BROKEN = "broken"
    """Each connection is reset after some bytes, in the middle of whatever it carries."""


@dataclass
class Network:
    """One way to a port of this machine. In order until trouble begins."""

    to: int
    port: int = 0
    trouble: Trouble | None = None
    carried: int = 0
    """Connections that were taken."""
    broken: int = 0
    """Connections that were broken off half-way."""
    _server: asyncio.Server | None = None
    _clear: asyncio.Event = field(default_factory=asyncio.Event)
    _lines: set[asyncio.Task[None]] = field(default_factory=set)
    _forgotten: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Take connections, on the same port as before."""
        self._clear.set()
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def begin(self, trouble: Trouble) -> None:
        """Let trouble begin, for connections that stand as for new ones."""
        self.trouble = trouble
        if trouble is Trouble.REFUSED:
            await self._shut()
        elif trouble is not Trouble.BROKEN:
            self._clear.clear()

    async def end(self) -> None:
        """Let the trouble be over."""
        before, self.trouble = self.trouble, None
        if before is Trouble.REFUSED:
            await self.open()
        if before is Trouble.FORGOTTEN:
            self._forgotten |= self._lines
        self._clear.set()

    async def close(self) -> None:
        """Take no connection and carry nothing any more."""
        await self._shut()

    async def _shut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.carried += 1
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            await self._clear.wait()
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pass_on(line, reader, back))
                    both.create_task(self._pass_on(line, there, writer))
            finally:
                back.transport.abort()
        except* (ConnectionError, OSError, _Over):
            pass
        except* asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()
            self._lines.discard(line)
            self._forgotten.discard(line)

    async def _pass_on(
        self, line: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            data = await reader.read(_CHUNK)
            await self._clear.wait()
            if line in self._forgotten:
                await asyncio.Event().wait()
            if self.trouble is Trouble.BROKEN and len(data) > 1:
                # Half of it arrives, and then nobody is there any more.
                writer.write(data[: len(data) // 2])
                with contextlib.suppress(ConnectionError):
                    await writer.drain()
                self.broken += 1
                raise _Over
            if not data:
                raise _Over
            writer.write(data)
            await writer.drain()


class _Over(Exception):
    """A connection is at its end."""


@contextlib.asynccontextmanager
async def network(to: int, port: int = 0) -> AsyncIterator[Network]:
    """A network to a port of this machine, in order."""
    one = Network(to, port)
    await one.open()
    try:
        yield one
    finally:
        await one.close()

"""The mailbox by webhook: a small HTTP/1.1 server that takes what the hub sends, and answers when it is kept."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus

from adapters.sdk import Bookmark, HubClient, Message, WebhookRefused, verify_webhook
from adapters.sdk.client import LONGEST_MESSAGE

PATH = "/concordat"
_LONGEST_HEAD = 32 * 1024
_READ_SECONDS = 20.0
"""The hub itself waits no longer than this for an answer."""


class _Refused(Exception):
    """A request that is none of the hub's."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class WebhookInbox:
    """An endless async iterator of messages, as `Feed` is.

    A request is answered with 200 when the loop asks for the next message, and so not before this one is kept. What
    comes again under the same id is answered at once. For a real system: any web framework with `verify_webhook`.
    """

    def __init__(self, bookmark: Bookmark) -> None:
        self._bookmark = bookmark
        self._keys: Sequence[str] = ()
        self._waiting: asyncio.Queue[tuple[Message, asyncio.Future[None]]] = asyncio.Queue()
        self._server: asyncio.Server | None = None

    async def start(self, client: HubClient, port: int) -> None:
        """Listen on this machine, 0 for any port, and have the hub send here. Raises OSError, HubError."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=_LONGEST_HEAD)
        url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{PATH}"
        known = [one async for one in client.endpoints()]
        endpoint = next((one for one in known if one["url"] == url), None)
        if endpoint is None:
            endpoint = await client.create_endpoint(url)
        # The public key checks and cannot forge: nothing secret has to be kept.
        self._keys = [str(endpoint["public_key"])]

    async def close(self) -> None:
        """Stop listening. What has not been answered comes again."""
        if self._server is not None:
            self._server.close()

    async def __aiter__(self) -> AsyncIterator[Message]:
        while True:
            message, kept = await self._waiting.get()
            if not self._bookmark.has_handled(message.id):
                yield message
                self._bookmark.handled(message.id, None)
            if not kept.done():
                kept.set_result(None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            try:
                async with asyncio.timeout(_READ_SECONDS):
                    headers, body = await _read(reader)
                await self._take(headers, body)
                status = HTTPStatus.OK
            except _Refused as refused:
                status = refused.status
            writer.write(
                f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
            )
            await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # whoever that was, nothing has been taken from them
        finally:
            writer.close()

    async def _take(self, headers: dict[str, str], body: bytes) -> None:
        if not self._keys:
            raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            message = verify_webhook(headers, body, self._keys, now=datetime.now(UTC))
        except WebhookRefused:
            raise _Refused(HTTPStatus.BAD_REQUEST) from None
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((message, kept))
        await kept


async def _read(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    """Read one request with a body of a stated length (RFC 9112); whatever else is sent is refused."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, _, rest = head[0].partition(" ")
    if method != "POST" or rest.partition(" ")[0] != PATH:
        raise _Refused(HTTPStatus.NOT_FOUND)
    fields = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not (length.isascii() and length.isdigit()):
        raise _Refused(HTTPStatus.LENGTH_REQUIRED)
    if int(length) > LONGEST_MESSAGE:
        raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return headers, await reader.readexactly(int(length))

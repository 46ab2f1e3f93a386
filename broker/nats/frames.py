"""Messages written out for the wire, many at once: the library's `publish` costs several times what it sends.

The client protocol of NATS: `HPUB <subject> [reply to] <bytes of headers> <bytes in all>`, headers after a line
`NATS/1.0`, the body. What goes out here goes out in turn with what the library sends.
"""

from collections.abc import Iterable, Mapping

import nats.errors
from nats.aio.client import Client

CHUNK_BYTES = 256 * 1024
"""Handed to the connection at once; it makes whoever hands it more wait once two megabytes lie there."""


def write(subject: str, headers: Mapping[str, str], body: bytes, reply: str = "") -> bytes:
    """Write one message, to be answered at `reply` if that is given.

    Subjects and header names are the hub's own; ValueError for a header value of several lines.
    """
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers):
        raise ValueError("a header value has one line")
    block = f"NATS/1.0\r\n{lines}\r\n".encode()
    size = len(block)
    places = f"{subject} {reply}" if reply else subject
    return b"HPUB %b %d %d\r\n%b%b\r\n" % (places.encode(), size, size + len(body), block, body)


async def send(client: Client, frames: Iterable[bytes]) -> None:
    """Send messages in their order.

    Raises nats.errors.Error where there is no connection, or for a message that the server would close the line on.
    """
    chunk, size = list[bytes](), 0
    for frame in frames:
        # The first line counts too here, and does not there: a hundred bytes on the safe side.
        if len(frame) > client.max_payload:
            raise nats.errors.MaxPayloadError
        chunk.append(frame)
        size += len(frame)
        if size >= CHUNK_BYTES:
            await _hand_over(client, b"".join(chunk))
            chunk, size = [], 0
    if chunk:
        await _hand_over(client, b"".join(chunk))


async def _hand_over(client: Client, octets: bytes) -> None:
    if not client.is_connected:
        raise nats.errors.ConnectionClosedError
    # The library has no public way to send what is written already.
    await client._send_command(octets)  # noqa: SLF001
    await client._flush_pending()  # noqa: SLF001

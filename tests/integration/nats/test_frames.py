"""Messages that the hub writes out itself arrive as those that the library sends."""

import asyncio
import os

import nats.errors
import pytest

from broker.nats.frames import CHUNK_BYTES, send, write
from tests.nats_world import listen, until

HEADERS = {
    "Nats-Msg-Id": "01JD6QK3Z8T0V5W2N4Y6B8C0D1",
    "Concordat-Sequence": "1.42",
    "Content-Type": "application/jose",
}


def test_they_arrive_whole_and_in_order(server, kit):
    """A night's mail, some of it large, between two messages of the library's own: octet for octet, in its order."""
    bodies = [b"", b"\r\n", b"PUB x 0\r\n\r\n", os.urandom(CHUNK_BYTES), *(os.urandom(1300) for _ in range(900))]

    async def story() -> None:
        sender, reader = await kit.connect(server), await kit.connect(server)
        heard = await listen(reader, "mail.>")
        await sender.publish("mail.first", b"first")
        await send(sender, [write(f"mail.{place}", HEADERS, body) for place, body in enumerate(bodies)])
        await sender.publish("mail.last", b"last", headers=dict(HEADERS))
        await until(lambda: len(heard) == len(bodies) + 2, "all of it")
        assert [one.subject for one in heard] == [
            "mail.first",
            *(f"mail.{place}" for place in range(len(bodies))),
            "mail.last",
        ]
        assert [one.data for one in heard[1:-1]] == bodies
        assert all(one.headers == heard[-1].headers == HEADERS for one in heard[1:-1])
        await sender.close()
        await reader.close()

    asyncio.run(story())


@pytest.mark.parametrize("value", ["1\r\nNats-Rollup: all", "1\n2", "1\r2"])
def test_a_value_of_several_lines_is_refused(value):
    """A header cannot be slipped in by way of another's value."""
    with pytest.raises(ValueError, match="one line"):
        write("mail.1", HEADERS | {"Concordat-Sequence": value}, b"")


def test_without_a_connection_nothing_is_said_to_be_sent(server, kit):
    """The relay hears of it at once, and not by waiting for an answer."""

    async def story() -> None:
        client = await kit.connect(server)
        await client.close()
        with pytest.raises(nats.errors.Error):
            await send(client, [write("mail.1", HEADERS, b"x")])

    asyncio.run(story())


def test_what_the_server_would_close_the_line_on_is_not_sent(server, kit):
    """The connection is the door of every agency too: one message must not cost it."""

    async def story() -> None:
        client = await kit.connect(server)
        with pytest.raises(nats.errors.MaxPayloadError):
            await send(client, [write("mail.1", HEADERS, bytes(client.max_payload))])
        await client.flush()
        assert client.is_connected
        await client.close()

    asyncio.run(story())

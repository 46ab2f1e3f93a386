"""The socket that a hub listens on."""

import socket

from broker.cli.serving import listen


def test_an_answer_does_not_wait_for_the_callers_acknowledgement():
    """Small answers leave at once: asyncio sets TCP_NODELAY only on sockets that say that they speak TCP."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP

"""Recipients: each on a connection of its own pulls from its durable, notes when it holds a message, and acks.

Told once which; answers "ready"; at the end of its input answers with the monotonic time of each message, by id.

They do nothing else: eight recipients are eight machines, and here they share two cores with all that is measured. Each
has a request for many messages standing, as the SDK has, so that one is on its way as soon as it is stored.
"""

import asyncio
import base64
import json
import sys
import time
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

import nkeys

MOST = 1000
"""Messages that a request asks for; another is made when half have come."""
_NANOSECONDS = 10**9
_STANDING = json.dumps({"batch": MOST, "expires": 600 * _NANOSECONDS}).encode()


class Recipient(asyncio.Protocol):
    """Speaks the client protocol of NATS: `INFO`, `PING` and `HMSG` come in, `CONNECT`, `SUB` and `PUB` go out."""

    def __init__(self, order: dict[str, Any], held: dict[str, float]) -> None:
        self._order = order
        self._held = held
        self._inbox = f"{order['inbox']}.{order['durable']}"
        self._octets = bytearray()
        self._left = MOST
        self._transport: asyncio.WriteTransport | None = None
        self.ready = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, order: dict[str, Any], held: dict[str, float]) -> Self:
        """Connect, and return once the server has taken the subscription and the request."""
        place = urlsplit(order["url"])
        loop = asyncio.get_running_loop()
        _, recipient = await loop.create_connection(lambda: cls(order, held), place.hostname, place.port)
        await recipient.ready
        return recipient

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._octets += data
        while (end := self._octets.find(b"\r\n")) >= 0:
            line = self._octets[:end].decode()
            size = int(line.rsplit(" ", 1)[1]) + 2 if line.startswith(("MSG ", "HMSG ")) else 0
            if len(self._octets) < end + 2 + size:
                return
            head = bytes(self._octets[end + 2 : end + 2 + size])
            del self._octets[: end + 2 + size]
            self._hear(line, head)

    def _hear(self, line: str, message: bytes) -> None:
        match line.split(" "):
            case ["HMSG", _, _, reply, _, _]:
                _, _, rest = message.partition(b"Nats-Msg-Id: ")
                self._held[rest[: rest.index(b"\r")].decode()] = time.monotonic()
                self._say(f"PUB {reply} 4\r\n+ACK\r\n")
                self._left -= 1
                if self._left == MOST // 2:
                    self._ask()
            case ["INFO", *rest]:
                # Sent again, without a nonce, whenever the server has something to say of itself.
                if nonce := json.loads(" ".join(rest)).get("nonce"):
                    self._sign_in(nonce)
            case ["PING"]:
                self._say("PONG\r\n")
            case ["PONG"]:
                self.ready.set_result(None)
            case ["-ERR", *_] | ["HMSG", *_]:
                raise AssertionError(f"NATS refused a recipient of the benchmark: {line} {message!r}")

    def _sign_in(self, nonce: str) -> None:
        lines = self._order["creds"].splitlines()
        jwt, seed = (lines[place + 1] for place, one in enumerate(lines) if one.startswith("-----BEGIN"))
        signature = base64.b64encode(nkeys.from_seed(seed.encode()).sign(nonce.encode())).decode()
        options = {"jwt": jwt, "sig": signature, "verbose": False, "pedantic": False, "headers": True, "protocol": 1}
        self._say(f"CONNECT {json.dumps(options)}\r\nSUB {self._inbox} 1\r\n")
        self._left = 0
        self._ask()
        self._say("PING\r\n")

    def _ask(self) -> None:
        self._left += MOST
        subject = f"{self._order['prefix']}.CONSUMER.MSG.NEXT.{self._order['stream']}.{self._order['durable']}"
        self._say(f"PUB {subject} {self._inbox} {len(_STANDING)}\r\n{_STANDING.decode()}\r\n")

    def _say(self, words: str) -> None:
        assert self._transport is not None
        self._transport.write(words.encode())


async def main() -> None:
    """Read until the input ends."""
    order = json.loads(await asyncio.to_thread(sys.stdin.readline))
    held: dict[str, float] = {}
    await asyncio.gather(*(Recipient.connect(one, held) for one in order["recipients"]))
    sys.stdout.write('"ready"\n')
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        expected = json.loads(line)["expected"]
        with suppress(TimeoutError):
            async with asyncio.timeout(30):
                while len(held) < expected:  # noqa: ASYNC110 (the connections fill it)
                    await asyncio.sleep(0.01)
        sys.stdout.write(json.dumps(held) + "\n")
        sys.stdout.flush()
        held.clear()


if __name__ == "__main__":
    asyncio.run(main())

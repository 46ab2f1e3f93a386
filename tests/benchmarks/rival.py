"""The rival: one process with nats-py alone stores the very messages that the hub stores, as fast as it can.

Told once where to connect and what to send; then each line is a round, answered with messages per second by each way
of sending. Every message is acknowledged after it is on the disk, by the same server.
"""

import asyncio
import json
import secrets
import sys
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from nats.aio.client import Client, RawCredentials
from nats.js.client import JetStreamContext

STREAM = "RIVAL"
SIZES = (256, 1000)
"""Messages in one atomic batch; 1000 is the server's limit."""


@dataclass(frozen=True)
class Parcel:
    """One message: a subject of the rival's, the hub's own headers and body."""

    subject: str
    headers: dict[str, str]
    body: bytes

    def fresh(self) -> "Parcel":
        """Return the same under another id, which the server has not seen."""
        return Parcel(self.subject, self.headers | {"Nats-Msg-Id": secrets.token_hex(13)}, self.body)


async def one_by_one(_client: Client, js: JetStreamContext, parcels: Sequence[Parcel]) -> None:
    """Each is acknowledged before the next is sent."""
    for one in parcels:
        await js.publish(one.subject, one.body, headers=one.headers)


async def pipelined(_client: Client, js: JetStreamContext, parcels: Sequence[Parcel]) -> None:
    """All are sent, and their acknowledgements awaited meanwhile."""
    answers = [await js.publish_async(one.subject, one.body, wait_stall=10, headers=one.headers) for one in parcels]
    await asyncio.gather(*answers)


def batched(size: int) -> Callable[[Client, JetStreamContext, Sequence[Parcel]], Awaitable[None]]:
    """Atomic batches: one batch is one fsync."""

    async def send(client: Client, _js: JetStreamContext, parcels: Sequence[Parcel]) -> None:
        for start in range(0, len(parcels), size):
            await _batch(client, parcels[start : start + size])

    return send


async def _batch(client: Client, parcels: Sequence[Parcel]) -> None:
    batch, count = secrets.token_hex(16), len(parcels)
    answer = b""
    for place, one in enumerate(parcels, 1):
        headers = one.headers | {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)}
        if place == count:
            headers["Nats-Batch-Commit"] = "1"
        if place in (1, count):
            answer = (await client.request(one.subject, one.body, timeout=30, headers=headers)).data
        else:
            await client.publish(one.subject, one.body, headers=headers)
    stored = orjson.loads(answer)
    if stored.get("count") != count:
        raise RuntimeError(f"the rival's batch was not stored: {stored}")


async def main() -> None:
    """Read the order, then run one round for each line."""
    order: dict[str, Any] = json.loads(await asyncio.to_thread(sys.stdin.readline))
    samples = [Parcel(one["subject"], one["headers"], b64decode(one["body"])) for one in order["messages"]]
    client = Client()
    await client.connect([order["url"]], user_credentials=RawCredentials(order["creds"]))
    js = client.jetstream(publish_async_max_pending=4000)
    while line := await asyncio.to_thread(sys.stdin.readline):
        counts: dict[str, int] = json.loads(line)
        ways = {"one_by_one": one_by_one, "pipelined": pipelined} | {f"batches_{size}": batched(size) for size in SIZES}
        rates = {}
        for name, way in ways.items():
            count = counts[name.partition("_")[0]]
            parcels = [samples[place % len(samples)].fresh() for place in range(count)]
            began = time.perf_counter()
            await way(client, js, parcels)
            rates[name] = count / (time.perf_counter() - began)
        sys.stdout.write(json.dumps(rates) + "\n")
        sys.stdout.flush()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main())

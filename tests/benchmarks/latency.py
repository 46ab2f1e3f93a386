"""How long until the last of eight recipients holds an event, against one bare message through the same server."""

import asyncio
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from nats.aio.client import Client

from broker.nats.accounts import API_PREFIX, inbox_prefix
from broker.nats.jetstream import ask
from broker.nats.out_stream import STREAM, StreamPlan
from tests.benchmarks.partnership import RECIPIENTS, events
from tests.benchmarks.poster import Poster
from tests.benchmarks.stand import Program, Stand

RATE = 50
"""Events per second, sent at their time whether or not those before have been answered."""
SECONDS = 8
FIRST_SECONDS = 2
"""Of a round before the first, in which what is made once is made: statements, plans, connections."""
BARE = "BARE"


async def start_recipients(stand: Stand) -> Program:
    """Start the eight recipients, in one process, each on its own account and connection."""
    recipients = [
        {
            "url": stand.nats_url,
            "creds": stand.agency_creds[agency],
            "inbox": inbox_prefix(agency),
            "prefix": API_PREFIX,
            "stream": STREAM,
            "durable": agency,
        }
        for agency in RECIPIENTS
    ]
    running = await Program.start("reader", {"recipients": recipients})
    assert await running.answer() == "ready"
    return running


async def start_bare(stand: Stand, client: Client) -> Program:
    """Make a bare stream with the settings of OUT and one durable; start its reader, in a process of its own."""
    config = StreamPlan(max_bytes=128 * 1024**2).config() | {"name": BARE, "subjects": ["bare.>"]}
    await ask(client, f"STREAM.CREATE.{BARE}", config)
    durable = {"durable_name": "reader", "ack_policy": "explicit", "max_ack_pending": 1000}
    await ask(client, f"CONSUMER.DURABLE.CREATE.{BARE}.reader", {"stream_name": BARE, "config": durable})
    reader = {
        "url": stand.nats_url,
        "creds": stand.hub_creds,
        "inbox": "_INBOX",
        "prefix": "$JS.API",
        "stream": BARE,
        "durable": "reader",
    }
    running = await Program.start("reader", {"recipients": [reader]})
    assert await running.answer() == "ready"
    return running


async def caught_up(readers: Program, stored: int) -> None:
    """Wait until the recipients hold what was sent before they came."""
    await readers.tell({"expected": stored})
    assert len(await readers.answer()) == stored


async def hub_round(
    publisher: Poster, readers: Program, subjects: list[str], seconds: int = SECONDS
) -> dict[str, float]:
    """Publish at the rate; return milliseconds from POST until the last recipient holds it, and until the receipt."""
    made = events(subjects, RATE * seconds)
    begun: list[float] = [0.0] * len(made)
    answered: list[float] = [0.0] * len(made)
    receipts: list[bytes] = [b""] * len(made)

    async def publish(place: int) -> None:
        begun[place] = time.monotonic()
        receipts[place] = await publisher.publish(made[place])
        answered[place] = time.monotonic()

    await _at_rate(len(made), publish)
    await readers.tell({"expected": len(made) * len(RECIPIENTS)})
    held: dict[str, float] = await readers.answer()
    told = [[one["disclosure_id"] for one in orjson.loads(receipt)["told"]] for receipt in receipts]
    delays = [max(held[one] for one in ids) - at for at, ids in zip(begun, told, strict=True)]
    waited = [after - at for at, after in zip(begun, answered, strict=True)]
    return _described(delays) | {f"receipt_{name}": value for name, value in _described(waited).items()}


async def bare_round(client: Client, reader: Program, size: int, seconds: int = SECONDS) -> dict[str, float]:
    """Publish bare messages of a size at the same rate; return milliseconds until the reader holds each."""
    ids = [secrets.token_hex(13) for _ in range(RATE * seconds)]
    js, begun = client.jetstream(), {}

    async def publish(place: int) -> None:
        begun[ids[place]] = time.monotonic()
        await js.publish("bare.message", b"x" * size, headers={"Nats-Msg-Id": ids[place]}, timeout=10)

    await _at_rate(len(ids), publish)
    await reader.tell({"expected": len(ids)})
    held: dict[str, float] = await reader.answer()
    return _described([held[one] - begun[one] for one in ids])


async def _at_rate(count: int, publish: Callable[[int], Awaitable[None]]) -> None:
    began, tasks = time.monotonic(), []
    for place in range(count):
        await asyncio.sleep(max(0.0, began + place / RATE - time.monotonic()))
        tasks.append(asyncio.ensure_future(publish(place)))
    await asyncio.gather(*tasks)


def _described(delays: list[float]) -> dict[str, Any]:
    cuts = statistics.quantiles(delays, n=100)
    return {
        "p50_ms": cuts[49] * 1000,
        "p95_ms": cuts[94] * 1000,
        "p99_ms": cuts[98] * 1000,
        "most_ms": max(delays) * 1000,
    }

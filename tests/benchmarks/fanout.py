"""Durable disclosures per second: events go in over HTTP, and are counted when they are stored in OUT."""

import asyncio
import base64
import json
import time
from typing import Any

import orjson
from nats.aio.client import Client

from broker.nats.jetstream import STREAM_NOT_FOUND, ApiError, ask
from broker.nats.out_stream import STREAM, StreamPlan
from tests.benchmarks.partnership import RECIPIENTS, events
from tests.benchmarks.poster import Poster
from tests.benchmarks.rival import STREAM as RIVAL
from tests.benchmarks.stand import Program, Stand

EVENTS = 6400
"""Of a round: the first requests and the last messages, beside which nothing else is done, are few of them."""
REQUESTS = (40, 200)
"""Events in one request, by way of sending: an agency's outbox that has fallen behind. The contract allows 500."""
IN_FLIGHT = 6
"""Requests at once."""
RIVAL_COUNTS = {"one": 300, "pipelined": 4000, "batches": 12_000}
"""Messages of a round, by way of sending."""


async def stored(client: Client) -> int:
    """Return how many messages OUT has taken: none as long as the hub has not made it."""
    try:
        info = await ask(client, f"STREAM.INFO.{STREAM}")
    except ApiError as error:
        if error.err_code == STREAM_NOT_FOUND:
            return 0
        raise
    return int(info["state"]["last_seq"])


async def settled(client: Client) -> None:
    """Wait until something has come to OUT and nothing more is on its way: for longer than the relay ever waits."""
    before = 0
    while before != (before := await stored(client)) or not before:  # noqa: ASYNC110 (another process fills it)
        await asyncio.sleep(2)


async def hub_rounds(publisher: Poster, client: Client, subjects: list[str]) -> dict[str, dict[str, float]]:
    """Return the rates of one round, by way of sending."""
    return {f"{size}_in_a_request": await hub_round(publisher, client, subjects, EVENTS, size) for size in REQUESTS}


async def hub_round(publisher: Poster, client: Client, subjects: list[str], count: int, size: int) -> dict[str, float]:
    """Publish events, so many in a request, and wait until all their messages are stored; return rates per second."""
    made = events(subjects, count)
    batches = [made[start : start + size] for start in range(0, count, size)]
    before, waiting = await stored(client), asyncio.Semaphore(IN_FLIGHT)

    async def publish(batch: list[dict[str, Any]]) -> bytes:
        async with waiting:
            return await publisher.publish(batch)

    began = time.perf_counter()
    answers = await asyncio.gather(*(publish(batch) for batch in batches))
    accepted = time.perf_counter() - began
    expected = count * len(RECIPIENTS)
    async with asyncio.timeout(120):
        while await stored(client) - before < expected:  # noqa: ASYNC110 (another process fills it)
            await asyncio.sleep(0.01)
    ended = time.perf_counter() - began
    assert await stored(client) - before == expected
    receipts = [one for answer in answers for one in orjson.loads(answer)]
    assert [len(one["told"]) for one in receipts] == [len(RECIPIENTS)] * count
    return {
        "disclosures_per_second": expected / ended,
        "events_accepted_per_second": count / accepted,
        "event_bytes": sum(len(json.dumps(one)) for one in made[:8]) / 8,
    }


async def samples(client: Client, count: int = 64) -> list[dict[str, Any]]:
    """Return messages that the hub has stored, for the rival to store."""
    last = await stored(client)
    found = []
    for sequence in range(last - count + 1, last + 1):
        message = (await ask(client, f"STREAM.MSG.GET.{STREAM}", {"seq": sequence}))["message"]
        lines = base64.b64decode(message["hdrs"]).decode().split("\r\n")[1:]
        headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        kept = {name: value for name, value in headers.items() if not name.startswith(("Nats-Batch", "Nats-Expected"))}
        found.append({"subject": "rival." + message["subject"], "headers": kept, "body": message["data"]})
    return found


async def start_rival(stand: Stand, client: Client, messages: list[dict[str, Any]]) -> Program:
    """Make the rival's stream, with the settings of OUT, and start the rival's process."""
    config = StreamPlan(max_bytes=700 * 1024**2).config() | {"name": RIVAL, "subjects": ["rival.>"]}
    await ask(client, f"STREAM.CREATE.{RIVAL}", config)
    return await Program.start("rival", {"url": stand.nats_url, "creds": stand.hub_creds, "messages": messages})


async def rival_round(rival: Program, client: Client) -> dict[str, float]:
    """Run one round of the rival; return messages per second by way of sending."""
    await rival.tell(RIVAL_COUNTS)
    rates: dict[str, float] = await rival.answer()
    await ask(client, f"STREAM.PURGE.{RIVAL}")
    return rates

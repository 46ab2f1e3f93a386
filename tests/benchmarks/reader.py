"""Recipients: each on a connection of its own pulls from its durable, notes when it holds a message, and acks.

Told once which; answers "ready"; at the end of its input answers with the monotonic time of each message, by id.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress
from typing import Any

import nats.errors
from nats.aio.client import Client, RawCredentials

from broker.flows.ending import end


async def read(recipient: dict[str, Any], held: dict[str, float]) -> None:
    """Pull until cancelled."""
    client = Client()
    await client.connect(
        [recipient["url"]],
        user_credentials=RawCredentials(recipient["creds"]),
        inbox_prefix=recipient["inbox"].encode(),
    )
    js = client.jetstream(prefix=recipient["prefix"])
    subscription = await js.pull_subscribe_bind(recipient["durable"], recipient["stream"])
    recipient["ready"].set()
    while True:
        with suppress(nats.errors.TimeoutError):
            for message in await subscription.fetch(1, timeout=5):
                held[(message.headers or {})["Nats-Msg-Id"]] = time.monotonic()
                await message.ack()


async def main() -> None:
    """Read until the input ends."""
    order = json.loads(await asyncio.to_thread(sys.stdin.readline))
    held: dict[str, float] = {}
    recipients = [one | {"ready": asyncio.Event()} for one in order["recipients"]]
    tasks = [asyncio.create_task(read(one, held)) for one in recipients]
    await asyncio.gather(*(one["ready"].wait() for one in recipients))
    sys.stdout.write('"ready"\n')
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        expected = json.loads(line)["expected"]
        with suppress(TimeoutError):
            async with asyncio.timeout(30):
                while len(held) < expected:  # noqa: ASYNC110 (other tasks fill it)
                    await asyncio.sleep(0.01)
        sys.stdout.write(json.dumps(held) + "\n")
        sys.stdout.flush()
        held.clear()
    await end(*tasks)


if __name__ == "__main__":
    asyncio.run(main())

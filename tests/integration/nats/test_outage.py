"""NATS is away for a while: nobody who publishes or reads over HTTP notices, and afterwards nothing is missing."""

import asyncio
from collections import Counter

from broker.nats.jetstream import ask

HOME, POLICE = "harbour-house", "northmere-police"
EVENTS = 12


def test_an_outage_costs_nothing(tmp_path, server, kit):
    """Events published meanwhile are taken, and read by the feed at once; the durable gets each once, under its id."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand, kit.rest(tmp_path, stand) as door:
            await stand.relaying()
            home = door.client(HOME)
            await home.publish(kit.opening())
            reader = await stand.reader(POLICE)
            await reader.take(1)
            server.kill()
            await kit.until(lambda: not stand.client.is_connected, "the outage")
            async with door.client(POLICE).open_feed(None) as feed, asyncio.timeout(20):
                messages = aiter(feed)
                read = [(await _next(messages))["id"]]
                for _ in range(EVENTS):
                    event = kit.opening()
                    receipt = await home.publish(event)
                    assert receipt.event_id == event["id"]
                    read.append((await _next(messages))["id"])
            assert not stand.client.is_connected, "all of that was without NATS"
            assert len(set(read)) == len(read) == EVENTS + 1
            server.start()
            await reader.take(EVENTS + 1)
            got = Counter(message.headers["Nats-Msg-Id"] for message in reader.messages)
            assert set(got) == set(read)
            # The first had been acked as the server died: it may come again, and under the same id.
            assert [got[one] for one in read[1:]] == [1] * EVENTS
            assert set(read) == set(stand.delivered(POLICE))
            held = (await ask(stand.client, "STREAM.INFO.OUT"))["state"]["messages"]
            with stand.built.store.reading() as view:
                assert held == sum(box.top for box in view.mailboxes().values()), "nothing lies there twice"

    asyncio.run(story())


async def _next(messages):
    """The next message of the feed; heartbeats are passed over."""
    async for event in messages:
        if event.data:
            return event.json()
    raise AssertionError("the feed ended")

"""In over NATS: the same path, the same receipt, the same words."""

import asyncio

import orjson


def test_a_request_is_answered_with_the_receipt(tmp_path, server, kit):
    """A home publishes over NATS and reads in the reply who has been told; sending again changes nothing."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.relaying()
            event = kit.opening()
            first = await stand.request(event)
            assert first.headers["Concordat-Status"] == "201"
            receipt = orjson.loads(first.data)
            assert receipt["event_id"] == event["id"]
            again = await stand.request(event)
            assert again.headers["Concordat-Status"] == "200"
            assert again.data == first.data
            reader = await stand.reader("northmere-police")
            (told,) = await reader.take(1)
            assert told["type"] == event["type"]
            assert told["id"] != event["id"]

    asyncio.run(story())

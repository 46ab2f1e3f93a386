"""What really goes over NATS is what the AsyncAPI document says."""

import asyncio

import orjson

from tests.asyncapi import DOCUMENT, faults

POLICE = "northmere-police"


def test_request_reply_and_mail_are_as_described(tmp_path, server, kit):
    """A developer who made a client from the document alone understands receipt, problem and sealed message."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            event = kit.opening()
            assert faults(f"publish.{event['type']}", event) == []
            await stand.relaying()
            taken = await stand.request(event)
            assert faults("receipt", orjson.loads(taken.data), taken.headers) == []
            refused = await stand.request({**event, "data": {}})
            assert faults("problem", orjson.loads(refused.data), refused.headers) == []
            reader = await stand.reader(POLICE)
            (sealed,) = await reader.fetch(1)
            assert faults("sealed", sealed.data.decode(), sealed.headers) == []
            assert faults(f"feed.{event['type']}", reader.open(sealed)) == []
            pattern = DOCUMENT["channels"]["out"]["address"].format(account=kit.token_of(POLICE), type=event["type"])
            assert sealed.subject == pattern

    asyncio.run(story())


def test_a_notice_is_as_described(tmp_path, server, kit):
    """An agency that asked for ids and type only gets a message without data, as the document has it."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            kit.change(stand.built, POLICE, nats_content="notice")
            await stand.publish(kit.opening())
            (notice,) = await (await stand.reader(POLICE)).fetch(1)
            assert faults("notice", orjson.loads(notice.data), notice.headers) == []

    asyncio.run(story())

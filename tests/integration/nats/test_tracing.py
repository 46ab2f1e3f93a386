"""One trace inside the hub, from an acceptance to each delivery; none of it reaches a recipient."""

import asyncio

from opentelemetry.trace import SpanKind
from ulid import ULID

from broker.delivery.subscription import Subscription
from broker.flows import endpoints

POLICE = "northmere-police"
CHANNELS = {"nats": "1", "inbox": "2", "webhook": "3"}
"""By which way an event arrives, and the digit of which its publisher's trace is made."""
IN_THE_EVENT = f"00-{'4' * 32}-{'5' * 16}-01"
"""Another trace, that the publisher puts into the events themselves."""


def _sent(digit: str) -> str:
    return f"00-{digit * 32}-{digit * 16}-01"


def test_one_trace_from_the_acceptance_to_each_delivery(tmp_path, server, kit, spans):
    """An ack, a reader's confirmation and a webhook's answer stand in the event's trace; recipients see others."""
    requests: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        requests.append(head + await reader.readexactly(int(length.partition(b":")[2])))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def story() -> tuple[list[str], str]:
        desk = await asyncio.start_server(take, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{desk.sockets[0].getsockname()[1]}/hook"
        async with (
            kit.hub(tmp_path, server, webhook_allowed_networks="127.0.0.1/32") as stand,
            kit.rest(tmp_path, stand) as door,
        ):
            await stand.relaying()
            hub, police, reader = stand.built.hub, door.client(POLICE), await stand.reader(POLICE)

            async def publish(channel: str) -> None:
                event = kit.opening(traceparent=IN_THE_EVENT)
                answer = await stand.request(event, headers={"traceparent": _sent(CHANNELS[channel])})
                assert answer.headers["Concordat-Status"] == "201", answer.data

            async def delivered() -> None:
                await kit.until(lambda: all(stand.delivered(POLICE).values()), "the delivery")

            await publish("nats")
            await reader.take(1)
            await delivered()
            await publish("inbox")
            page = await police.inbox()
            await police.inbox(after=page.next)
            await delivered()
            with hub.store.writing() as unit:
                endpoints.create(unit, str(ULID()), POLICE, url, Subscription(), hub.parts, hub.outgoing)
            await publish("webhook")
            await delivered()
            await reader.fetch(len(CHANNELS))
            headers = [dict(message.headers) for message in reader.messages]
            got = repr((headers, reader.seen, [message.event for message in page.items], requests))
        desk.close()
        return [one["traceparent"].split("-")[1] for one in headers], got

    seen, got = asyncio.run(story())
    for channel, digit in CHANNELS.items():
        inside = [span for span in spans if f"{span.context.trace_id:032x}" == digit * 32]
        (accepted,) = [span for span in inside if span.kind is SpanKind.SERVER]
        (stored,) = [span for span in inside if span.name == "store in OUT"]
        (arrived,) = [span for span in inside if span.name == "deliver"]
        assert arrived.attributes["channel"] == channel
        assert arrived.parent.span_id == stored.parent.span_id == accepted.context.span_id
        (link,) = stored.links
        assert f"{link.context.trace_id:032x}" in seen
    assert len(set(seen)) == len(seen) == len(CHANNELS)
    hubs_own = {f"{span.context.trace_id:032x}" for span in spans} | {f"{span.context.span_id:016x}" for span in spans}
    for secret in hubs_own | {part for digit in "12345" for part in (digit * 32, digit * 16)}:
        assert secret not in got
    assert len(requests) == 1
    assert b"traceparent" not in requests[0].lower()

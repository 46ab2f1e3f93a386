"""One webhook request: what is sent, how it is signed, how it ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from broker.delivery.signature import sign
from broker.delivery.subscription import Content
from broker.flows.mailbox import line_of
from broker.flows.parts import Parts
from broker.ports.outgoing import Outgoing
from broker.ports.records import MailRecord, Position
from broker.ports.webhooks import Attempt, Endpoint
from contracts.envelope import rfc3339

TESTED = "concordat.endpoint.tested.v1"
"""What a test sends: it is about nobody, and part of no mailbox."""
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
_IDS = ("specversion", "id", "type", "subject", "concordatsequence")


@dataclass(frozen=True)
class Courier:
    """Sends signed messages."""

    parts: Parts
    outgoing: Outgoing
    wall_clock: Callable[[], float] = time.time
    """Unix seconds of the machine: receivers compare a signature's time with theirs, not with the hub's."""

    async def send(self, endpoint: Endpoint, message_id: str, body: bytes, place: Position | None) -> Attempt:
        """Make one attempt and return it. It is not recorded yet."""
        parts = self.parts
        attempt_id, at, timestamp = parts.new_id(), parts.clock.now(), int(self.wall_clock())
        headers = {
            "content-type": CONTENT_TYPE,
            "user-agent": "concordat",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(message_id, timestamp, body, endpoint.signing_keys(at)),
        }
        began = time.monotonic()
        answer = await self.outgoing.post(endpoint.url, headers, body)
        milliseconds = round(1000 * (time.monotonic() - began))
        return Attempt(attempt_id, endpoint.id, message_id, place, at, milliseconds, answer.outcome, answer.status)

    async def test(self, endpoint: Endpoint) -> Attempt:
        """Send a message that says nothing, to see whether the endpoint answers and its signatures hold."""
        message_id = self.parts.new_id()
        body = orjson.dumps(
            {
                "specversion": "1.0",
                "id": message_id,
                "source": self.parts.own_name,
                "type": TESTED,
                "time": rfc3339(self.parts.clock.now()),
                "datacontenttype": "application/json",
                "data": {},
            }
        )
        return await self.send(endpoint, message_id, body, None)


def body_of(mail: MailRecord, content: Content, hub: str) -> bytes:
    """Return what is sent of a message: all of it, its tombstone, or with `notice` its ids and type."""
    line = line_of(mail, hub)
    if content is Content.FULL:
        return line
    event = orjson.loads(line)
    # The source would name who published: a notice says no more than that there is something to fetch.
    return orjson.dumps({name: event[name] for name in _IDS if name in event} | {"source": hub})

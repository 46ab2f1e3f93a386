"""In over NATS: the same path, the same receipt, the same words; what is refused changes nothing and says nothing."""

import asyncio
from dataclasses import dataclass

import orjson
import pytest
import structlog
from nats.aio.msg import Msg

from broker.flows.ending import end
from broker.nats.ingress import Ingress
from broker.web.messages import HttpClerk
from contracts.envelope import MAX_EVENT_BYTES

HOME = "harbour-house"
CANARY = "canary-quillfeather"
"""Stands wherever a submitted value could: must never be found in an answer or in a log."""
TYPE = "application/cloudevents+json"
STRUCTURED = {"Content-Type": "application/cloudevents+json; charset=utf-8"}


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
            size = _size(stand)
            again = await stand.request(event)
            assert again.headers["Concordat-Status"] == "200"
            assert again.data == first.data
            assert _size(stand) == size
            reader = await stand.reader("northmere-police")
            (told,) = await reader.take(1)
            assert told["type"] == event["type"]
            assert told["id"] != event["id"]

    asyncio.run(story())


def test_both_content_modes_are_one_event(tmp_path, server, kit):
    """An event is the same in one JSON document and with its attributes in headers: the same receipt, byte by byte."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.relaying()
            for first, second in ((_structured, _binary), (_binary, _structured)):
                event = kit.opening()
                answers = [
                    await _send(stand, kit.token_of(HOME), event["type"], *way(event)) for way in (first, second)
                ]
                assert [answer.headers["Concordat-Status"] for answer in answers] == ["201", "200"]
                assert answers[0].data == answers[1].data
                assert orjson.loads(answers[0].data)["event_id"] == event["id"]
            assert stand.mailbox("northmere-police") == 2

    asyncio.run(story())


@dataclass(frozen=True)
class Bad:
    """A request that must change nothing, and how it is answered."""

    status: int
    slug: str
    pointer: str | None
    body: bytes
    headers: dict[str, str] | None = None
    last: str = "concordat.episode.opened.v1"
    """What the subject ends in."""
    agency: str = HOME


def _bad_requests(kit) -> dict[str, Bad]:
    event = kit.opening()
    event["data"]["child"] |= {"name": CANARY}
    body, attributes = _binary(event)
    unknown = f"concordat.{CANARY}.v1"
    twice = orjson.dumps(event).replace(b'"specversion"', f'"id":"{CANARY}","specversion"'.encode(), 1)
    long_body = orjson.dumps(event["data"] | {CANARY: "x" * (MAX_EVENT_BYTES - len(body) - 40)})
    assert len(long_body) < MAX_EVENT_BYTES
    stranger = {"source": "/agencies/northmere-police"}
    return {
        "published as another type": Bad(
            422, "subject-mismatch", "/type", orjson.dumps(event), last="concordat.child.located.v1"
        ),
        "another's source": Bad(403, "source-mismatch", "/source", orjson.dumps(event | stranger)),
        "another's source in a header": Bad(
            403, "source-mismatch", "/source", body, attributes | {"ce-source": stranger["source"]}
        ),
        "another hub's agency of the same name": Bad(
            403,
            "source-mismatch",
            "/source",
            orjson.dumps(event | {"source": f"//{CANARY}.example/agencies/{HOME}"}),
        ),
        "a source among the data": Bad(
            422, "invalid-event", "/data", orjson.dumps(event | {"data": event["data"] | stranger | {CANARY: 1}})
        ),
        "an account of nobody": Bad(403, "not-registered", None, orjson.dumps(event), agency=CANARY),
        "no JSON": Bad(400, "not-json", None, f'{{"id": {CANARY}'.encode()),
        "nothing": Bad(400, "not-json", None, b""),
        "a member twice": Bad(400, "not-json", None, twice),
        "a list": Bad(422, "invalid-event", "", orjson.dumps([event])),
        "more than 256 KiB": Bad(413, "too-large", None, orjson.dumps(event | {"x": CANARY * (MAX_EVENT_BYTES // 19)})),
        "more than 256 KiB with its headers": Bad(
            413, "too-large", None, b" " * (MAX_EVENT_BYTES - len(body) + 1) + body, attributes
        ),
        "a type of nobody's": Bad(422, "invalid-event", "/type", orjson.dumps(event | {"type": unknown}), last=unknown),
        "a batch": Bad(
            415,
            "unsupported-media-type",
            None,
            orjson.dumps([event]),
            {"Content-Type": "application/cloudevents-batch+json"},
        ),
        "another format": Bad(
            415,
            "unsupported-media-type",
            None,
            orjson.dumps(event),
            {"Content-Type": f"application/cloudevents+{CANARY}"},
        ),
        "without its version": Bad(
            422, "invalid-event", "/specversion", body, {n: v for n, v in attributes.items() if n != "ce-specversion"}
        ),
        "one attribute in two spellings": Bad(400, "invalid-attribute", None, body, attributes | {"CE-Id": CANARY}),
        "attributes beside a document that is not called one": Bad(
            422, "invalid-event", "/data", orjson.dumps(event), attributes
        ),
        "not in UTF-8": Bad(
            415, "unsupported-media-type", None, orjson.dumps(event), {"Content-Type": f"{TYPE}; charset=latin-1"}
        ),
        "nested without end": Bad(400, "not-json", None, b'{"data":' + b"[" * 300 + b"]" * 300 + b"}"),
        "data in a header": Bad(400, "invalid-attribute", None, body, attributes | {"ce-data": CANARY}),
        "no UTF-8 in a header": Bad(400, "invalid-attribute", None, body, attributes | {"ce-subject": f"{CANARY}%FF"}),
        "attributes of nobody's form": Bad(422, "invalid-event", "/time", body, attributes | {"ce-time": CANARY}),
    }


def test_what_is_refused_changes_nothing_and_is_said_in_words(tmp_path, server, kit):
    """Each bad request gets the problem document that names the place; no value of it comes back or stands in a log."""

    async def story() -> list[dict[str, object]]:
        async with kit.hub(tmp_path, server) as stand:
            await stand.relaying()
            size = _size(stand)
            with structlog.testing.capture_logs() as lines:
                for name, bad in _bad_requests(kit).items():
                    subject = f"in.{kit.token_of(bad.agency)}.{bad.last}"
                    answer = await stand.client.request(subject, bad.body, timeout=10, headers=bad.headers)
                    problem = orjson.loads(answer.data)
                    assert problem["type"].rpartition("/")[2] == bad.slug, (name, problem)
                    assert answer.headers["Concordat-Status"] == str(problem["status"]) == str(bad.status), name
                    assert answer.headers["Content-Type"] == "application/problem+json"
                    if bad.pointer is not None:
                        assert bad.pointer in [one["pointer"] for one in problem["errors"]], (name, problem)
                    assert CANARY not in (answer.data.decode() + repr(answer.headers)).lower(), name
            assert _size(stand) == size
            assert stand.mailbox("northmere-police") == 0
            assert {"ingress", "problem"} <= {line["event"] for line in lines}
            return lines

    lines = asyncio.run(story())
    assert CANARY not in repr(lines).lower()
    assert CANARY not in (server.folder / "server.log").read_text().lower()


def test_an_id_used_for_other_content_is_refused(tmp_path, server, kit):
    """Sending something else under an id that has been used does not replace what was said first."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.relaying()
            event = kit.opening()
            await stand.publish(event)
            size = _size(stand)
            other = event | {"data": event["data"] | {"risk": {"level": "medium"}}}
            answer = await stand.request(other)
            assert answer.headers["Concordat-Status"] == "409"
            assert orjson.loads(answer.data)["type"].endswith("/id-reused")
            assert _size(stand) == size

    asyncio.run(story())


def test_headers_are_not_believed(tmp_path, server, kit):
    """Who publishes is said by the account alone: `ce-` headers beside a structured event count for nothing."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.relaying()
            event = kit.opening()
            beside = STRUCTURED | {"ce-specversion": "1.0", "ce-source": "/agencies/northmere-police", "ce-id": "other"}
            answer = await stand.request(event, headers=beside)
            assert answer.headers["Concordat-Status"] == "201"
            receipt = orjson.loads(answer.data)
            assert receipt["event_id"] == event["id"]
            assert receipt["source"].endswith(f"/agencies/{HOME}")

    asyncio.run(story())


@pytest.mark.parametrize("theirs", ["Nats-Rollup", "nats-rollup"])
def test_an_agencys_commands_to_the_server_are_not_passed_on(tmp_path, server, kit, theirs):
    """Headers that would purge, expire, drop or reroute messages in OUT end at the door."""
    commands = {
        theirs: "all",
        "Nats-Msg-Id": "squatted",
        "Nats-TTL": "1s",
        "Nats-Expected-Stream": "ELSEWHERE",
        "Nats-Expected-Last-Sequence": "4711",
        "Nats-Schedule": "@at 2031-01-01T00:00:00Z",
        "Nats-Schedule-Target": "out.elsewhere",
        "Concordat-Sequence": "9.9",
        "X-Anything": "squatted",
    }
    own = {"Nats-Msg-Id", "Concordat-Sequence", "Content-Type", "traceparent"}

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.relaying()
            for _ in range(3):
                answer = await stand.request(kit.opening(), headers=commands)
                assert answer.headers["Concordat-Status"] == "201"
                assert set(answer.headers) == {"Concordat-Status", "Content-Type"}
            reader = await stand.reader("northmere-police")
            await reader.fetch(3)
            for message in reader.messages:
                kept = {name: value for name, value in message.headers.items() if not _of_the_hubs_batch(name)}
                assert set(kept) == own
                assert not set(kept.values()) & set(commands.values())
                assert kept["Nats-Msg-Id"] == reader.open(message)["id"]
            assert [message.headers["Concordat-Sequence"] for message in reader.messages] == ["1.1", "1.2", "1.3"]

    asyncio.run(story())


def _of_the_hubs_batch(name: str) -> bool:
    """The fence and the batch of the relay itself. Their values are compared with the publisher's all the same."""
    return name.startswith(("Nats-Batch-", "Nats-Expected-Last-Subject-Sequence"))


def test_what_cannot_be_answered_is_not_accepted(tmp_path, server, kit):
    """A message without a reply subject is no publication: the sender could never know."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.relaying()
            await stand.publish(kit.opening())
            size, event = _size(stand), kit.opening()
            subject = f"in.{kit.token_of(HOME)}.{event['type']}"
            with structlog.testing.capture_logs() as lines:
                await stand.client.publish(subject, orjson.dumps(event))
                await kit.until(lambda: any(line["event"] == "ingress_without_reply" for line in lines), "the refusal")
            assert _size(stand) == size
            assert (await stand.request(event)).headers["Concordat-Status"] == "201", "it had not been taken before"

    asyncio.run(story())


@dataclass
class Counting(HttpClerk):
    """A clerk that counts what is given to it."""

    count: int = 0

    def read(self, headers, body):
        self.count += 1
        return super().read(headers, body)


def test_replicas_share_the_door(tmp_path, server, kit):
    """With two replicas at the door each request is taken by one of them, and each publisher hears one answer."""
    count = 40

    async def story() -> None:
        with structlog.testing.capture_logs() as lines:
            async with kit.hub(tmp_path, server) as stand:
                await stand.relaying()
                await stand.publish(kit.opening())
                before = sum(line["event"] == "ingress" for line in lines)
                second, clerk = await kit.connect(server), Counting()
                door = asyncio.create_task(
                    Ingress(second, stand.built.hub, stand.channel.agency_of, clerk).run(), name="second"
                )
                answers: list[Msg] = []

                async def hear(message: Msg) -> None:
                    answers.append(message)

                inbox = stand.client.new_inbox()
                await stand.client.subscribe(inbox, cb=hear)
                await stand.client.flush()
                await second.flush()
                for _ in range(count):
                    event = kit.opening()
                    subject = f"in.{kit.token_of(HOME)}.{event['type']}"
                    await stand.client.publish(subject, orjson.dumps(event), reply=inbox)
                await kit.until(lambda: len(answers) >= count, "all answers")
                await end(door)
                await second.close()
        # Both have ended, and what was under way with them: nothing more can come.
        assert [answer.headers["Concordat-Status"] for answer in answers] == ["201"] * count
        assert sum(line["event"] == "ingress" for line in lines) - before == count
        assert 0 < clerk.count < count

    asyncio.run(story())


def _structured(event) -> tuple[bytes, dict[str, str]]:
    return orjson.dumps(event), STRUCTURED


def _binary(event) -> tuple[bytes, dict[str, str]]:
    """An event in binary mode, as a client would: no content type among its attributes needs to be said."""
    attributes = {f"ce-{name}": str(value) for name, value in event.items() if name not in {"data", "datacontenttype"}}
    return orjson.dumps(event["data"]), attributes | {"ce-subject": event["subject"].replace("/", "%2F")}


async def _send(stand, token, event_type, body, headers) -> Msg:
    subject = f"in.{token}.{event_type}"
    return await stand.client.request(subject, body, timeout=10, headers=headers)


def _size(stand) -> int:
    with stand.built.store.reading() as view:
        return view.frontier().size

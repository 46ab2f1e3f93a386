"""Out over NATS: every message once under one id, sealed on disk, delivered when it is acked, and never lost."""

import asyncio
from datetime import UTC, datetime

import orjson

from broker.flows import parcels
from broker.nats.channel import LEASE
from broker.nats.config import MAX_PAYLOAD_BYTES
from broker.ports.holder import new_holder
from broker.ports.records import DisclosureFilter
from broker.settings import Settings
from broker.wiring import build


def test_an_ack_is_a_delivery(tmp_path, server, kit):
    """What a force's machine has acked stands as delivered in the told matrix; what it has only fetched does not."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            for _ in range(3):
                await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            await reader.fetch(3)
            fetched = list(reader.messages)
            assert not any(stand.delivered("northmere-police").values())
            await fetched[-1].ack()  # out of order: the ones before are still being worked on
            last = fetched[-1].headers["Nats-Msg-Id"]
            await kit.until(lambda: stand.delivered("northmere-police")[last], "the ack")
            assert sum(stand.delivered("northmere-police").values()) == 1
            for message in fetched[:-1]:
                await message.ack()
            await kit.until(lambda: all(stand.delivered("northmere-police").values()), "all acks")
            with stand.built.store.reading() as view:
                position = view.out_positions()["northmere-police"]
            assert position.acked == position.stored == stand.mailbox("northmere-police")

    asyncio.run(story())


def test_a_delivery_is_ledgered_once(tmp_path, server, kit):
    """An ack that is sent twice, and a message that had been read by the feed too, leave one entry in the ledger."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            await reader.fetch(1)
            (message,) = reader.messages
            size = _size(stand.built)
            await stand.client.publish(message.reply, b"+ACK")
            await stand.client.publish(message.reply, b"+ACK")
            await kit.until(lambda: all(stand.delivered("northmere-police").values()), "the ack")
            grown = _size(stand.built)
            await stand.client.publish(message.reply, b"+ACK")
            await stand.publish(kit.opening())
            await reader.fetch(2)
            await reader.messages[-1].ack_sync()
            await kit.until(lambda: all(stand.delivered("northmere-police").values()), "the next ack")
            assert grown > size
            with stand.built.store.reading() as view:
                ids = list(view.disclosures(DisclosureFilter(agency="northmere-police", limit=10)))
            assert len(ids) == len(stand.delivered("northmere-police"))

    asyncio.run(story())


def test_a_refusal_for_good_is_no_delivery(tmp_path, server, kit):
    """A machine that terminates a message has not taken it: the told matrix goes on showing that nobody has it."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.publish(kit.opening())
            await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            await reader.fetch(2)
            first, second = reader.messages
            await first.term()
            await second.ack()
            refused, taken = (one.headers["Nats-Msg-Id"] for one in (first, second))
            await kit.until(lambda: stand.delivered("northmere-police")[taken], "the ack")
            assert not stand.delivered("northmere-police")[refused]
            # Nor is it by what the machine takes later, which the server counts on from behind both.
            await stand.publish(kit.opening())
            await reader.fetch(3)
            later = reader.messages[-1]
            await later.ack()
            await kit.until(lambda: stand.delivered("northmere-police")[later.headers["Nats-Msg-Id"]], "the next ack")
            assert not stand.delivered("northmere-police")[refused]

    asyncio.run(story())


def test_nothing_clear_lies_in_the_streams(tmp_path, server, kit):
    """The child's name is in no file of JetStream, and the recipient reads it all the same."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            (told,) = await reader.take(1)
            assert "Quillfeather" in orjson.dumps(told).decode()

    asyncio.run(story())
    server.kill()
    files = [path for path in server.streams.rglob("*") if path.is_file()]
    assert any(b"Concordat-Sequence" in path.read_bytes() for path in files)
    for canary in (b"Quillfeather", b"HH-ROOM-0", b"Robin"):
        assert [path.name for path in files if canary in path.read_bytes()] == []


def test_a_notice_says_ids_and_type_only(tmp_path, server, kit):
    """An agency that wants notices finds no content in its stream."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            kit.change(stand.built, "northmere-police", nats_content="notice")
            await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            (told,) = await reader.take(1)
            assert "data" not in told
            assert told["type"] == "concordat.episode.opened.v1"

    asyncio.run(story())


def test_what_is_too_large_comes_as_a_notice(tmp_path, server, kit, monkeypatch):
    """A history is larger than NATS carries: its recipient learns of it, and all mail behind it goes on."""
    assert parcels.MOST_BODY_BYTES + 1024 < MAX_PAYLOAD_BYTES

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            await reader.take(1)
            with monkeypatch.context() as patched:
                patched.setattr(parcels, "MOST_BODY_BYTES", 100)
                await stand.publish(kit.opening())
                await reader.take(2)
            await stand.publish(kit.opening())
            whole, notice, after = await reader.take(3)
            assert {**whole, "data": ...}.keys() == after.keys()
            assert notice.keys() < after.keys() - {"data"}
            assert [one["concordatsequence"].partition(".")[2] for one in (whole, notice, after)] == ["1", "2", "3"]
            await kit.until(lambda: all(stand.delivered("northmere-police").values()), "all acks")

    asyncio.run(story())


def test_each_recipient_has_a_trace_of_its_own(tmp_path, server, kit):
    """Nothing that a recipient gets leads back to the trace of the publisher, nor to that of another recipient."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            await stand.publish(kit.opening(), headers={"traceparent": sent})
            seen = []
            for agency in ("northmere-police", "westmoor-council"):
                if stand.mailbox(agency):
                    reader = await stand.reader(agency)
                    await reader.fetch(1)
                    seen.append(reader.messages[0].headers["traceparent"].split("-")[1])
            assert seen
            assert len({*seen, sent.split("-")[1]}) == len(seen) + 1

    asyncio.run(story())


def test_sequences_have_no_gaps(tmp_path, server, kit):
    """Through a broken connection and a restarted server, a recipient counts 1, 2, 3 … and misses nothing."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            reader = await stand.reader("northmere-police")
            for round_ in range(3):
                for _ in range(5):
                    await stand.publish(kit.opening())
                if round_ < 2:
                    server.kill()
                    server.start()
                    await kit.until(lambda: stand.client.is_connected, "the connection")
                    await stand.relaying()
            await reader.take(15)
            numbers = {int(one["concordatsequence"].split(".")[1]) for one in reader.seen}
            assert numbers == set(range(1, stand.mailbox("northmere-police") + 1))
            assert len({one["id"] for one in reader.seen}) == len(numbers)

    asyncio.run(story())


def test_a_hub_that_was_killed_keeps_nobody_waiting(tmp_path, server, kit):
    """Its lease would run for an hour more: the hub that is started in its place on the machine sends at once."""
    state = Settings(state=tmp_path / "state")
    killed = new_holder().rpartition("/")[0] + "/1"  # of a process that began at another time than any that lives
    built = build(state)
    with built.store.writing() as unit:
        assert unit.take_lease(LEASE, killed, datetime.now(UTC), 3600)
    built.close()

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.relaying()
            await stand.publish(kit.opening())
            await (await stand.reader("northmere-police")).take(1)

    asyncio.run(story())


def _size(built) -> int:
    with built.store.reading() as view:
        return view.frontier().size

"""JetStream lost, replaced, rolled back or ahead: the hub notices, takes events on, and is put right by a word."""

import asyncio
import shutil
from dataclasses import replace

import pytest

from broker.nats.channel import ChannelSettings
from broker.nats.jetstream import ask
from broker.nats.rebuild import RebuildRefused, rebuild
from broker.ports.relay import Standing

QUICK = ChannelSettings(lease_seconds=3.0, pause_seconds=0.05)


async def _rebuild(stand, kit, settings=QUICK, **choices):
    return await rebuild(stand.client, stand.built.hub, kit.token_of, settings, **choices)


async def _stream_exists(stand) -> bool:
    names = await ask(stand.client, "STREAM.NAMES")
    return bool(names.get("streams"))


def test_a_lost_store_is_rebuilt_from_what_was_confirmed(tmp_path, server, kit):
    """The folder is gone: nothing is made silently, events are taken on, and after the rebuild only the rest comes."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            for _ in range(4):
                await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            confirmed = {one["id"] for one in await reader.take(4)}
            await kit.until(lambda: all(stand.delivered("northmere-police").values()), "the acks")
            server.kill()
            server.lose_streams()
            server.start()
            await stand.standing(Standing.MISSING)
            await stand.publish(kit.opening())
            assert not await _stream_exists(stand)
            done = await _rebuild(stand, kit)
            assert done.before is Standing.MISSING
            await stand.relaying()
            reader.seen.clear()
            fresh = await reader.take(1)
            assert confirmed.isdisjoint(one["id"] for one in fresh)
            assert len(fresh) == 1

    asyncio.run(story())


def test_unconfirmed_mail_comes_again_after_a_rebuild(tmp_path, server, kit):
    """What a recipient had not acked when the store was lost comes again, under the same ids."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            for _ in range(3):
                await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            await reader.fetch(3)
            ids = [one["id"] for one in reader.seen]
            await reader.messages[0].ack()
            await kit.until(lambda: stand.delivered("northmere-police")[ids[0]], "the ack")
            server.kill()
            server.lose_streams()
            server.start()
            await stand.standing(Standing.MISSING)
            done = await _rebuild(stand, kit)
            assert done.waiting >= 2
            reader.seen.clear()
            again = await reader.take(2)
            assert {one["id"] for one in again} == set(ids[1:])

    asyncio.run(story())


def test_what_was_seen_to_be_acked_is_not_sent_again(tmp_path, server, kit):
    """The floor that the server named was older than the acks that passed: the deliveries on record count too."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            for _ in range(3):
                await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            confirmed = {one["id"] for one in await reader.take(3)}
            await kit.until(lambda: all(stand.delivered("northmere-police").values()), "the acks")
            server.kill()
            with stand.built.store.writing() as unit:
                at = unit.out_positions()["northmere-police"]
                unit.put_out_positions([replace(at, acked=at.acked - 3, acked_sequence=0)])
            server.lose_streams()
            server.start()
            await stand.standing(Standing.MISSING)
            await _rebuild(stand, kit)
            await stand.relaying()
            await stand.publish(kit.opening())
            reader.seen.clear()
            (fresh,) = await reader.take(1)
            assert fresh["id"] not in confirmed

    asyncio.run(story())


def test_a_store_rolled_back_is_noticed(tmp_path, server, kit):
    """An old copy of the store is put back: the hub sees that confirmed messages are gone, and does not write on."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.publish(kit.opening())
            reader = await stand.reader("northmere-police")
            await reader.take(1)
            await kit.until(lambda: _remembered(stand) > 0, "the position")
            before = _remembered(stand)
            server.kill()
            shutil.copytree(server.streams, tmp_path / "old")
            server.start()
            await stand.publish(kit.opening())
            await reader.take(2)
            await kit.until(lambda: _remembered(stand) > before, "the position")
            server.kill()
            server.lose_streams()
            shutil.copytree(tmp_path / "old", server.streams)
            server.start()
            await stand.standing(Standing.BEHIND)
            assert not stand.channel.health.relaying
            await _rebuild(stand, kit)
            await stand.publish(kit.opening())
            await reader.take(3)

    asyncio.run(story())


def test_a_stream_of_another_database_is_left_alone(tmp_path, server, kit):
    """A hub that finds a stream that it has not made neither uses nor deletes it."""

    async def story() -> None:
        async with kit.hub(tmp_path / "first", server) as stand:
            await stand.publish(kit.opening())
            await (await stand.reader("northmere-police")).take(1)
        async with kit.hub(tmp_path / "second", server) as stand:
            await stand.standing(Standing.REPLACED)
            await stand.publish(kit.opening())
            info = await ask(stand.client, "STREAM.INFO.OUT")
            assert info["state"]["messages"] > 0
            await _rebuild(stand, kit)
            await (await stand.reader("northmere-police")).take(1)

    asyncio.run(story())


def test_a_restored_database_is_noticed(tmp_path, server, kit):
    """A database from a backup knows less than the stream holds: nothing is sent under numbers used before."""

    async def story() -> None:
        state = tmp_path / "hub" / "state"
        async with kit.hub(tmp_path / "hub", server) as stand:
            await stand.publish(kit.opening())
            await (await stand.reader("northmere-police")).take(1)
        shutil.copytree(state, tmp_path / "backup")
        async with kit.hub(tmp_path / "hub", server) as stand:
            await stand.publish(kit.opening())
            await (await stand.reader("northmere-police")).take(1)
        shutil.rmtree(state)
        shutil.copytree(tmp_path / "backup", state)
        async with kit.hub(tmp_path / "hub", server) as stand:
            await stand.standing(Standing.AHEAD)

    asyncio.run(story())


def test_another_at_rest_key_destroys_nothing(tmp_path, server, kit):
    """The server comes back under another key and shows no stream: the hub makes none over it, and the data survive."""
    server.kill()
    shutil.rmtree(server.streams, ignore_errors=True)
    server.key = "kthe-right-one"
    server.start()
    right = ChannelSettings(lease_seconds=3.0, pause_seconds=0.05, fingerprint="right")
    wrong = ChannelSettings(lease_seconds=3.0, pause_seconds=0.05, fingerprint="wrong")

    async def before() -> None:
        async with kit.hub(tmp_path, server, right) as stand:
            await stand.publish(kit.opening())
            await kit.until(lambda: _remembered(stand) > 0, "the message in the stream")

    async def meanwhile() -> None:
        async with kit.hub(tmp_path, server, wrong) as stand:
            await stand.standing(Standing.WRONG_KEY)
            await stand.publish(kit.opening())
            with pytest.raises(RebuildRefused, match="at-rest key"):
                await _rebuild(stand, kit, wrong)
            assert not await _stream_exists(stand)

    async def after() -> None:
        async with kit.hub(tmp_path, server, right) as stand:
            await (await stand.reader("northmere-police")).take(2)

    asyncio.run(before())
    server.kill()
    server.key = "kanother-one"
    server.start()
    asyncio.run(meanwhile())
    server.kill()
    server.key = "kthe-right-one"
    server.start()
    asyncio.run(after())


def test_a_sound_stream_is_not_taken_away(tmp_path, server, kit):
    """Whoever calls for a rebuild by mistake is told that nothing is wrong."""

    async def story() -> None:
        async with kit.hub(tmp_path, server) as stand:
            await stand.publish(kit.opening())
            await (await stand.reader("northmere-police")).take(1)
            stand.serving.cancel()
            with pytest.raises(RebuildRefused, match="sound"):
                await _rebuild(stand, kit)
            assert await _stream_exists(stand)

    asyncio.run(story())


def _remembered(stand) -> int:
    with stand.built.store.reading() as view:
        made = view.out_stream("OUT")
    return 0 if made is None else made.last_sequence

"""What the hub leans on when it counts a message as sent, read back from the server and the stream that run.

That a server with the default interval between syncs is refused stands in `test_accounts.py`.
"""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from broker.nats.channel import ChannelSettings
from broker.nats.durability import assert_durable, assert_stream_durable
from broker.nats.jetstream import ApiError, ask
from broker.nats.out_stream import STREAM, StreamPlan, create, delete
from broker.nats.rebuild import rebuild
from broker.ports.relay import Standing
from tests.nats_world import World, until, world

QUICK = ChannelSettings(lease_seconds=3.0, pause_seconds=0.05)


def test_server_and_stream_keep_what_they_confirm(tmp_path):
    """The embedded server syncs before each confirmation, and the stream that the hub makes on it is in files."""

    async def story() -> None:
        async with world(tmp_path) as one:
            await delete(one.hub)
            await create(one.hub, StreamPlan(), None)
            varz = await _running_settings(one.system)
            assert varz["jetstream"]["config"]["sync_always"] is True
            config = (await ask(one.hub, f"STREAM.INFO.{STREAM}"))["config"]
            assert config["storage"] == "file"
            assert config.get("persist_mode", "default") == "default"
            assert config["discard"] == "new"
            assert config["max_bytes"] > 0
            await assert_durable(one.system)
            await assert_stream_durable(one.hub, STREAM)

    asyncio.run(story())


def test_a_stream_made_by_others_that_confirms_early_is_not_used(tmp_path, server, kit):
    """An empty OUT that acknowledges before it stores is refused in words; nothing is sent by it until the rebuild."""

    async def story() -> None:
        with structlog.testing.capture_logs() as lines:
            before = await kit.connect(server)
            hasty = StreamPlan().config() | {"persist_mode": "async", "allow_atomic": False}
            await ask(before, f"STREAM.CREATE.{STREAM}", hasty)
            await before.close()
            async with kit.hub(tmp_path, server) as stand:
                await stand.standing(Standing.HASTY)
                assert not stand.channel.health.relaying
                await stand.publish(kit.opening())
                info = await ask(stand.client, f"STREAM.INFO.{STREAM}")
                assert info["state"]["messages"] == 0
                assert info["config"]["persist_mode"] == "async", "nothing is made anew without an operator's word"
                done = await rebuild(stand.client, stand.built.hub, kit.token_of, QUICK)
                assert done.before is Standing.HASTY
                reader = await stand.reader("northmere-police")
                await reader.take(1)
                await assert_stream_durable(stand.client, STREAM)
        (said,) = [line for line in lines if line["event"] == "out_stream_unusable"]
        assert "concordat nats rebuild" in said["advice"]

    asyncio.run(story())


def test_the_stream_is_made_although_the_server_had_no_room_for_it_at_first(tmp_path):
    """Behind a deleted stream the server clears up its account's folder, and is in its own way when it makes one."""

    async def story() -> None:
        with structlog.testing.capture_logs() as lines:
            async with world(tmp_path) as one:
                obstacle = tmp_path / "nats/streams/jetstream"
                await _no_room(one, obstacle)
                making = asyncio.create_task(create(one.hub, StreamPlan(), None))
                await until(lambda: any(line["event"] == "out_stream_has_no_store_yet" for line in lines), "a refusal")
                obstacle.unlink()
                made = await making
                assert made.last_sequence == 0
                await assert_stream_durable(one.hub, STREAM)

    asyncio.run(story())


def test_a_server_that_can_store_nothing_is_not_asked_for_ever(tmp_path):
    """The refusal comes out in the server's words, and nothing is called a stream."""

    async def story() -> None:
        async with world(tmp_path) as one:
            await _no_room(one, tmp_path / "nats/streams/jetstream")
            with pytest.raises(ApiError, match="error creating store"):
                await create(one.hub, StreamPlan(), None)
            with pytest.raises(ApiError, match="stream not found"):
                await ask(one.hub, f"STREAM.INFO.{STREAM}")

    asyncio.run(story())


async def _no_room(one: World, folder: Path) -> None:
    """Delete OUT and put a file where the server keeps the folders of accounts."""
    await delete(one.hub)
    # The server may still be clearing up in there: what it removes meanwhile is no fault.
    await until(lambda: shutil.rmtree(folder, ignore_errors=True) or not folder.exists(), "the folder is gone")
    await asyncio.to_thread(folder.write_bytes, b"")


async def _running_settings(system) -> dict[str, Any]:
    inbox = system.new_inbox()
    answers = await system.subscribe(inbox)
    await system.publish("$SYS.REQ.SERVER.PING.VARZ", b"", reply=inbox)
    return dict(orjson.loads((await answers.next_msg(timeout=5)).data)["data"])

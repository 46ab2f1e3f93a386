"""Agencies come, change and leave while the server runs, and use the names that they know."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from nats.errors import Error
from nats.js.errors import APIError

from broker.nats.accounts import agency_creds
from broker.nats.config import ServerConfig
from broker.nats.connection import NatsPlace, connect_hub
from broker.nats.durability import NotDurable, assert_durable, assert_stream_durable
from broker.nats.keys import Keys, keys_from
from broker.nats.reconcile import Directory
from broker.nats.server import EmbeddedServer
from broker.nats.side import NatsSettings, NatsSide
from broker.ports.vault import MemoryVault
from contracts.agency import Agency
from tests.nats_world import PATIENCE, agency, keys, until, visiting, world

HOME, POLICE = agency("harbour-house"), agency("northmere-police")
EVENT = "concordat.child.located.v1"


class Roll:
    """A directory of agencies that can be changed while it is followed."""

    def __init__(self, *agencies: Agency) -> None:
        self.version = 0
        self.agencies = agencies

    def change(self, *agencies: Agency) -> int:
        """Replace the agencies; return the new version."""
        self.agencies = agencies
        self.version += 1
        return self.version

    def read(self, known: int) -> Directory | None:
        return None if known == self.version else (self.version, self.agencies)


def side(folder: Path, roll: Roll, secret: Callable[[str], bytes] | None = None, **settings: object) -> NatsSide:
    """A NATS side that looks at the roll all the time."""
    chosen = NatsSettings(mode="embedded", folder=folder / "nats", poll_seconds=0.02)
    return NatsSide(replace(chosen, **settings), secret or MemoryVault().secret, roll.read)


def keys_of(secret: Callable[[str], bytes]) -> Keys:
    """The keys that follow from a key store."""
    return keys_from(secret, None, int(time.time()))


def test_accounts_follow_the_directory_while_the_server_runs(tmp_path: Path) -> None:
    """An agency that is added can come in, one whose key is rotated needs new credentials, one removed is cut off."""

    async def story() -> None:
        roll = Roll(HOME)
        nats = side(tmp_path, roll)
        await nats.start()
        try:
            await nats.settled(0)
            async with visiting(nats.place) as one:
                home = await one.visit(HOME)
                assert not await one.enters(POLICE)
                await nats.settled(roll.change(HOME, POLICE))
                police = await one.visit(POLICE)

                rotated = agency(HOME.id, "second")
                await nats.settled(roll.change(rotated, POLICE))
                await until(lambda: home.client.is_closed, "the end of the connection under the old key")
                assert not await one.enters(HOME)
                assert await one.enters(rotated)
                assert police.client.is_connected

                await nats.settled(roll.change(rotated, replace(POLICE, active=False)))
                await until(lambda: police.client.is_closed, "the end of the connection of who was removed")
                assert not await one.enters(agency_creds(nats.keys(), POLICE, int(time.time())))
                with pytest.raises(LookupError):
                    nats.place.agency_credentials(replace(POLICE, active=False))
        finally:
            await nats.stop()

    asyncio.run(story())


def test_a_rotation_that_keeps_the_old_key_keeps_its_credentials(tmp_path: Path) -> None:
    """While `agency rotate --keep` lets both keys in, credentials given out under either of them work."""

    async def story() -> None:
        roll = Roll(HOME)
        nats = side(tmp_path, roll)
        await nats.start()
        try:
            await nats.settled(0)
            async with visiting(nats.place) as one:
                old = await one.visit(HOME)
                both = agency(HOME.id, "second", "first")
                await nats.settled(roll.change(both))
                assert await one.enters(both)
                assert await one.enters(HOME)
                await old.client.flush()
                assert nats.place.token_of(HOME.id) == nats.keys().agency(both).public
        finally:
            await nats.stop()

    asyncio.run(story())


def test_the_accounts_are_there_again_after_the_servers_folder_was_lost(tmp_path: Path) -> None:
    """Everything that a server is told follows from the hub's own records."""
    roll, secret = Roll(HOME), MemoryVault().secret

    async def story() -> None:
        for folder in ("first", "second"):
            nats = side(tmp_path / folder, roll, secret)
            await nats.start()
            try:
                await nats.settled(0)
                async with visiting(nats.place) as one:
                    assert await one.enters(HOME)
            finally:
                await nats.stop()

    asyncio.run(story())


def test_an_agency_uses_readable_names(tmp_path: Path) -> None:
    """It publishes, pulls, asks and acknowledges by its own id; the hub sees its public key."""

    async def story() -> None:
        async with world(tmp_path) as one:
            await one.admit(HOME)
            await one.answer()
            home = await one.visit(HOME)
            reply = await home.client.request(f"in.{HOME.id}.{EVENT}", b"{}", timeout=PATIENCE)
            assert reply.data == b"receipt"
            assert one.heard[0].subject == f"in.{one.token(HOME.id)}.{EVENT}"
            await one.send(HOME.id, b"sealed")
            subscription = await home.jetstream.pull_subscribe_bind(HOME.id, stream="OUT")
            (message,) = await subscription.fetch(1, PATIENCE)
            await message.ack_sync(timeout=PATIENCE)
            info = await home.jetstream.consumer_info("OUT", HOME.id)
            assert info.ack_floor is not None
            assert info.ack_floor.consumer_seq == 1
            assert home.refusals == []

    asyncio.run(story())


def test_a_scope_that_an_agency_lacks_is_not_there_over_nats_either(tmp_path: Path) -> None:
    """Who may only receive cannot publish, and who may only publish cannot receive."""
    reader, writer = agency("bright-path", scopes="subscribe"), agency("eastvale-council", scopes="publish")

    async def story() -> None:
        async with world(tmp_path) as one:
            await one.admit(reader, writer)
            await one.answer()
            reads, writes = await one.visit(reader), await one.visit(writer)
            with pytest.raises(Error):
                await reads.client.request(f"in.{reader.id}.{EVENT}", b"{}", timeout=0.4)
            assert (await writes.client.request(f"in.{writer.id}.{EVENT}", b"{}", timeout=PATIENCE)).data == b"receipt"
            assert (await reads.jetstream.consumer_info("OUT", reader.id)).num_pending == 0
            with pytest.raises((Error, APIError)):
                await writes.jetstream.consumer_info("OUT", writer.id)
            assert [heard.subject for heard in one.heard] == [f"in.{one.token(writer.id)}.{EVENT}"]

    asyncio.run(story())


def test_the_running_server_puts_every_message_on_the_disk_before_it_confirms(tmp_path: Path) -> None:
    """Not the file but the server says so, and the stream does not say otherwise."""

    async def story() -> None:
        async with world(tmp_path) as one:
            await assert_durable(one.system)
            await assert_stream_durable(one.hub, "OUT")
            with pytest.raises(LookupError):
                await assert_stream_durable(one.hub, "NOWHERE")

    asyncio.run(story())


def test_a_stream_that_confirms_too_early_is_refused(tmp_path: Path) -> None:
    """`persist_mode: async` and memory storage would undo the server's settings."""

    async def story() -> None:
        async with world(tmp_path) as one:
            await one.hub.request(
                "$JS.API.STREAM.CREATE.HASTY",
                b'{"name":"HASTY","subjects":["hasty"],"storage":"file","num_replicas":1,"persist_mode":"async"}',
            )
            await one.jetstream.add_stream(name="FLEETING", subjects=["fleeting"], storage="memory")
            with pytest.raises(NotDurable, match="persist_mode"):
                await assert_stream_durable(one.hub, "HASTY")
            with pytest.raises(NotDurable, match="memory"):
                await assert_stream_durable(one.hub, "FLEETING")

    asyncio.run(story())


class Lax(EmbeddedServer):
    """A server of somebody else's, with the default interval between syncs."""

    async def _launch(self) -> None:
        config = self._config
        text = type(config).text
        patched = type("LaxConfig", (type(config),), {"text": lambda own, at: text(own, at).replace("always", '"2m"')})
        self._config = patched(**config.__dict__)
        await super()._launch()


def test_a_server_that_syncs_later_is_refused_with_what_to_change(tmp_path: Path) -> None:
    """The hub does not start on a server that would lose two minutes at a power cut, and says which line to change."""
    secret = MemoryVault().secret

    async def story() -> None:
        lax = Lax(ServerConfig(keys_of(secret), tmp_path / "theirs"))
        await lax.start()
        try:
            hub = side(tmp_path, Roll(HOME), secret, mode="external", urls=lax.place.urls)
            with pytest.raises(NotDurable, match=r"up to 120 s .*`sync_interval: always`"):
                await hub.start()
        finally:
            await lax.stop()

    asyncio.run(story())


def test_servers_of_ones_own_are_used_like_the_embedded_one(tmp_path: Path) -> None:
    """With the URL of a server that was configured for this hub, accounts follow and the hub connects."""
    secret = MemoryVault().secret

    async def story() -> None:
        theirs = EmbeddedServer(ServerConfig(keys_of(secret), tmp_path / "theirs"))
        await theirs.start()
        nats = side(tmp_path, Roll(HOME), secret, mode="external", urls=theirs.place.urls)
        try:
            await nats.start()
            await nats.settled(0)
            async with visiting(nats.place) as one:
                assert await one.enters(HOME)
            hub = await connect_hub(await nats.usable(), name="hub")
            await hub.close()
        finally:
            await nats.stop()
            await theirs.stop()

    asyncio.run(story())


def test_a_hub_that_the_server_does_not_know_gets_nowhere(tmp_path: Path) -> None:
    """Another hub's keys open nothing: neither HUB nor SYS."""

    async def story() -> None:
        async with world(tmp_path) as one:
            stranger = NatsPlace(one.place.urls, keys())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await connect_hub(stranger, name="stranger")

    asyncio.run(story())

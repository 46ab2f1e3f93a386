"""The embedded server: it comes back when it dies, keeps what it confirmed, and refuses another hub's folder."""

import asyncio
import datetime as dt
import os
import signal
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.x509.oid import NameOID
from nats.aio.client import Client

from broker.flows.ending import end
from broker.nats.config import ServerConfig
from broker.nats.connection import connect_hub, while_connected
from broker.nats.server import EmbeddedServer, ServerUnusable, server_program
from tests.nats_world import agency, keys, until, world

HOME = agency("harbour-house")


def test_a_server_that_dies_is_started_again_where_clients_find_it(tmp_path: Path) -> None:
    """After a kill the same port answers, the connected hub is back by itself, and confirmed messages are there."""

    async def story() -> None:
        async with world(tmp_path) as one:
            await one.admit(HOME)
            await one.send(HOME.id, b"sealed")
            before = one.server.pid
            os.kill(before, signal.SIGKILL)
            await until(lambda: one.server.starts == 2 and one.hub.is_connected, "the second start")
            assert one.server.pid != before
            assert one.server.place == one.place
            await one.send(HOME.id, b"sealed too")
            await one.keeps(HOME.id, 2)  # the server counts behind its confirmation
            assert await one.enters(HOME), "the accounts are known without being pushed again"

    asyncio.run(story())


def test_a_server_is_waited_for_until_it_has_said_its_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the file in which it says so stands empty for a moment: that is not yet an answer."""
    program = tmp_path / "slow-nats-server"
    program.write_text(
        f'#!/bin/sh\n: > "$(dirname "$2")/nats-server_$$.ports"\nsleep 0.2\nexec {server_program()} "$@"\n'
    )
    program.chmod(0o700)
    monkeypatch.setattr("broker.nats.server.server_program", lambda: str(program))

    async def story() -> None:
        async with world(tmp_path) as one:
            await one.admit(HOME)
            assert await one.enters(HOME)

    asyncio.run(story())


def test_a_stopped_server_leaves_no_process_and_keeps_its_streams(tmp_path: Path) -> None:
    """What was confirmed before the stop is there after the next start."""
    own = keys()

    async def story() -> None:
        async with world(tmp_path, own) as one:
            await one.admit(HOME)
            await one.send(HOME.id, b"sealed")
            pid = one.server.pid
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        async with world(tmp_path, own) as again:
            assert await again.waiting(HOME.id) == (1, 0)

    asyncio.run(story())


def test_the_server_of_a_hub_that_was_killed_is_ended_first(tmp_path: Path) -> None:
    """A new hub does not share the folder with what a killed one left running."""
    config = ServerConfig(keys(), tmp_path / "nats")

    async def story() -> None:
        lost = EmbeddedServer(config)
        await lost.start()
        # As after kill -9 of the hub: nobody watches, the hub's lock is gone, the server still holds its own.
        assert lost._watch is not None
        assert lost._locks is not None
        lost._watch.cancel()
        for lock in lost._locks:
            os.close(lock)
        lost._locks = None
        process = lost._process
        assert process is not None
        heir = EmbeddedServer(config)
        await heir.start()
        try:
            assert await process.wait() is not None
            assert heir.pid != process.pid
        finally:
            await heir.stop()
            await lost.stop()

    asyncio.run(story())


def test_two_hubs_cannot_run_in_one_folder(tmp_path: Path) -> None:
    """The second is told so, and the first goes on."""
    own = keys()

    async def story() -> None:
        async with world(tmp_path, own) as one:
            second = EmbeddedServer(ServerConfig(own, tmp_path / "nats"))
            with pytest.raises(ServerUnusable, match="another hub"):
                await second.start()
            assert one.server.starts == 1
            await one.admit(HOME)

    asyncio.run(story())


def test_streams_of_another_key_are_not_touched(tmp_path: Path) -> None:
    """A server started with the wrong key would drop the streams it cannot read: it is not started at all."""

    async def story() -> None:
        async with world(tmp_path) as one:
            await one.admit(HOME)
            await one.send(HOME.id, b"sealed")
        before = {file: file.read_bytes() for file in (tmp_path / "nats" / "streams").rglob("*") if file.is_file()}
        for spoil in (lambda: None, (tmp_path / "nats" / "streams.key-id").unlink):
            spoil()
            stranger = EmbeddedServer(ServerConfig(keys(), tmp_path / "nats"))
            with pytest.raises(ServerUnusable, match="nats rebuild"):
                await stranger.start()
            assert stranger.starts == 0
        after = {file: file.read_bytes() for file in (tmp_path / "nats" / "streams").rglob("*") if file.is_file()}
        assert after == before

    asyncio.run(story())


def test_everything_that_the_server_keeps_is_its_owners_alone(tmp_path: Path) -> None:
    """The folder is closed to others, and neither the key of the streams nor a payload stands in it."""
    own = keys()

    async def story() -> None:
        async with world(tmp_path, own) as one:
            await one.admit(HOME)
            await one.send(HOME.id, b"canary-in-the-stream")
            folder = tmp_path / "nats"
            assert folder.stat().st_mode & 0o077 == 0
            assert (folder / "server.conf").stat().st_mode & 0o077 == 0
            for file in folder.rglob("*"):
                if file.is_file():
                    content = file.read_bytes()
                    assert own.store_key().hex().encode() not in content
                    assert b"canary-in-the-stream" not in content

    asyncio.run(story())


def test_a_connection_closed_for_good_is_made_anew(tmp_path: Path) -> None:
    """What serves on a connection is begun again on a new one when the client has given up."""

    async def story() -> None:
        async with world(tmp_path) as one:
            served: list[Client] = []

            async def serve(client: Client) -> None:
                served.append(client)
                await asyncio.Event().wait()

            serving = asyncio.create_task(
                while_connected(lambda closed: connect_hub(one.place, name="serving", closed_cb=closed), serve)
            )
            await until(lambda: len(served) == 1, "the first connection")
            await served[0].close()
            await until(lambda: len(served) == 2, "the second connection")
            assert served[1].is_connected
            await end(serving)
            assert served[1].is_closed

    asyncio.run(story())


def test_an_embedded_server_with_a_certificate_takes_tls_alone(tmp_path: Path) -> None:
    """The hub recognises its own server by its certificate, and nobody comes in without TLS."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nats.northmere.example")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = tmp_path / "nats.pem", tmp_path / "nats.key"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )

    async def story() -> None:
        async with world(tmp_path, certificate=cert_file, private_key=key_file) as one:
            await one.admit(HOME)
            assert one.place.urls[0].startswith("tls://")
            assert (await one.visit(HOME, tls=one.place.tls())).client.is_connected
            assert not await one.enters(HOME), "a client that does not know the certificate does not go on"

    asyncio.run(story())

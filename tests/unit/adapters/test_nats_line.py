"""The line to NATS gives nothing away: not to a server without TLS, not over an address that is not private."""

import asyncio
import time
from pathlib import Path

import pytest

from adapters.sdk import AccessRefused, Problem
from adapters.sdk.nats_line import NatsLine, NatsPlace
from adapters.sdk.problem import Unreachable
from broker.nats.accounts import agency_creds
from tests.nats_world import agency, keys

HOME = "harbour-house"


@pytest.fixture
def creds(tmp_path: Path) -> Path:
    """Credentials as an operator gives them."""
    file = tmp_path / "home.creds"
    file.write_text(agency_creds(keys(), agency(HOME), int(time.time())))
    return file


def refused(place: NatsPlace) -> Exception:
    async def story() -> None:
        line = NatsLine(HOME, place)
        try:
            await line.client()
        finally:
            await line.close()

    with pytest.raises((Problem, Unreachable)) as error:
        asyncio.run(story())
    return error.value


def test_a_server_without_tls_hears_not_a_word(creds: Path) -> None:
    """Somebody in the server's place who offers no TLS is told neither who we are nor anything of a child."""
    heard = bytearray()

    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"server_id":"X","max_payload":1048576,"nonce":"abc","auth_required":true}\r\n')
        heard.extend(await reader.read())
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(pretend, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            line = NatsLine(HOME, NatsPlace((f"tls://127.0.0.1:{port}",), creds))
            with pytest.raises(Unreachable):
                await line.client()
            await line.close()
            await asyncio.sleep(0)

    asyncio.run(story())
    assert heard == b""


@pytest.mark.parametrize("url", ["nats://hub.example:4222", "http://127.0.0.1", "ws://127.0.0.1", "hub.example", ""])
def test_clear_text_is_for_this_machine_only(url: str) -> None:
    """An address that would carry a child's data in clear text is refused before anything is sent."""
    with pytest.raises(ValueError, match="tls://"):
        NatsPlace((url,), Path("home.creds"))


def test_a_file_that_is_no_credentials_says_so(tmp_path: Path) -> None:
    """A missing file, or another file by mistake, is named as the cause, and nothing of it is quoted."""
    place = NatsPlace(("nats://127.0.0.1:9",), tmp_path / "home.creds")
    assert isinstance(refused(place), AccessRefused)
    place.credentials.write_text("canary")
    error = refused(place)
    assert isinstance(error, AccessRefused)
    assert "canary" not in error.detail + str(error)


def test_no_server_is_no_answer(creds: Path) -> None:
    """Where nothing listens, that is said at once."""
    assert isinstance(refused(NatsPlace(("nats://127.0.0.1:9",), creds)), Unreachable)

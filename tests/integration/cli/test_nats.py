"""Coming in over NATS to the hub of `concordat up`, by what the command line gives."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.errors import Error

from tests.integration.cli.conftest import Concordat, hub_in


def test_an_agency_comes_in_over_nats_until_it_is_removed(tmp_path: Path) -> None:
    """Added beside the running hub it is let in with the credentials written for it; removed, it is cut off."""
    state = tmp_path / "hub"
    with hub_in(state, "--state", str(state), "--bare") as hub:
        url = json.loads(state.with_suffix(".ready.json").read_text())["nats"]
        assert url in hub.page
        concordat = Concordat(state, hub.url)
        creds = tmp_path / "harbour-view.creds"
        concordat.lines(
            *("agency", "add", "harbour-view", "--name", "Harbour View", "--kind", "childrens_home"),
            *("--generate-key", tmp_path / "harbour-view.pem"),
        )
        assert concordat("agency", "credentials", "harbour-view", "--to", creds).returncode == 0
        assert creds.stat().st_mode & 0o077 == 0
        assert concordat("agency", "credentials", "harbour-view", "--to", creds).returncode == 1

        def remove() -> None:
            concordat.lines("agency", "remove", "harbour-view", "--yes")

        asyncio.run(_visit(url, creds, remove))
        assert concordat("agency", "credentials", "harbour-view").returncode == 1
        configuration = concordat("nats", "config", "--folder", "/var/lib/nats")
        assert "sync_interval: always" in configuration.stdout


def test_streams_of_another_key_do_not_keep_the_hub_down(tmp_path: Path) -> None:
    """After a mixed-up restore the hub serves HTTP, and its page and the doctor say that NATS is not there and why."""
    state = tmp_path / "hub"
    with hub_in(state, "--state", str(state), "--bare"):
        assert (state / "nats" / "streams.key-id").exists()
    (state / "nats" / "streams.key-id").write_text("0" * 32)
    with hub_in(state, "--state", str(state), "--bare") as hub:
        assert "nats" not in json.loads(state.with_suffix(".ready.json").read_text())
        assert "  NATS  " not in hub.page
        assert "written under another key" in hub.page
        concordat = Concordat(state, hub.url)
        concordat.lines(
            *("agency", "add", "harbour-view", "--name", "Harbour View", "--kind", "childrens_home"),
            *("--generate-key", tmp_path / "harbour-view.pem"),
        )
        assert concordat("agency", "token", "harbour-view", "--key", tmp_path / "harbour-view.pem").returncode == 0
        done = concordat("doctor")
        assert done.returncode == 1
        assert "WRONG  NATS at-rest key" in done.stdout


async def _visit(url: str, creds: Path, remove: Callable[[], None]) -> None:
    gone = asyncio.Event()

    async def ended() -> None:
        gone.set()

    client: Client | None = None
    async with asyncio.timeout(30):
        while client is None:
            try:
                client = await nats.connect(url, user_credentials=str(creds), connect_timeout=5, disconnected_cb=ended)
            except Error:
                await asyncio.sleep(0.1)  # the hub looks at its directory once a second
        try:
            await asyncio.to_thread(remove)
            await gone.wait()
        finally:
            await client.close()

"""The developer's page works as it is written."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

import adapters.sdk
from adapters.sdk import Credentials, HubClient, Message
from adapters.sdk.testing import InMemoryHub

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "receive-and-publish-with-the-sdk.md"
HOME = "harbour-house"


@pytest.fixture
def page() -> dict[str, Any]:
    """The names that the page's code defines, run from top to bottom."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)  # noqa: S102 (our own page)
    return names


def test_the_pages_code_does_what_the_page_says(hub: InMemoryHub, tmp_path: Path, page: dict[str, Any]) -> None:
    """A developer who copies the page makes a key, reports, receives, acknowledges and proves."""
    public = page["make_key"](tmp_path / "key.jwk")
    credentials = Credentials.load(HOME, tmp_path / "key.jwk")
    assert credentials.public_jwk() == public
    hub.authority.enrol(credentials)
    hub.deliver(HOME, "concordat.child.located.v1", {"located_at": "2026-11-22T23:10:00Z"})
    hub.log.publish()

    async def story() -> None:
        async with HubClient(hub.url, credentials, transport=hub, clock=hub.clock) as client:
            assert (await page["report_missing"](client, tmp_path)).receipt == hub.published[0].receipt
            arrived: asyncio.Queue[Message] = asyncio.Queue()
            receiving = asyncio.create_task(page["receive"](client, tmp_path, arrived.put_nowait))
            message = await arrived.get()
            receiving.cancel()
            await page["seen_by_the_duty_senior"](client, message)
            assert hub.acknowledgements[0][1]["disclosure_id"] == message.id
            assert await page["proved"](client, message, hub.log.verifier_key().format())
            with pytest.raises(asyncio.CancelledError):
                await receiving

    asyncio.run(story())
    asyncio.run(page["a_report_survives_a_broken_line"](tmp_path))


def test_the_public_list_is_complete_and_in_order() -> None:
    """What the package offers is what it lists, and nothing is listed that is not there."""
    assert adapters.sdk.__all__ == sorted(adapters.sdk.__all__)
    assert all(hasattr(adapters.sdk, name) for name in adapters.sdk.__all__)

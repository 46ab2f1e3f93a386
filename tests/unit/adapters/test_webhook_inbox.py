"""A desk that is told by webhook: kept before it is answered, once, and from the hub alone."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from adapters.reference.webhook_inbox import WebhookInbox
from adapters.sdk import Bookmark, Message
from broker.delivery.signature import Keys, sign

KEYS = Keys(b"s" * 32, b"k" * 32)
NAME = "01JD6QK3Z8T0V5W2N4Y6B8C0E7"
BODY = json.dumps({"id": NAME, "type": "concordat.child.located.v1", "data": {}}).encode()


class Registry:
    """Where the inbox makes its endpoint known."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def endpoints(self):
        for url in self.urls:
            yield {"url": url, "public_key": KEYS.public_text}

    async def create_endpoint(self, url):
        self.urls.append(url)
        return {"url": url, "public_key": KEYS.public_text}


async def send(url: str, body: bytes = BODY, keys: Keys = KEYS, more: str = "") -> int:
    """Send as the hub does; return the status."""
    parts = urlsplit(url)
    now = int(datetime.now(UTC).timestamp())
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: desk\r\ncontent-length: {len(body)}\r\nwebhook-id: {NAME}\r\n"
        f"webhook-timestamp: {now}\r\nwebhook-signature: {sign(NAME, now, BODY, [keys])}\r\n{more}\r\n"
    )
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(head.encode() + body)
        answer = await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
        await writer.wait_closed()
    return int(answer.split()[1])


def play(tmp_path: Path, story) -> None:
    async def run() -> None:
        with Bookmark.open(tmp_path / "bookmark") as bookmark:
            inbox, registry = WebhookInbox(bookmark), Registry()
            await inbox.start(registry, 0)
            try:
                await story(inbox, registry.urls[0])
            finally:
                await inbox.close()

    asyncio.run(run())


def test_the_answer_comes_once_the_message_is_kept(tmp_path):
    """The hub hears 200 only when the desk asks for the next message; the same one again is answered, not handed on."""

    async def story(inbox: WebhookInbox, url: str) -> None:
        messages = aiter(inbox)
        sending = asyncio.create_task(send(url))
        first: Message = await anext(messages)
        assert first.id == NAME
        assert not sending.done()
        following = asyncio.create_task(anext(messages))
        assert await sending == 200
        assert await send(url) == 200
        assert not following.done()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    play(tmp_path, story)


def test_what_the_hub_has_not_signed_is_refused(tmp_path):
    """Another's signature, a changed body, another path, a body without a length: nothing reaches the desk."""

    async def story(inbox: WebhookInbox, url: str) -> None:
        following = asyncio.create_task(anext(aiter(inbox)))
        assert await send(url, keys=Keys(b"t" * 32, b"l" * 32)) == 400
        assert await send(url, body=BODY.replace(b"located", b"escaped")) == 400
        assert await send(url + "/elsewhere") == 404
        assert await send(url, more="transfer-encoding: chunked\r\n") == 411
        assert not following.done()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    play(tmp_path, story)

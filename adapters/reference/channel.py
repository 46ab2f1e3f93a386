"""By which way a desk takes part: the feed, NATS or webhooks."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.reference.webhook_inbox import WebhookInbox
from adapters.sdk import Bookmark, EncryptionKey, Feed, HubClient, Message
from adapters.sdk.sender import Publishes

if TYPE_CHECKING:
    from adapters.sdk.nats_client import NatsPlace


@dataclass(frozen=True)
class Feeding:
    """Publishes over HTTP, reads the feed."""


@dataclass(frozen=True)
class OverNats:
    """Publishes and receives over NATS; people's acknowledgements and questions still go over HTTP."""

    place: "NatsPlace"
    encryption_key: EncryptionKey


@dataclass(frozen=True)
class ByWebhook:
    """Publishes over HTTP, is sent what it is told."""

    port: int
    """On this machine; 0 for any."""


Channel = Feeding | OverNats | ByWebhook


@asynccontextmanager
async def opened(
    channel: Channel, client: HubClient, bookmark: Bookmark
) -> AsyncIterator[tuple[Publishes, AsyncIterable[Message]]]:
    """Open a channel: what publishes, and what is received. Raises HubError, OSError."""
    match channel:
        case OverNats():
            # Here and not above: who comes in over HTTP alone does not wait for it to load.
            from adapters.sdk.nats_client import ChannelKeys, NatsClient  # noqa: PLC0415

            async with NatsClient(client.agency, channel.place) as nats:
                yield nats, nats.mailbox(bookmark, ChannelKeys(client, channel.encryption_key))
        case ByWebhook():
            inbox = WebhookInbox(bookmark)
            try:
                await inbox.start(client, channel.port)
                yield client, inbox
            finally:
                await inbox.close()
        case Feeding():
            yield client, Feed(client, bookmark)

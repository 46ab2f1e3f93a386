"""Whether it is safe to make a stream: the servers say that they are well, and run with the key that the hub knows."""

import asyncio
import hmac

import structlog

from broker.nats.connection import NatsPlace, connect_system
from broker.nats.durability import NotDurable, assert_durable
from broker.nats.keys import Keys

log = structlog.get_logger(__name__)

PATIENCE = 10.0


def fingerprint_of(keys: Keys) -> str:
    """Return what tells one at-rest key of the embedded server from another, and says nothing of either."""
    return hmac.digest(keys.store_key(), b"concordat jetstream key", "sha256")[:16].hex()


async def is_healthy(place: NatsPlace) -> bool:
    """Ask the servers by their own account. An answer that does not come is a no."""
    try:
        async with asyncio.timeout(PATIENCE):
            client = await connect_system(place, name="concordat health")
            try:
                await assert_durable(client)
            finally:
                await client.close()
    except NotDurable as error:
        log.error("nats_refused", text=str(error))  # noqa: TRY400 (the text says it all)
        return False
    except TimeoutError:
        return False
    return True

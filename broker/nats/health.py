"""Whether it is safe to make a stream: the servers say that they are well."""

import asyncio

import structlog

from broker.nats.connection import NatsPlace, connect_system
from broker.nats.durability import NotDurable, assert_durable

log = structlog.get_logger(__name__)

PATIENCE = 10.0


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

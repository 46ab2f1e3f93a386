"""Where NATS is, and connections to it that outlive its restarts."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Never

import structlog
from nats.aio.client import Client, RawCredentials
from nats.errors import UnexpectedEOF

from broker.flows.ending import end
from broker.nats import accounts
from broker.nats.keys import Keys
from contracts.agency import Agency

log = structlog.get_logger(__name__)

RECONNECT_SECONDS = 0.25
"""Pause between two attempts to reach a server again."""
_PING_SECONDS = 5
"""A connection on which three of these in a row stay unanswered is dead, though nobody has closed it."""
_PAUSE_SECONDS = 1.0
"""Pause before a connection that was closed for good is made anew."""


@dataclass(frozen=True)
class NatsPlace:
    """Where the servers are, and the keys that they know."""

    urls: tuple[str, ...]
    keys: Keys = field(repr=False)
    ca_file: Path | None = None
    """Certificates that a server's own must be signed by; without one, the system's."""
    pinned: Path | None = None
    """The embedded server's own certificate: it is recognised by that, whatever name it was made for."""

    def token_of(self, agency_id: str) -> str:
        """Return the public key of an agency's account: its token in HUB's subjects and the name of its durable."""
        return self.keys.token(agency_id)

    def agency_credentials(self, agency: Agency) -> str:
        """Return the text of an agency's `.creds` file. LookupError if it may not come in."""
        return accounts.agency_creds(self.keys, agency, int(time.time()))

    def tls(self) -> ssl.SSLContext | None:
        """Return how the server is recognised; None on a plain connection, which is for this machine alone."""
        if not any(url.startswith(("tls://", "wss://")) for url in self.urls):
            return None
        if self.pinned is not None:
            context = ssl.create_default_context(cafile=str(self.pinned))
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.check_hostname = False
            return context
        return ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))


async def connect_hub(place: NatsPlace, *, name: str, closed_cb: Callable[[], Awaitable[None]] | None = None) -> Client:
    """Connect to HUB. It reconnects for ever; when it is closed for good (`closed_cb`) it must be made anew.

    Waits for a server for as long as it takes: put asyncio.timeout round it where that is too long. See
    `while_connected`, which does both.
    """
    return await _connect(place, accounts.hub_creds(place.keys, int(time.time())), name, closed_cb)


async def connect_system(
    place: NatsPlace,
    *,
    name: str,
    closed_cb: Callable[[], Awaitable[None]] | None = None,
    reconnected_cb: Callable[[], Awaitable[None]] | None = None,
) -> Client:
    """Connect to SYS, as `connect_hub` does to HUB."""
    return await _connect(place, accounts.system_creds(place.keys, int(time.time())), name, closed_cb, reconnected_cb)


async def while_connected(
    connect: Callable[[Callable[[], Awaitable[None]]], Awaitable[Client]], serve: Callable[[Client], Awaitable[None]]
) -> Never:
    """Run `serve` on a connection, and again from its start on a new one whenever that was closed for good.

    `connect` is given what to call when the connection is closed. A connection that is only lost for a while is not
    closed: the client itself reconnects and subscribes again. When `serve` returns or fails it is begun again too,
    after a pause; cancel this to stop.
    """
    while True:
        closed = asyncio.Event()

        async def on_closed(closed: asyncio.Event = closed) -> None:
            closed.set()

        client = await connect(on_closed)
        serving = asyncio.ensure_future(serve(client))
        ended = asyncio.ensure_future(closed.wait())
        try:
            await asyncio.wait((serving, ended), return_when=asyncio.FIRST_COMPLETED)
            failure = serving.exception() if serving.done() and not serving.cancelled() else None
            log.warning("nats_connection_ended", error=None if failure is None else type(failure).__name__)
        finally:
            await end(serving, ended)
            await client.close()
        await asyncio.sleep(_PAUSE_SECONDS)


async def _connect(
    place: NatsPlace,
    creds: str,
    name: str,
    closed_cb: Callable[[], Awaitable[None]] | None,
    reconnected_cb: Callable[[], Awaitable[None]] | None = None,
) -> Client:
    async def on_error(error: Exception) -> None:
        # Its kind alone: the text of a refusal names subjects. That a server is away is said once, when it is lost.
        if not isinstance(error, (OSError, UnexpectedEOF)):
            log.warning("nats_error", connection=name, error=type(error).__name__)

    async def on_lost() -> None:
        if not client.is_closed:
            log.warning("nats_connection_lost", connection=name)

    async def on_found() -> None:
        log.warning("nats_connection_found_again", connection=name)
        if reconnected_cb is not None:
            await reconnected_cb()

    client = Client()
    try:
        await client.connect(
            list(place.urls),
            name=name,
            user_credentials=RawCredentials(creds),
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_SECONDS,  # type: ignore[arg-type] # seconds that it sleeps, whole or not
            ping_interval=_PING_SECONDS,
            error_cb=on_error,
            disconnected_cb=on_lost,
            reconnected_cb=on_found,
            closed_cb=closed_cb,
            tls=place.tls(),
        )
    except BaseException:
        await client.close()  # it leaves its socket open when it is refused or no longer waited for
        raise
    return client

"""The hub on NATS: its door for events, and the one relay that holds the lease. Whatever fails here, REST goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog
from nats.aio.client import Client

from broker.flows.ending import end
from broker.flows.hub import Hub
from broker.flows.relay import Relay, StreamAhead, receives
from broker.flows.remember import remember
from broker.nats import out_stream
from broker.nats.acks import Acks
from broker.nats.ingress import Ingress
from broker.nats.jetstream import ApiError
from broker.nats.out_mail import JetStreamOut
from broker.nats.out_stream import STREAM, StreamPlan
from broker.ports.clerk import Clerk
from broker.ports.holder import new_holder
from broker.ports.relay import Fenced, Lease, OutStream, Standing, StreamUnavailable
from broker.ports.store import StoreUnavailable
from broker.ports.vault import VaultUnavailable
from contracts.agency import Agency

log = structlog.get_logger(__name__)

LEASE = "relay/0"
_DOUBTS = (Fenced, StreamUnavailable, StreamAhead, StoreUnavailable, VaultUnavailable, ApiError)


@dataclass(frozen=True)
class ChannelSettings:
    """How the hub behaves on NATS. Times in seconds."""

    plan: StreamPlan = field(default_factory=StreamPlan)
    fingerprint: str | None = None
    """Of the at-rest key that the server runs with, as far as the hub knows it."""
    lease_seconds: float = 5.0
    """After so long another replica sends in place of one that has died on another machine.

    Short, because nothing hangs on it: should a replica that was only slow be taken for dead, both may send for a
    while, and whoever has the older view is refused whole batches by `Nats-Expected-Last-Subject-Sequence`
    (`out_stream.py`); what a former holder still writes to the database is known by its lower term.
    """
    pause_seconds: float = 1.0
    """Between two looks at a stream that cannot be used."""


@dataclass(frozen=True)
class Health:
    """What the operator is shown."""

    standing: Standing
    connected: bool
    relaying: bool
    """Whether this replica is the one that sends."""


class Channel:
    """One replica's part on NATS."""

    def __init__(
        self,
        hub: Hub,
        token_of: Callable[[str], str],
        clerk: Clerk,
        settings: ChannelSettings,
        is_healthy: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """`is_healthy` says whether the server calls its own store well; without it, nothing is known to be wrong."""
        self._hub = hub
        self._token_of = token_of
        self._clerk = clerk
        self._settings = settings
        self._is_healthy = is_healthy
        self._holder = new_holder()
        self._agencies: dict[str, str] = {}
        self._registered: tuple[Agency, ...] = ()
        self._known_tokens: dict[str, str] = {}
        self._registry_version = -1
        self.health = Health(Standing.AWAY, connected=False, relaying=False)

    def has_wrong_key(self) -> None:
        """Know that the server was not started, because its streams are under another key."""
        self.health = Health(Standing.WRONG_KEY, connected=False, relaying=False)

    async def serve(self, client: Client) -> None:
        """Serve on one connection until cancelled, or until the connection is closed for good."""
        ingress = asyncio.create_task(Ingress(client, self._hub, self.agency_of, self._clerk).run(), name="ingress")
        relay = asyncio.create_task(self._keep_relaying(client), name="relay")
        try:
            await asyncio.wait((ingress, relay), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(relay, ingress)
            self.health = Health(Standing.AWAY, connected=False, relaying=False)

    def agency_of(self, token: str) -> str | None:
        """Return the registered agency that has an account, by the account's public key."""
        if token not in self._agencies:
            self._look_up()
        return self._agencies.get(token)

    def _look_up(self) -> tuple[Agency, ...]:
        with self._hub.store.reading() as view:
            version = view.registry_version()
            if version != self._registry_version:
                self._registered = view.agencies()
                # An account's key never changes, and never becomes another agency's.
                self._agencies = {self._tokens(one.id): one.id for one in self._registered}
                self._registry_version = version
        return self._registered

    def _tokens(self, agency: str) -> str:
        if agency not in self._known_tokens:
            self._known_tokens[agency] = self._token_of(agency)
        return self._known_tokens[agency]

    def _recipients(self) -> dict[str, str]:
        return {self._tokens(one.id): one.id for one in self._look_up() if receives(one)}

    async def _keep_relaying(self, client: Client) -> None:
        while True:
            self.health = replace(self.health, connected=client.is_connected, relaying=False)
            pause = self._settings.pause_seconds
            try:
                lease = await asyncio.to_thread(self._take_lease)
                if lease is None:
                    pause = self._settings.lease_seconds / 3
                else:
                    try:
                        if await self._relay_under(client, lease):
                            pause = 0.0
                    finally:
                        await asyncio.shield(asyncio.to_thread(self._end_lease, lease))
            except _DOUBTS as error:
                log.warning("relay_interrupted", error=type(error).__name__)
            await asyncio.sleep(pause)

    async def _relay_under(self, client: Client, lease: Lease) -> bool:
        """Relay until something is in doubt; say whether to look again at once. False where an operator is needed."""
        made = await self._stream(client, lease)
        if made is None:
            return False
        self.health = Health(Standing.SOUND, connected=True, relaying=True)
        recipients = await asyncio.to_thread(self._recipients)
        acks = Acks(client, self._hub, lease, lambda: recipients)

        async def look_for_recipients() -> None:
            while True:
                await asyncio.sleep(self._settings.pause_seconds)
                recipients.update(await asyncio.to_thread(self._recipients))

        out = JetStreamOut(client)
        tasks = {
            asyncio.create_task(Relay(self._hub, out, lease, made, self._tokens).run(), name="relay"),
            asyncio.create_task(acks.run(), name="acks"),
            asyncio.create_task(self._keep_lease(lease), name="lease"),
            asyncio.create_task(look_for_recipients(), name="recipients"),
            asyncio.create_task(self._until_reconnected(client), name="reconnection"),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(*tasks)
            await out.close()
        for task in done:
            error = task.exception()
            if isinstance(error, StreamAhead):
                self.health = replace(self.health, standing=Standing.AHEAD, relaying=False)
                log.error("out_stream_unusable", standing=Standing.AHEAD, advice="run `concordat nats rebuild`")
                return False
            if isinstance(error, Fenced):
                return True
            if error is not None:
                raise error
        return True

    async def _until_reconnected(self, client: Client) -> None:
        """Return after a connection that was lost and made again: the server may have come back without its store."""
        before = client.stats["reconnects"]
        while client.stats["reconnects"] == before:  # noqa: ASYNC110 (the client has one callback, and it is another's)
            await asyncio.sleep(self._settings.pause_seconds)

    async def _stream(self, client: Client, lease: Lease) -> OutStream | None:
        """Return the stream if it can be used, making it where neither side has ever known one."""
        settings = self._settings
        known = await asyncio.to_thread(self._known)
        found = await out_stream.inspect(client, known, settings.fingerprint)
        if found.standing is Standing.FRESH:
            if self._is_healthy is not None and not await self._is_healthy():
                found = replace(found, standing=Standing.UNHEALTHY)
            else:
                found = out_stream.Found(
                    Standing.SOUND, await out_stream.create(client, settings.plan, settings.fingerprint)
                )
        if found.standing is not Standing.SOUND or found.stream is None:
            if found.standing is not self.health.standing:
                log.error("out_stream_unusable", standing=found.standing, advice=found.advice)
            self.health = Health(found.standing, connected=client.is_connected, relaying=False)
            return None
        if known is None:
            await asyncio.to_thread(self._write_down, lease, found.stream)
        return found.stream

    def _known(self) -> OutStream | None:
        with self._hub.store.reading() as view:
            return view.out_stream(STREAM)

    def _write_down(self, lease: Lease, made: OutStream) -> None:
        with self._hub.store.writing() as unit:
            remember(unit, lease, made, {})

    def _take_lease(self) -> Lease | None:
        with self._hub.store.writing() as unit:
            return unit.take_lease(LEASE, self._holder, datetime.now(UTC), self._settings.lease_seconds)

    def _end_lease(self, lease: Lease) -> None:
        with suppress(StoreUnavailable), self._hub.store.writing() as unit:
            unit.end_lease(lease, datetime.now(UTC))

    async def _keep_lease(self, lease: Lease) -> None:
        """Prolong the lease; return once it is lost."""
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            held = await asyncio.to_thread(self._take_lease)
            if held is None or held.term != lease.term:
                return

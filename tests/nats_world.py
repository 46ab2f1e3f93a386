"""A real nats-server with the hub's own configuration, and agencies that come in with credentials it gave."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nats.aio.client import Client, RawCredentials
from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.client import JetStreamContext

from broker.nats.accounts import STREAM, agency_claims, inbox_prefix
from broker.nats.config import ServerConfig
from broker.nats.connection import NatsPlace, connect_hub, connect_system
from broker.nats.keys import Keys, keys_from
from broker.nats.reconcile import push
from broker.nats.server import EmbeddedServer
from broker.ports.vault import MemoryVault
from contracts.agency import Agency
from contracts.vocabulary import AgencyKind

REFUSED_SECONDS = 0.4
"""How long an attacker waits for an answer that must not come."""
PATIENCE = 10.0


def agency(agency_id: str, *kids: str, active: bool = True, scopes: str = "publish subscribe") -> Agency:
    """An agency with keys of these names; one key if none is named."""
    return Agency(
        agency_id,
        agency_id,
        AgencyKind.CHARITY,
        active=active,
        keys=tuple({"kid": kid} for kid in kids or ("first",)),
        scopes=frozenset(scopes.split()),
    )


def keys() -> Keys:
    """A hub's keys, its own."""
    return keys_from(MemoryVault().secret, None, int(time.time()))


async def until(holds: Callable[[], bool], what: str) -> None:
    """Look again and again until something holds."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 (what a server does has no event here)
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"never came: {what}") from None


async def listen(client: Client, subject: str) -> list[Msg]:
    """Subscribe and keep what comes; a refusal is told to the client's error callback."""
    heard: list[Msg] = []

    async def hear(message: Msg) -> None:
        heard.append(message)

    await client.subscribe(subject, cb=hear)
    await client.flush()
    return heard


@dataclass
class Visitor:
    """An agency's connection, and what the server refused it."""

    client: Client
    refusals: list[Exception]

    @property
    def jetstream(self) -> JetStreamContext:
        return self.client.jetstream(prefix="HUB.API", timeout=REFUSED_SECONDS)

    async def refused(self, subject: str) -> bool:
        """Whether the server said that this subject is not for this client, after everything sent so far."""
        await self.client.flush()
        return any(
            "permissions violation" in str(one).lower() and subject.lower() in str(one).lower() for one in self.refusals
        )


@dataclass
class Guests:
    """Agencies' connections to a server, closed together."""

    place: NatsPlace
    guests: list[Client] = field(default_factory=list)

    async def visit(self, member: Agency | str, **options: Any) -> Visitor:
        """Come in as an agency, or with the credentials given as a text."""
        creds = member if isinstance(member, str) else self.place.agency_credentials(member)
        refusals: list[Exception] = []

        async def note(error: Exception) -> None:
            refusals.append(error)

        prefix = "_INBOX" if isinstance(member, str) else inbox_prefix(member.id)
        client = Client()
        chosen = {
            "user_credentials": RawCredentials(creds),
            "inbox_prefix": prefix,
            "error_cb": note,
            "allow_reconnect": False,
            "connect_timeout": 2,
        }
        try:
            await client.connect(list(self.place.urls), **(chosen | options))
        except BaseException:
            if client._transport is not None:  # the client leaves it open when it is refused
                client._transport.close()
                await asyncio.sleep(0)
            raise
        self.guests.append(client)
        return Visitor(client, refusals)

    async def enters(self, creds: str | Agency) -> bool:
        """Whether somebody with these credentials is let in."""
        try:
            visitor = await self.visit(creds)
        except (Error, OSError):
            return False
        await visitor.client.close()
        return True


@dataclass
class World(Guests):
    """The server, the hub on it, and what the hub's subscription has heard."""

    server: EmbeddedServer = field(kw_only=True)
    hub: Client = field(kw_only=True)
    system: Client = field(kw_only=True)
    heard: list[Msg] = field(default_factory=list)

    @property
    def jetstream(self) -> JetStreamContext:
        return self.hub.jetstream()

    def token(self, agency_id: str) -> str:
        return self.place.token_of(agency_id)

    async def admit(self, *members: Agency) -> None:
        """Give the server the accounts of these agencies, and each its durable."""
        for member in members:
            await push(self.system, agency_claims(self.place.keys, member, int(time.time())))
            token = self.token(member.id)
            await self.jetstream.add_consumer(
                STREAM,
                ConsumerConfig(
                    durable_name=token,
                    filter_subject=f"out.{token}.>",
                    ack_policy=AckPolicy.EXPLICIT,
                    ack_wait=60,
                ),
            )

    async def send(self, agency_id: str, body: bytes, message_id: str | None = None) -> None:
        """Put a message into the OUT stream for an agency, as the hub does."""
        headers = None if message_id is None else {"Nats-Msg-Id": message_id}
        await self.jetstream.publish(f"out.{self.token(agency_id)}.concordat.child.located.v1", body, headers=headers)

    async def waiting(self, agency_id: str) -> tuple[int, int]:
        """How many messages are not yet delivered to an agency, and how many are delivered but not acknowledged."""
        info = await self.jetstream.consumer_info(STREAM, self.token(agency_id))
        return info.num_pending or 0, info.num_ack_pending or 0

    async def keeps(self, agency_id: str, count: int) -> None:
        """Wait until so many messages are not yet delivered to an agency, or delivered and not acknowledged.

        While the server hands one over, it stands in neither number.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                while sum(await self.waiting(agency_id)) != count:  # noqa: ASYNC110 (what a server does has no event here)
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"never came: {count} messages kept for {agency_id}") from None

    async def answer(self, respond: Callable[[Msg], Awaitable[None]] | None = None) -> None:
        """Answer requests as the hub's door does, and keep them for the reader."""

        async def hear(message: Msg) -> None:
            self.heard.append(message)
            await (message.respond(b"receipt") if respond is None else respond(message))

        await self.hub.subscribe("in.*.>", cb=hear)
        await self.hub.flush()


@contextlib.asynccontextmanager
async def visiting(place: NatsPlace) -> AsyncIterator[Guests]:
    """Come in as agencies to a server that somebody else runs; leave at the end."""
    one = Guests(place)
    try:
        yield one
    finally:
        for client in one.guests:
            await client.close()


@contextlib.asynccontextmanager
async def world(folder: Path, own: Keys | None = None, **config: Any) -> AsyncIterator[World]:
    """Start a server in a folder with the hub connected and an empty OUT stream; end everything at the end."""
    server = EmbeddedServer(ServerConfig(own or keys(), folder / "nats", **config))
    await server.start()
    clients: list[Client] = []
    try:
        clients.append(await connect_hub(server.place, name="hub"))
        clients.append(await connect_system(server.place, name="system"))
        one = World(server.place, clients, server=server, hub=clients[0], system=clients[1])
        await one.jetstream.add_stream(name=STREAM, subjects=["out.>"], deny_delete=True, deny_purge=True)
        yield one
    finally:
        for client in clients:
            await client.close()
        await server.stop()

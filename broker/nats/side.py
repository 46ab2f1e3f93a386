"""The hub's NATS side: its own server or others', checked before use, with accounts that follow the directory."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import structlog
from nats.aio.client import Client

from broker.flows.ending import end
from broker.nats.config import ServerConfig
from broker.nats.connection import NatsPlace, connect_system, while_connected
from broker.nats.durability import NotDurable, NotHealthy, assert_durable
from broker.nats.keys import Keys, OperatorFiles, keys_from
from broker.nats.reconcile import Directory, Reconciler
from broker.nats.server import EmbeddedServer

log = structlog.get_logger(__name__)

T = TypeVar("T")

CHECK_SECONDS = 10.0
"""How long the start of the hub waits for others' servers; later they are checked as soon as they answer."""


@dataclass(frozen=True)
class NatsSettings:
    """Where the servers are, or how the embedded one is to be started."""

    mode: Literal["embedded", "external"]
    folder: Path
    """Of the embedded server."""
    urls: tuple[str, ...] = ()
    ca_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    leaf_port: int | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    operator_files: OperatorFiles | None = None
    poll_seconds: float = 1.0


class NatsSide:
    """Started and stopped with the hub. Other parts wait for `usable` and then connect to the place that it answers."""

    def __init__(
        self,
        settings: NatsSettings,
        secret: Callable[[str], bytes],
        read: Callable[[int], Directory | None],
    ) -> None:
        """Take the key store's secrets and the reader of the directory (see Reconciler). Nothing is started."""
        self._settings = settings
        self._secret = secret
        self._read = read
        self._server: EmbeddedServer | None = None
        self._place: NatsPlace | None = None
        self._reconciler: Reconciler | None = None
        self._task: asyncio.Task[None] | None = None
        self._checked = asyncio.Event()

    def keys(self) -> Keys:
        """Return the hub's keys. Raises KeysUnusable and VaultUnavailable."""
        return keys_from(self._secret, self._settings.operator_files, int(time.time()))

    @property
    def place(self) -> NatsPlace:
        """Where the servers are. RuntimeError before the start."""
        return _started(self._place)

    @property
    def url(self) -> str | None:
        """The first of the servers' addresses; None where nothing was started, because it could not be."""
        return None if self._place is None else self._place.urls[0]

    @property
    def server(self) -> EmbeddedServer | None:
        """The embedded server, if there is one."""
        return self._server

    async def usable(self) -> NatsPlace:
        """Wait until the servers have been checked, and return where they are."""
        await self._checked.wait()
        return self.place

    async def settled(self, version: int) -> None:
        """Wait until the servers know the agencies at this version of the registry."""
        await _started(self._reconciler).settled(version)

    async def start(self) -> None:
        """Start the embedded server, or wait a while for others'; check them; let the accounts follow.

        Others' servers that do not answer do not stop the hub: REST, webhooks and feeds go on without them. Raises
        ServerUnusable, KeysUnusable and NotDurable.
        """
        keys = await asyncio.to_thread(self.keys)
        if self._settings.mode == "embedded":
            self._server = EmbeddedServer(server_config(self._settings, keys))
            await self._server.start()
            self._place = self._server.place
        else:
            self._place = NatsPlace(self._settings.urls, keys, self._settings.ca_file)
        self._reconciler = Reconciler(keys, self._read, self._settings.poll_seconds)
        try:
            await self._first_check(self._place)
        except BaseException:
            await self.stop()
            raise
        self._task = asyncio.create_task(self._follow(self._place, self._reconciler), name="nats-accounts")

    async def stop(self) -> None:
        """Stop what was started."""
        task, self._task = self._task, None
        if task is not None:
            await end(task)
        server, self._server = self._server, None
        if server is not None:
            await server.stop()

    async def _first_check(self, place: NatsPlace) -> None:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                client = await connect_system(place, name="concordat check")
                try:
                    await assert_durable(client)
                finally:
                    await client.close()
        except NotHealthy as error:
            # Reports, feeds and webhooks must not wait for it: it is asked again until it is well or rebuilt.
            log.error("nats_not_healthy", text=str(error))  # noqa: TRY400 (the text says it all)
            return
        except TimeoutError:
            log.error("nats_not_reached", text="the NATS servers do not answer: the hub goes on without them for now")  # noqa: TRY400
            return
        self._checked.set()

    async def _follow(self, place: NatsPlace, reconciler: Reconciler) -> None:
        async def serve(client: Client) -> None:
            # Checked on every new connection: a server may have come back with other settings.
            try:
                await assert_durable(client)
            except NotDurable as error:
                self._checked.clear()
                log.error("nats_refused", text=str(error))  # noqa: TRY400 (the text says it all)
                raise
            self._checked.set()
            await reconciler.serve(client)

        def connect(closed: Callable[[], Awaitable[None]]) -> Awaitable[Client]:
            return connect_system(place, name="concordat accounts", closed_cb=closed, reconnected_cb=reconciler.forget)

        await while_connected(connect, serve)


def server_config(settings: NatsSettings, keys: Keys) -> ServerConfig:
    """Return what the embedded server is told."""
    return ServerConfig(
        keys,
        settings.folder,
        host=settings.host,
        port=settings.port or -1,
        leaf_port=None if settings.leaf_port is None else settings.leaf_port or -1,
        certificate=settings.certificate,
        private_key=settings.private_key,
    )


def _started(part: T | None) -> T:
    if part is None:
        raise RuntimeError("the NATS side has not been started")
    return part

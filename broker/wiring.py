"""The only place that builds real parts, and the hub's background work."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.egress.addresses import Allowance
from broker.egress.sender import HttpSender
from broker.flows.checkpoint import publish_checkpoint, require_floor
from broker.flows.dispatch import Dispatcher, Pace
from broker.flows.ending import end
from broker.flows.hub import Hub
from broker.flows.parts import Parts
from broker.flows.registry import Registry
from broker.flows.sequencer import Sequencer
from broker.flows.tick import tick
from broker.ledger.checkpoint import CheckpointSigner
from broker.ports.chance import new_id
from broker.ports.clock import Clock, SystemClock
from broker.ports.fresh import FreshMail
from broker.ports.notifier import LocalNotifier, Notifier
from broker.settings import Settings
from broker.store.database import SqlStore
from broker.store.kek import load_or_create_kek
from broker.store.keystore import SqlVault
from broker.store.replays import SqlReplays
from broker.store.wakeups import PostgresNotifier

if TYPE_CHECKING:
    from fastapi import FastAPI

    from broker.nats.channel import Channel, ChannelSettings
    from broker.nats.reconcile import Directory
    from broker.nats.side import NatsSide

LOG_SECONDS = 0.5
"""Between two moves of SQLite's write-ahead log into the database file."""

log = structlog.get_logger(__name__)


class ShiftedClock:
    """The machine's clock plus the seconds in a file: for demonstrations and tests, never for a hub in use."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        try:
            shift = float(self._file.read_text() or 0)
        except (FileNotFoundError, ValueError):
            shift = 0.0
        return datetime.now(UTC) + timedelta(seconds=shift)


@dataclass(frozen=True)
class Built:
    """A hub and what must be closed after it."""

    hub: Hub
    vault: SqlVault
    store: SqlStore
    replays: SqlReplays
    settings: Settings

    def close(self) -> None:
        """Let the last batch finish; close the databases."""
        self.hub.sequencer.close()
        if isinstance(self.hub.notifier, PostgresNotifier):
            self.hub.notifier.close()
        if isinstance(self.hub.outgoing, HttpSender):
            self.hub.outgoing.close()
        self.store.close()
        self.replays.close()
        self.vault.close()


def build(settings: Settings) -> Built:
    """Open databases and keys and put a hub together.

    Raises what the parts raise when they refuse to start: a wrong key-encryption key, an unsafe database setting, or
    LedgerBehind when the database has forgotten what was published. Each says what to do.
    """
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    kek = load_or_create_kek(settings.kek_path)
    vault = SqlVault(settings.keys_url, kek)
    store = SqlStore(settings.main_url, vault)
    require_floor(store, vault)
    clock: Clock = SystemClock() if settings.test_clock is None else ShiftedClock(settings.test_clock)
    parts = Parts(settings.origin, clock, vault, Registry(), new_id)
    notifier: Notifier = PostgresNotifier(settings.main_url) if "postgresql" in settings.main_url else LocalNotifier()
    signer = CheckpointSigner(
        f"{settings.origin}/ledger", Ed25519PrivateKey.from_private_bytes(vault.secret("ledger-signing"))
    )
    outgoing = HttpSender(Allowance.read(settings.webhook_networks), authorities=settings.webhook_ca_file)
    fresh = FreshMail()
    hub = Hub(parts, store, Sequencer(store, notifier, parts, fresh), notifier, signer, fresh, outgoing)
    return Built(hub, vault, store, SqlReplays(settings.keys_url), settings)


def nats_side(built: Built) -> "NatsSide | None":
    """Make the hub's NATS side, not yet started; None where it is switched off."""
    from broker.nats.keys import OperatorFiles  # noqa: PLC0415 (a command that needs no NATS does not wait for it)
    from broker.nats.side import NatsSettings, NatsSide  # noqa: PLC0415

    settings = built.settings
    if settings.nats == "off":
        return None
    jwt, signing_key = settings.nats_operator_jwt, settings.nats_operator_signing_key

    def read(known: int) -> "Directory | None":
        with built.store.reading() as view:
            version = view.registry_version()
            return None if version == known else (version, view.agencies())

    return NatsSide(
        NatsSettings(
            mode=settings.nats,
            folder=settings.state / "nats",
            urls=tuple(url.strip() for url in (settings.nats_url or "").split(",") if url.strip()),
            ca_file=settings.nats_ca_file,
            host=settings.nats_host,
            port=settings.embedded_nats_port,
            leaf_port=settings.nats_leaf_port,
            certificate=settings.nats_certificate,
            private_key=settings.nats_private_key,
            operator_files=None if jwt is None or signing_key is None else OperatorFiles(jwt, signing_key),
            poll_seconds=settings.tick_seconds,
        ),
        built.vault.secret,
        read,
    )


def nats_channel(built: Built, nats: "NatsSide") -> "Channel":
    """Make the hub's own part on NATS: its door for events, and the relay to the stream."""
    from broker.nats.channel import Channel  # noqa: PLC0415 (as above)
    from broker.nats.health import is_healthy  # noqa: PLC0415
    from broker.web.messages import HttpClerk  # noqa: PLC0415

    return Channel(
        built.hub,
        nats.keys().token,
        HttpClerk(),
        channel_settings(built, nats),
        lambda: is_healthy(nats.place),
    )


def channel_settings(built: Built, nats: "NatsSide") -> "ChannelSettings":
    """Say how the stream is made, and which at-rest key it is known to be under."""
    from broker.nats.channel import ChannelSettings  # noqa: PLC0415 (as above)
    from broker.nats.health import fingerprint_of  # noqa: PLC0415
    from broker.nats.out_stream import StreamPlan  # noqa: PLC0415

    settings = built.settings
    embedded = settings.nats == "embedded"
    replicas = settings.nats_replicas or (1 if embedded else 3)
    return ChannelSettings(
        StreamPlan(replicas=replicas, max_bytes=settings.nats_stream_bytes),
        fingerprint_of(nats.keys()) if embedded else None,
    )


def application(built: Built, nats: "NatsSide | None" = None) -> "FastAPI":
    """Make the HTTP application, which runs the hub's background work for as long as it lives."""
    # Here and not above: a command that only opens the database does not wait for a web framework to load.
    from broker.web.app import create_app  # noqa: PLC0415
    from broker.web.settings import WebSettings  # noqa: PLC0415

    settings = built.settings
    channel = None if nats is None else nats_channel(built, nats)

    @contextlib.asynccontextmanager
    async def lifespan(_app: "FastAPI") -> AsyncIterator[None]:
        async with running(built, nats, channel):
            yield

    return create_app(
        built.hub,
        WebSettings(
            issuer=settings.issuer,
            heartbeat_seconds=settings.heartbeat_seconds,
            checkpoint_seconds=settings.checkpoint_seconds,
            max_streams=settings.max_feeds,
            metrics_token=settings.metrics_token,
        ),
        lifespan,
        built.replays,
        nats_state=None if channel is None else lambda: channel.health.standing.value,
    )


@contextlib.asynccontextmanager
async def running(
    built: Built, nats: "NatsSide | None" = None, channel: "Channel | None" = None
) -> AsyncIterator[None]:
    """Run NATS, sequencer, webhooks, clock and checkpoints; stop them in the order that loses nothing."""
    hub, settings = built.hub, built.settings

    async def look_at_deadlines() -> None:
        await hub.sequencer.submit(lambda draft: tick(draft, hub.parts))

    async def publish_head() -> None:
        await asyncio.to_thread(publish_checkpoint, hub.store, hub.parts.vault, hub.signer, hub.parts.clock)

    async def move_log() -> None:
        await asyncio.to_thread(built.store.move_log)

    if nats is not None:
        nats = await _started(built, nats, channel)
    tasks = [
        asyncio.create_task(hub.sequencer.run(), name="sequencer"),
        asyncio.create_task(Dispatcher(hub, Pace(lease=settings.webhook_lease_seconds)).run(), name="webhooks"),
        asyncio.create_task(_every(settings.tick_seconds, look_at_deadlines), name="deadlines"),
        asyncio.create_task(_every(settings.checkpoint_seconds, publish_head), name="checkpoints"),
        asyncio.create_task(_every(LOG_SECONDS, move_log), name="write-ahead log"),
    ]
    if nats is not None and channel is not None:
        tasks.append(asyncio.create_task(_on_nats(nats, channel), name="nats"))
    try:
        yield
    finally:
        # The sequencer last: what the others have under way still asks it to record how far they came.
        sequencer, *others = tasks
        await end(*others)
        await end(sequencer)
        if nats is not None:
            await nats.stop()
        built.close()


async def _started(built: Built, nats: "NatsSide", channel: "Channel | None") -> "NatsSide | None":
    """Start NATS. Streams of another key are left as they are: the hub goes on without NATS, and says so."""
    from broker.nats.server import StreamsUnreadable  # noqa: PLC0415 (as above)

    try:
        await nats.start()
    except StreamsUnreadable as error:
        log.error("nats_does_not_start", text=str(error))  # noqa: TRY400 (the text says what to do)
        if channel is not None:
            channel.has_wrong_key()
        return None
    except BaseException as error:
        log.error("nats_does_not_start", text=str(error))  # noqa: TRY400 (likewise)
        built.close()
        raise
    return nats


async def _on_nats(nats: "NatsSide", channel: "Channel") -> None:
    """Keep the channel on NATS, on one connection after another."""
    from broker.nats.connection import connect_hub, while_connected  # noqa: PLC0415 (as above)

    place = await nats.usable()
    await while_connected(lambda closed: connect_hub(place, name="concordat hub", closed_cb=closed), channel.serve)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do something at a fixed interval. A failure is logged and tried again; it does not end the work."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 (whatever fails once is tried again, and said each time)
            log.error("background_work_failed", work=work.__name__, error=type(error).__name__)  # noqa: TRY400 (no values)
        await asyncio.sleep(seconds)

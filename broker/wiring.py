"""The only place that builds real parts, and the hub's background work."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.built import Built
from broker.edition import edition
from broker.egress.addresses import Allowance
from broker.egress.sender import HttpSender
from broker.flows.checkpoint import publish_checkpoint, require_floor
from broker.flows.dispatch import Dispatcher, Pace
from broker.flows.ending import end
from broker.flows.hub import Hub
from broker.flows.parts import Parts
from broker.flows.registry import Registry
from broker.flows.sequencer import Sequencer
from broker.flows.tick import is_anything_due, tick
from broker.ledger.checkpoint import CheckpointSigner
from broker.ports.chance import new_id
from broker.ports.clock import Clock, SystemClock
from broker.ports.fresh import FreshMail
from broker.ports.notifier import LocalNotifier, Notifier
from broker.ports.relay import Letter
from broker.scribe.beside import Scribe
from broker.settings import Settings
from broker.store.database import SqlStore
from broker.store.engine import is_memory, read_url
from broker.store.kek import load_or_create_kek
from broker.store.keystore import SqlVault
from broker.store.replays import SqlReplays
from broker.store.wakeups import PostgresNotifier
from broker.tellers.crew import Crew
from contracts.vocabulary.library import InvalidVocabulary, Library, packaged, with_folder

if TYPE_CHECKING:
    from fastapi import FastAPI

    from broker.nats.channel import Channel
    from broker.nats.side import NatsSide

LOG_SECONDS = 5.0
"""Between two moves of SQLite's write-ahead log into the database file: one report has to wait for the disk at each."""

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


def build(settings: Settings, notifier: Notifier | None = None) -> Built:
    """Open databases and keys and put a hub together; `notifier` in place of the database's own.

    Raises what the parts raise when they refuse to start: an unusable code list, a wrong key-encryption key, an unsafe
    database setting, or LedgerBehind when the database has forgotten what was published. Each says what to do.
    """
    words = _words(settings.vocabulary)
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    kek = load_or_create_kek(settings.kek_path)
    vault = SqlVault(settings.keys_url, kek)
    store = SqlStore(settings.main_url, vault)
    require_floor(store, vault)
    clock: Clock = SystemClock() if settings.test_clock is None else ShiftedClock(settings.test_clock)
    parts = Parts(settings.origin, clock, vault, Registry(), new_id, words=words)
    signer = CheckpointSigner(
        f"{settings.origin}/ledger", Ed25519PrivateKey.from_private_bytes(vault.secret("ledger-signing"))
    )
    outgoing = HttpSender(Allowance.read(settings.webhook_networks), authorities=settings.webhook_ca_file)
    fresh, woken = FreshMail(), notifier or _notifier(settings)
    own = edition()
    scribe = None
    if settings.has_scribe and not is_memory(read_url(settings.main_url)):
        scribe = Scribe(settings, own, lambda letters: _keep(letters, fresh, woken))
    # Where a scribe writes, those who tell are its own.
    tellers = Crew(0 if scribe else settings.teller_count, own, settings.log_level)
    sequencer = Sequencer(store, woken, parts, fresh, tellers, scribe)
    hub = Hub(parts, store, sequencer, woken, signer, fresh, outgoing, tellers)
    return Built(hub, vault, store, SqlReplays(settings.keys_url), settings, scribe)


def _notifier(settings: Settings) -> Notifier:
    return PostgresNotifier(settings.main_url) if "postgresql" in settings.main_url else LocalNotifier()


def _keep(letters: Sequence[Letter], fresh: FreshMail, notifier: Notifier) -> None:
    """Take over the mail of what a scribe has committed, as if it had been committed here."""
    fresh.put(letters)
    notifier.wake()


def _words(folder: Path | None) -> Library:
    """Return the code lists; InvalidVocabulary names each fault of the operator's own."""
    try:
        return packaged() if folder is None else with_folder(folder)
    except OSError as error:
        raise InvalidVocabulary([f"CONCORDAT_VOCABULARY: the folder cannot be read ({error.strerror})"]) from None


def application(built: Built, nats: "NatsSide | None" = None) -> "FastAPI":
    """Make the HTTP application, which runs the hub's background work for as long as it lives."""
    # Here and not above: a command that only opens the database does not wait for a web framework to load.
    from broker.web.app import create_app  # noqa: PLC0415
    from broker.web.settings import WebSettings  # noqa: PLC0415

    settings = built.settings
    channel = None
    if nats is not None:
        from broker.wiring_nats import nats_channel  # noqa: PLC0415 (a hub without NATS does not load it)

        channel = nats_channel(built, nats)

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
        if await asyncio.to_thread(is_anything_due, hub.store, hub.parts):
            await hub.sequencer.submit(lambda draft: tick(draft, hub.parts))

    async def publish_head() -> None:
        await asyncio.to_thread(publish_checkpoint, hub.store, hub.parts.vault, hub.signer, hub.parts.clock)

    async def move_log() -> None:
        await asyncio.to_thread(built.store.move_log)

    on_nats: Coroutine[None, None, None] | None = None
    if nats is not None:
        from broker.wiring_nats import kept_connected, started  # noqa: PLC0415 (as above)

        nats = await started(built, nats, channel)
        if nats is not None and channel is not None:
            on_nats = kept_connected(nats, channel)
    tasks = [
        asyncio.create_task(hub.sequencer.run(), name="sequencer"),
        asyncio.create_task(Dispatcher(hub, Pace(lease=settings.webhook_lease_seconds)).run(), name="webhooks"),
        asyncio.create_task(_every(settings.tick_seconds, look_at_deadlines), name="deadlines"),
        asyncio.create_task(_every(settings.checkpoint_seconds, publish_head), name="checkpoints"),
        asyncio.create_task(_every(LOG_SECONDS, move_log), name="write-ahead log"),
    ]
    if on_nats is not None:
        tasks.append(asyncio.create_task(on_nats, name="nats"))
    try:
        yield
    finally:
        # The sequencer last: what the others have under way still asks it to record how far they came.
        sequencer, *others = tasks
        await end(*others)
        await end(sequencer)
        if built.scribe is not None:
            await built.scribe.end()
        if nats is not None:
            await nats.stop()
        built.close()


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do something at a fixed interval. A failure is logged and tried again; it does not end the work."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 (whatever fails once is tried again, and said each time)
            log.error("background_work_failed", work=work.__name__, error=type(error).__name__)  # noqa: TRY400 (no values)
        await asyncio.sleep(seconds)

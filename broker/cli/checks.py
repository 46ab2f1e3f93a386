"""The examination behind `concordat doctor`: each check says what it found, and what to do where that is not well."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx2

from broker.cli.check import Check, look, well, wrong
from broker.flows.checkpoint import LedgerBehind, require_floor
from broker.ports.records import ProtocolRecord
from broker.ports.store import StoreUnavailable, View
from broker.ports.vault import VaultUnavailable
from broker.settings import Settings
from broker.sharing.rulebook import LONDON
from broker.store.database import SqlStore
from broker.store.engine import UnsafeSettings, is_memory, read_url
from broker.store.kek import KekUnusable, load_or_create_kek
from broker.store.keystore import SqlVault, WrongKek
from broker.store.migrations import UnknownSchema
from contracts.agency import Agency
from contracts.protocol import Protocol

OLDEST_PYTHON = (3, 11)
EXPIRY_WARNING = timedelta(days=60)
"""A new version has to be agreed and signed by every party before the old one lapses."""
ALLOWED_SKEW = timedelta(seconds=60)
_OTHERS = 0o077
_READY = 200


def examine(settings: Settings) -> Iterator[Check]:
    """Check from the ground up; what rests on something that is wrong is not looked at. Nothing is created."""
    yield _python()
    yield _clock(settings)
    missing = _missing(settings)
    if missing is not None:
        yield missing
        return
    yield _folder(settings.state)
    try:
        kek = load_or_create_kek(settings.kek_path)
        yield well("key-encryption key", "readable by its owner only")
        with _opened_vault(settings, kek) as vault:
            yield well("key store", "opens with this key")
            with _opened_store(settings, vault) as store:
                yield well("database", f"{_kind(settings.main_url)}; answers, its schema is up to date")
                yield well("durability", "what is confirmed is on the disk")
                yield _ledger(store, vault)
                with store.reading() as view:
                    yield from _directory(view.agencies())
                    yield from _protocols(view, datetime.now(UTC).astimezone(LONDON).date())
                yield from _nats(settings, vault, store)
    except KekUnusable as error:
        yield wrong("key-encryption key", "cannot be used", str(error))
    except WrongKek as error:
        yield wrong("key store", "belongs to another key-encryption key", str(error))
    except UnsafeSettings as error:
        yield wrong("durability", "a confirmed event could be lost", str(error))
    except UnknownSchema as error:
        yield wrong("database", "is of another version", str(error))
    except VaultUnavailable as error:
        yield wrong("key store", "does not answer", str(error))
    except StoreUnavailable:
        yield wrong("database", "does not answer", "start the database, or correct CONCORDAT_DATABASE_URL")
    except ValueError as error:
        yield wrong("database", "is named by something that is no database URL", str(error))
    except OSError as error:
        yield wrong("state folder", f"cannot be used ({error.strerror})", "give its owner the right to write in it")


def check_hub(url: str) -> Check:
    """Ask a running hub whether it is ready, and compare its clock with this machine's."""
    try:
        answer = httpx2.get(f"{url.rstrip('/')}/readyz", timeout=10)
    except (httpx2.TransportError, httpx2.InvalidURL):
        return wrong("running hub", "does not answer", "start it with: concordat up, or correct --hub")
    if answer.status_code != _READY:
        parts = answer.json().get("parts", {}) if "json" in answer.headers.get("content-type", "") else {}
        away = ", ".join(sorted(name for name, said in parts.items() if said != "ok")) or "it does not say what"
        return wrong(
            "running hub", f"is not ready: {away}", "look at what is away; the hub takes events when it is back"
        )
    said = answer.headers.get("date")
    skew = (
        abs(datetime.now(UTC) - datetime.strptime(said, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC))
        if said
        else None
    )
    if skew is not None and skew > ALLOWED_SKEW:
        return wrong(
            "running hub",
            f"its clock and this one differ by {skew.seconds} s",
            "set both clocks by NTP: tokens depend on it",
        )
    return well("running hub", "ready")


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        return wrong("Python", version, "install Python 3.11 or later")
    return well("Python", version)


def _clock(settings: Settings) -> Check:
    if settings.test_clock is not None:
        return look("clock", "a test clock is on", "unset CONCORDAT_TEST_CLOCK before real children are recorded here")
    now = datetime.now(UTC)
    if not 2025 <= now.year <= 2100:  # noqa: PLR2004 (a machine that begins its life in 1970, or far ahead)
        return wrong("clock", f"the machine believes that it is {now.year}", "set the clock by NTP")
    return well("clock", "plausible, no test clock")


def _missing(settings: Settings) -> Check | None:
    """A doctor makes no hub: where there is none yet, that is the finding."""
    if not settings.state.is_dir():
        return wrong(
            "state folder", f"{settings.state} does not exist", "start a hub with: concordat up, or name its --state"
        )
    if not settings.kek_path.exists():
        return wrong(
            "key-encryption key",
            "there is no such file",
            "start a new hub with: concordat up. If there was a hub here, restore the key from its backup",
        )
    if settings.database_url is None and not (settings.state / "concordat.db").exists():
        return wrong(
            "database", "there is none in the state folder", "start a hub with: concordat up, or restore its database"
        )
    return None


def _folder(state: Path) -> Check:
    mode = stat.S_IMODE(state.stat().st_mode)
    if not os.access(state, os.W_OK | os.X_OK):
        return wrong("state folder", "cannot be written", "give the hub's user the right to write in it")
    if mode & _OTHERS:
        return wrong("state folder", f"is open to other users (mode {mode:03o})", f"chmod 700 {state}")
    return well("state folder", "writable, by its owner only")


@contextmanager
def _opened_vault(settings: Settings, kek: bytes) -> Iterator[SqlVault]:
    vault = SqlVault(settings.keys_url, kek)
    try:
        yield vault
    finally:
        vault.close()


@contextmanager
def _opened_store(settings: Settings, vault: SqlVault) -> Iterator[SqlStore]:
    store = SqlStore(settings.main_url, vault)
    try:
        yield store
    finally:
        store.close()


def _kind(url: str) -> str:
    read = read_url(url)
    if read.get_backend_name() == "postgresql":
        return "PostgreSQL"
    return "SQLite in memory, gone when it stops" if is_memory(read) else "SQLite"


def _ledger(store: SqlStore, vault: SqlVault) -> Check:
    try:
        require_floor(store, vault)
    except LedgerBehind as error:
        return wrong("ledger", "the database has forgotten what was published", str(error))
    with store.reading() as view:
        size, latest = view.frontier().size, view.latest_checkpoint()
    if latest is None:
        return well("ledger", f"{size} entries, no checkpoint published yet")
    return well("ledger", f"{size} entries, continues the published checkpoint of size {latest.size}")


def _directory(agencies: tuple[Agency, ...]) -> Iterator[Check]:
    active = [agency for agency in agencies if agency.active]
    if not active:
        yield look("agencies", "none is registered", "register one with: concordat agency add")
        return
    keyless = sorted(agency.id for agency in active if not agency.keys and agency.has_channel)
    if keyless:
        yield look(
            "agencies", f"without a key: {', '.join(keyless)}", "give each its key with: concordat agency rotate"
        )
    else:
        yield well("agencies", f"{len(active)} registered, each with a key or to be rung")


def _nats(settings: Settings, vault: SqlVault, store: SqlStore) -> Iterator[Check]:
    if settings.nats == "off":
        yield well("NATS", "switched off")
        return
    from broker.cli.checks_nats import examine_nats  # noqa: PLC0415 (a hub without NATS does not load it)

    yield from examine_nats(settings, vault, store)


def _protocols(view: View, today: date) -> Iterator[Check]:
    standing = [record for record in view.protocols() if record.activated_at is not None and record.ended_at is None]
    in_force = [record for record in standing if Protocol.read(record.document).in_force.covers(today)]
    if not in_force:
        yield look(
            "protocols",
            "none is in force: every event is accepted and nobody is told",
            "bring a signed one into force with: concordat protocol activate",
        )
    for record in in_force:
        yield _protocol(record, today)


def _protocol(record: ProtocolRecord, today: date) -> Check:
    name, days = f"protocol {record.name}@{record.version}", Protocol.read(record.document).in_force
    if len(record.signed_by) < 2:  # noqa: PLR2004 (one party alone shares with nobody)
        return look(
            name, "fewer than two parties have signed: it releases nothing", "have it signed, then activate it again"
        )
    if days.until - today <= EXPIRY_WARNING:
        return look(name, f"ends on {days.until}", "agree and sign its next version before then")
    if days.review_by is not None and days.review_by < today:
        return look(name, f"was to be reviewed by {days.review_by}", "review it, and sign its next version")
    return well(name, f"in force until {days.until}, signed by {len(record.signed_by)}")

"""How a database is opened: every setting that durability and ordering lean on is made, and asserted, here."""

import sqlite3
import time
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from broker.store.driver import DriverCursor
from broker.store.wire import forget_prepared

LOCK_SECONDS = 15
"""How long a writer waits for the one before it; then it is told that the database is unavailable."""
IDLE_SECONDS = 120
"""PostgreSQL ends a transaction whose program has gone silent, so that a hung replica cannot keep the lock."""
LONGEST_LOG_PAGES = 60_000
"""Of 4 KiB in SQLite's write-ahead log, before a commit itself moves them into the database file."""
UNTRIED_SECONDS = 2.0
"""How lately a connection to PostgreSQL must have been used to be given out untried: a question costs a commit as
much as a statement does."""
_ASKED_BEFORE = 1
"""How often a statement was run on a connection before PostgreSQL is to keep it."""
_IDLE_SINCE = "idle since"
MEMORY_NAMES = (None, "", ":memory:")
_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
_EXPECTED = "a database is named by sqlite:///<path> or postgresql://<user>@<host>/<database>"


class UnsafeSettings(Exception):
    """The database would lose what it has confirmed. The text says which setting to change."""


def is_memory(url: URL) -> bool:
    """Say whether the URL names SQLite's own in-memory database."""
    return url.get_backend_name() == "sqlite" and url.database in MEMORY_NAMES


def read_url(text_of_url: str) -> URL:
    """Read `sqlite:///<path>`, `sqlite://` or `postgresql://…`, for which psycopg 3 is the driver.

    ValueError, without the text, which may hold a password, if it is anything else.
    """
    try:
        url = make_url(text_of_url)
    except ArgumentError:
        raise ValueError(_EXPECTED) from None
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise ValueError(_EXPECTED)
    return url.set(drivername=driver)


def open_engine(text_of_url: str) -> Engine:
    """Open a database. Errors never carry parameters. Raises ValueError for a URL of another kind of database."""
    url = read_url(text_of_url)
    if url.get_backend_name() == "postgresql":
        # Parameters by place, as SQLite has them: kept statements hand the driver rows of values.
        # The connection last given back is given out next: it has been used lately, and has its statements prepared.
        engine = create_engine(
            url, hide_parameters=True, isolation_level="READ COMMITTED", paramstyle="format", pool_use_lifo=True
        )
        event.listen(engine, "connect", _set_up_postgresql)
        event.listen(engine, "checkin", _note_idleness)
        event.listen(engine, "checkout", _try_after_idleness)
        event.listen(engine, "rollback", _forget_prepared)
        return engine
    options: dict[str, Any] = {"poolclass": StaticPool} if is_memory(url) else {}
    arguments = {"check_same_thread": False, "timeout": LOCK_SECONDS}
    engine = create_engine(url, hide_parameters=True, connect_args=arguments, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions of its own: `_begin_sqlite` says when and of which kind.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    # The log is moved into the file beside the writing (`Database.move_log`); a commit does so only where that lags.
    connection.execute(f"PRAGMA wal_autocheckpoint={LONGEST_LOG_PAGES}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that turns to writing fails at once with "locked", whatever the busy timeout.
    kind = "BEGIN IMMEDIATE" if connection.get_execution_options().get("writing") else "BEGIN"
    with DriverCursor(connection, kind) as cursor:
        cursor.execute(kind)


def _set_up_postgresql(connection: Any, _record: object) -> None:
    connection.prepare_threshold = _ASKED_BEFORE
    with connection.cursor() as cursor:
        cursor.execute("SET timezone TO 'UTC'")
        # Plans are kept for as long as a connection, those of the constraints' checks too. One that was made while a
        # table was empty would go on reading it whole for every row.
        cursor.execute("SET enable_seqscan TO off")
        cursor.execute("SET jit TO off")
        # All that is asked is found by an index, whatever the values: planning it again for them gives the same plan.
        cursor.execute("SET plan_cache_mode TO force_generic_plan")
        cursor.execute(f"SET lock_timeout TO '{LOCK_SECONDS}s'")
        cursor.execute(f"SET idle_in_transaction_session_timeout TO '{IDLE_SECONDS}s'")
    connection.commit()


def _note_idleness(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_IDLE_SINCE] = time.monotonic()


def _forget_prepared(connection: Connection) -> None:
    if not connection.invalidated:
        forget_prepared(connection.info)


def _try_after_idleness(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Try a connection that nobody has used for a while before it is given out: its server may have gone."""
    if time.monotonic() - record.info.get(_IDLE_SINCE, 0.0) < UNTRIED_SECONDS:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.commit()  # after a rollback psycopg would have the server forget all prepared statements
    except psycopg.Error:
        raise DisconnectionError from None


def assert_durable(connection: Connection) -> None:
    """Raise UnsafeSettings where a confirmed commit could be lost to a power cut or a failover."""
    if connection.dialect.name == "sqlite":
        if connection.execute(text("PRAGMA synchronous")).scalar_one() != 2:  # noqa: PLR2004 (SQLite's number for FULL)
            raise UnsafeSettings("SQLite does not keep synchronous=FULL on this database: use a local file system")
        return
    for setting in ("synchronous_commit", "fsync", "full_page_writes"):
        if connection.execute(text(f"SHOW {setting}")).scalar_one() == "off":
            raise UnsafeSettings(
                f"PostgreSQL runs with {setting} = off: a confirmed event could be lost. Set it to on for this role, "
                "database and server (synchronous_commit: on, or remote_apply with a synchronous standby)"
            )

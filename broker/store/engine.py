"""How a database is opened: every setting that durability and ordering lean on is made, and asserted, here."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

LOCK_SECONDS = 15
"""How long a writer waits for the one before it; then it is told that the database is unavailable."""
IDLE_SECONDS = 120
"""PostgreSQL ends a transaction whose program has gone silent, so that a hung replica cannot keep the lock."""
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
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, isolation_level="READ COMMITTED")
        event.listen(engine, "connect", _set_up_postgresql)
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
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that turns to writing fails at once with "locked", whatever the busy timeout.
    kind = "BEGIN IMMEDIATE" if connection.get_execution_options().get("writing") else "BEGIN"
    connection.exec_driver_sql(kind)


def _set_up_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET timezone TO 'UTC'")
        cursor.execute(f"SET lock_timeout TO '{LOCK_SECONDS}s'")
        cursor.execute(f"SET idle_in_transaction_session_timeout TO '{IDLE_SECONDS}s'")
    connection.commit()


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

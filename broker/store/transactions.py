"""One database, SQLite or PostgreSQL: one writer at a time, any number of consistent readings."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, MetaData, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from broker.store.driver import BROKEN, note_broken
from broker.store.engine import assert_durable, is_memory, open_engine
from broker.store.held import HeldConnection
from broker.store.turn import Turn

ROUNDS = 6
"""In which the write-ahead log of SQLite is moved: the last finds that nothing was committed since the one before."""
_ONE_STATE: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_AT_ONCE: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}


class Database:
    """A database and the order in which this process uses it. Raises SQLAlchemy's errors, scrubbed of all values."""

    def __init__(self, url: str) -> None:
        """Open the database and assert that it keeps what it confirms. Raises UnsafeSettings, ValueError."""
        self.engine = open_engine(url)
        event.listen(self.engine, "handle_error", _note_failure)
        memory = is_memory(self.engine.url)
        # In memory there is one connection, for reading too. In a SQLite file writers, of this process and of others,
        # queue for their turn, and not in SQLite's busy loop, which sleeps for up to a tenth of a second.
        self._readers: AbstractContextManager[None] = Turn() if memory else nullcontext()
        self._writers = self._readers if memory or self.is_postgresql else Turn(f"{self.engine.url.database}-turn")
        self._to_write = HeldConnection(self.engine, writing=True)
        self._to_glance = HeldConnection(self.engine, **(_AT_ONCE if self.is_postgresql else {}))
        try:
            with self.reading() as connection:
                assert_durable(connection)
        except BaseException:
            self.close()
            raise

    @property
    def is_postgresql(self) -> bool:
        """Whether this is PostgreSQL; else it is SQLite."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that commits at the end of the block, or rolls back on any exception.

        On SQLite it holds the one lock for writing from its first statement; on PostgreSQL it is READ COMMITTED, and
        what must come one after the other takes a row's lock. A statement that failed cannot be passed over: the
        transaction then fails at its end.
        """
        with self._writers, _scrubbed(), self._to_write.use() as connection, connection.begin():
            connection.info.pop(BROKEN, None)
            yield connection
            if connection.info.pop(BROKEN, None):
                # PostgreSQL would answer this commit by rolling back, without an error.
                raise InvalidRequestError("a statement of this transaction failed: nothing of it is kept")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that reads one committed state."""
        with self._readers, _scrubbed(), self.engine.connect() as plain:
            connection = plain.execution_options(**_ONE_STATE) if self.is_postgresql else plain
            with connection.begin():
                yield connection

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """Open a connection for one statement that reads what is committed at that moment."""
        with self._readers, _scrubbed(), self._to_glance.use() as connection:
            yield connection

    def sweep(self, table: str) -> None:
        """Have the database overwrite or forget what was deleted from a table."""
        with self._writers, _scrubbed():
            if self.is_postgresql:
                with self.engine.connect().execution_options(**_AT_ONCE) as connection:
                    connection.execute(text(f"VACUUM {table}"))
                return
            plain = self.engine.raw_connection()
            try:
                cursor = plain.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy, *_ = cursor.fetchone() or (0,)
            finally:
                plain.close()
            if busy:
                raise WaitedTooLong("a reader kept the write-ahead log from being emptied: do it again")

    def move_log(self) -> None:
        """Move what is in SQLite's write-ahead log into the database file, as far as no reading holds it up.

        Beside the writing, so that no commit has to do it. What was committed meanwhile is moved in the next round,
        which is short: only a log of which everything has been moved is written from its beginning again, and one that
        is not goes on growing until a commit has to stop for it. PostgreSQL does all this by itself.
        """
        if self.is_postgresql or is_memory(self.engine.url):
            return
        with _scrubbed():
            plain = self.engine.raw_connection()
            try:
                cursor, moved = plain.cursor(), -1
                for _ in range(ROUNDS):
                    _, pages, _ = cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                    if pages == moved:
                        break
                    moved = pages
            finally:
                plain.close()

    def close(self) -> None:
        """Close all connections."""
        self._to_write.close()
        self._to_glance.close()
        if isinstance(self._writers, Turn):
            self._writers.close()
        self.engine.dispose()


def make_tables(connection: Connection, metadata: MetaData) -> None:
    """Make the tables that are missing. Replicas that begin together do so one after the other."""
    if connection.dialect.name == "postgresql":
        # Two that see at the same moment that there is none would both make it, and one of them fail.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('concordat key store'))"))
    metadata.create_all(connection, checkfirst=True)


def _note_failure(context: ExceptionContext) -> None:
    if context.connection is not None:
        note_broken(context.connection)


@contextmanager
def _scrubbed() -> Iterator[None]:
    """Take out of a driver's error what PostgreSQL quotes of a row in its DETAIL."""
    try:
        yield
    except DBAPIError as error:
        primary = getattr(getattr(error.orig, "diag", None), "message_primary", None)
        if primary is not None and error.orig is not None:
            error.orig.args = (primary,)
            error.args = (f"({type(error.orig).__name__}) {primary}",)
        raise

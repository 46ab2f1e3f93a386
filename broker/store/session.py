"""What every repository stands on: one connection in one transaction, and the seals of that transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import ClauseElement, Connection, Row, Select, Table, select
from sqlalchemy.exc import DBAPIError

from broker.store import tables
from broker.store.sealing import Seals
from broker.store.statements import Copy, Given, Statement, Values, adding, adding_missing, copying, kept, replacing
from broker.store.transactions import note_broken

_CHUNK = 500
"""Values in one IN list: far below either database's limit of parameters."""
_HEAD = select(tables.head)
_WORTH_COPYING = 4
"""Rows from which PostgreSQL's COPY is quicker than an INSERT for each."""


class Session:
    """One transaction. Nothing is kept beyond it, so that nothing outlives a rollback."""

    def __init__(self, connection: Connection, seals: Seals, kept: frozenset[bytes] = frozenset()) -> None:
        """`kept` are ids of rows, named by their content and never deleted, that this connection has seen committed."""
        self._connection = connection
        self._seals = seals
        self._kept = kept
        self._head_read: Any = None
        self.keeping: set[bytes] = set()
        """Ids of such rows that this transaction makes sure of."""

    def _head(self) -> Any:
        """Return the head of the hub's state, read once until this transaction changes it."""
        if self._head_read is None:
            self._head_read = self._one(_HEAD)
        return self._head_read

    # Questions that are put together for one occasion

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return self._connection.execute(query).all()

    def _row(self, query: Select[Any]) -> Row[Any] | None:
        return self._connection.execute(query).one_or_none()

    # Statements that are kept by their module, and put again and again

    def _all(self, query: Select[Any], **values: Any) -> list[Any]:
        """Return the rows of a kept query, each with names."""
        statement = kept(self._connection.dialect, query)
        with self._cursor(statement.text) as cursor:
            cursor.execute(statement.text, statement.values(values))
            return [statement.row(raw) for raw in cursor.fetchall()]

    def _one(self, query: Select[Any], **values: Any) -> Any | None:
        """Return the first row of a kept query, or None if it has none."""
        statement = kept(self._connection.dialect, query)
        with self._cursor(statement.text) as cursor:
            cursor.execute(statement.text, statement.values(values))
            raw = cursor.fetchone()
        return None if raw is None else statement.row(raw)

    def _value(self, query: Select[Any], **values: Any) -> Any:
        """Return the first value of a kept query, or None if it has none."""
        row = self._one(query, **values)
        return None if row is None else row[0]

    def _do(self, statement: ClauseElement, rows: Sequence[Values]) -> None:
        """Run a kept UPDATE or DELETE once for each row of values."""
        if rows:
            self._run(kept(self._connection.dialect, statement), rows)

    def _not_kept(self, ids: Iterable[bytes]) -> list[bytes]:
        """Return those ids of rows named by their content that are not known to be there, in one order everywhere."""
        missing = sorted(set(ids) - self._kept - self.keeping)
        self.keeping.update(missing)
        return missing

    # Rows into a table

    def _add(self, table: Table, rows: Sequence[Given]) -> None:
        """Insert rows; a row that is there already breaks the unit."""
        if not rows:
            return
        dialect, first = self._connection.dialect, rows[0]
        names = tuple(table.columns.keys() if isinstance(first, tuple) else first)
        if dialect.name == "postgresql" and len(rows) >= _WORTH_COPYING:
            self._copy(copying(dialect, table, names), rows)
        else:
            self._run(adding(dialect, table, names), rows)

    def _add_missing(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows; one that is there already is left alone."""
        if rows:
            self._run(adding_missing(self._connection.dialect, table, tuple(rows[0])), rows)

    def _put(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows, or replace all but the key of those that are there."""
        if rows:
            self._run(replacing(self._connection.dialect, table, tuple(rows[0])), rows)

    def _run(self, statement: Statement, rows: Sequence[Given]) -> None:
        with self._cursor(statement.text) as cursor:
            cursor.executemany(statement.text, statement.rows(rows))

    def _copy(self, copy: Copy, rows: Sequence[Given]) -> None:
        with self._cursor(copy.text) as cursor, cursor.copy(copy.text) as stream:
            stream.set_types(copy.types)
            for row in copy.rows(rows):
                stream.write_row(row)

    @contextmanager
    def _cursor(self, text: str) -> Iterator[Any]:
        """Open a cursor of the driver; its errors come out as SQLAlchemy's, as from any other statement."""
        connection, dialect = self._connection, self._connection.dialect
        try:
            with closing(connection.connection.cursor()) as cursor:
                yield cursor
        except dialect.loaded_dbapi.Error as error:
            lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
            note_broken(connection)
            if lost:
                connection.invalidate(error)
            raise DBAPIError.instance(
                text,
                (),
                error,
                dialect.loaded_dbapi.Error,
                hide_parameters=True,
                connection_invalidated=lost,
                dialect=dialect,
            ) from error
        except BaseException:
            # A value that cannot be handed over: of several rows the first may be in, or the server have given up.
            note_broken(connection)
            raise


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Split distinct values into lists short enough for one query."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), _CHUNK):
        yield distinct[start : start + _CHUNK]

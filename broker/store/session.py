"""What every repository stands on: one connection in one transaction, and the seals of that transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Delete, Row, Select, Table, Update, func, select

from broker.store import tables
from broker.store.driver import BROKEN, Driver, DriverCursor, note_broken
from broker.store.gathered import Gathered
from broker.store.sealing import Seals
from broker.store.statements import Copy, Given, Statement, Values, Way, copying, inserting, kept
from broker.store.wire import Question, Wire

_CHUNK = 500
"""Values in one IN list: far below either database's limit of parameters."""
_HEAD = select(tables.head)
LAST = [
    select(func.coalesce(func.max(one.c.sequence), 0)).scalar_subquery().label(one.name)
    for one in (tables.events, tables.disclosures)
]
"""The last numbers of the tables whose rows a commit numbers in one order."""
_LAST = select(*LAST)
_WORTH_COPYING = 32
"""Rows from which PostgreSQL's COPY is quicker than going along with what else is written."""


class Session:
    """One transaction. Nothing is kept beyond it, so that nothing outlives a rollback."""

    def __init__(self, connection: Connection, seals: Seals, kept: frozenset[bytes] = frozenset()) -> None:
        """`kept` are ids of rows, named by their content and never deleted, that this connection has seen committed."""
        self._line = connection
        self._dialect = connection.dialect
        self._gathered = Gathered(self._dialect)
        self._seals = seals
        self._kept = kept
        self._ask_head: Select[Any] = _HEAD
        self._head_read: Any = None
        self._last: dict[str, int] = {}
        self._wire: Wire | None = None
        """To PostgreSQL, once it is told several things at once: by a unit from its beginning on, by a view never."""
        self._foreseen: dict[tuple[Any, ...], Question] = {}
        self._written: set[Any] = set()
        """Tables into which something has been written."""
        self.keeping: set[bytes] = set()
        """Ids of such rows that this transaction makes sure of."""

    @property
    def _connection(self) -> Connection:
        """The connection, with everything sent that was to be written: what is read then sees it.

        It may be told anything: what was asked before holds no longer.
        """
        self.finish()
        self._foreseen.clear()
        return self._line

    def finish(self) -> None:
        """Send what is still to be written, and wait until all that was sent has been."""
        self._send()
        self._wait()

    def send(self) -> None:
        """Send what is still to be written, and go on while PostgreSQL writes it.

        Where it refuses a row, that is said when it is waited for: at the next question, or at the end.
        """
        self._send()
        if self._wire is not None:
            with self._driver("what is sent ahead"):
                self._wire.send()

    def commit(self) -> None:
        """Send what is still to be written; on PostgreSQL commit along with it.

        What failed before is left for whoever began the transaction to see: it is not committed.
        """
        self._send()
        if self._wire is None or self._line.info.get(BROKEN):
            self._wait()
            return
        with self._driver("COMMIT"):
            self._wire.commit()

    def _send(self) -> None:
        if self._gathered:
            text, values = self._gathered.take()
            self._tell(text, values)

    def _tell(self, text: str, values: Sequence[Any]) -> Question:
        with self._driver(text):
            if self._wire is None:
                self._wire = Wire(self._line)
            return self._wire.put(text, values)

    def _wait(self) -> None:
        if self._wire is not None:
            with self._driver("what was sent before"):
                self._wire.wait()

    def abandon(self) -> None:
        """Wait for nothing more: the transaction is given up, or at its end."""
        if self._wire is not None:
            with suppress(Exception):
                self._wire.wait()

    def _head(self) -> Any:
        """Return the head of the hub's state, read once until this transaction changes it."""
        if self._head_read is None:
            self._head_read = self._one(self._ask_head)
        return self._head_read

    def _numbers(self, table: Table, count: int) -> range:
        """Return the numbers of so many rows that are added to a table whose rows have one order."""
        if not self._last:
            (row,) = self._all(_LAST)
            self._note_last(row)
        first = self._last[table.name] + 1
        self._last[table.name] += count
        return range(first, first + count)

    def _note_last(self, row: Any) -> None:
        """Take in the last numbers, which may be asked for along with something else. They hold under the lock only."""
        if not self._last:
            self._last = {column.name: getattr(row, column.name) for column in LAST}

    # Questions that are put together for one occasion

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return self._connection.execute(query).all()

    def _row(self, query: Select[Any]) -> Row[Any] | None:
        return self._connection.execute(query).one_or_none()

    # Statements that are kept by their module, and put again and again

    def _all(self, query: Select[Any], **values: Any) -> list[Any]:
        """Return the rows of a kept query, each with names."""
        statement = self._question(query)
        return [statement.row(raw) for raw in self._answer(query, statement, values)]

    def _one(self, query: Select[Any], **values: Any) -> Any | None:
        """Return the first row of a kept query, or None if it has none."""
        rows = self._all(query, **values)
        return rows[0] if rows else None

    def _expect(self, query: Select[Any], **values: Any) -> None:
        """Put a kept query now that will be asked with the same values: PostgreSQL answers it along with others.

        The answer is taken unless something has been written meanwhile that it could have seen.
        """
        key = (query, *values.values())
        if self._dialect.name == "postgresql" and key not in self._foreseen:
            statement = kept(self._dialect, query)
            self._foreseen[key] = self._tell(statement.text, statement.values(values))

    def _answer(self, query: Select[Any], statement: Statement, values: Values) -> Sequence[Any]:
        if self._wire is None:
            with self._cursor(statement.text) as cursor:
                cursor.execute(statement.text, statement.values(values))
                rows: Sequence[Any] = cursor.fetchall()
                return rows
        question = self._foreseen.get((query, *values.values())) if self._foreseen else None
        if question is None or not statement.tables.isdisjoint(self._written):
            question = self._tell(statement.text, statement.values(values))
        if question.rows is None:
            self._wait()
        assert question.rows is not None  # noqa: S101 (what has been waited for has its rows)
        return question.rows

    def _question(self, query: Select[Any]) -> Statement:
        """Return a kept query, written out, with everything sent that it could see."""
        statement = kept(self._dialect, query)
        if self._gathered.has_any(statement.tables):
            self._send()
        return statement

    def _value(self, query: Select[Any], **values: Any) -> Any:
        """Return the first value of a kept query, or None if it has none."""
        row = self._one(query, **values)
        return None if row is None else row[0]

    def _do(self, change: Update | Delete, rows: Sequence[Values]) -> None:
        """Run a kept UPDATE or DELETE once for each row of values."""
        self._written.add(change.table)
        if len(rows) == 1 and self._may_gather(change.table):
            self._later(lambda: self._gathered.run(change, rows[0]))
        elif rows:
            self._run(kept(self._dialect, change), rows)

    def _change_old(self, change: Update, values: Values) -> None:
        """Run a kept UPDATE of rows that were there before this transaction."""
        table: Any = change.table
        self._written.add(table)
        if self._dialect.name != "postgresql":
            self._run(kept(self._dialect, change), [values])
            return
        if self._gathered.changes(table):
            self._send()
        self._later(lambda: self._gathered.run(change, values, of_old=True))

    def _not_kept(self, ids: Iterable[bytes]) -> list[bytes]:
        """Return those ids of rows named by their content that are not known to be there, in one order everywhere."""
        missing = sorted(set(ids) - self._kept - self.keeping)
        self.keeping.update(missing)
        return missing

    # Rows into a table

    def _add(self, table: Table, rows: Sequence[Given]) -> None:
        """Insert rows; a row that is there already breaks the unit."""
        self._insert(Way.ADD, table, rows)

    def _add_missing(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows; one that is there already is left alone."""
        self._insert(Way.MISSING, table, rows)

    def _put(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows, or replace all but the key of those that are there."""
        self._insert(Way.REPLACE, table, rows)

    def _insert(self, way: Way, table: Table, rows: Sequence[Given]) -> None:
        if not rows:
            return
        self._written.add(table)
        first = rows[0]
        names = tuple(table.columns.keys() if isinstance(first, tuple) else first)
        if way is Way.ADD and len(rows) >= _WORTH_COPYING and self._dialect.name == "postgresql":
            self._copy(copying(self._dialect, table, names), rows)
        elif self._may_gather(table):
            self._later(lambda: self._gathered.insert(way, table, names, rows))
        else:
            self._run(inserting(way, self._dialect, table, names), rows)

    def _later(self, gather: Callable[[], None]) -> None:
        """Gather a write; values that cannot be written break the unit at once."""
        try:
            gather()
        except BaseException:
            note_broken(self._line)
            raise

    def _may_gather(self, table: Any) -> bool:
        """Say whether a write into a table may wait for others; on SQLite there is no way for it to spare."""
        if self._dialect.name != "postgresql":
            return False
        if self._gathered.has_any((table,)):
            self._send()
        return True

    def _run(self, statement: Statement, rows: Sequence[Given]) -> None:
        self.finish()
        with self._cursor(statement.text) as cursor:
            cursor.executemany(statement.text, statement.rows(rows))

    def _copy(self, copy: Copy, rows: Sequence[Given]) -> None:
        self.finish()
        with self._cursor(copy.text) as cursor, cursor.copy(copy.text) as stream:
            stream.set_types(copy.types)
            for row in copy.rows(rows):
                stream.write_row(row)

    def _cursor(self, text: str) -> DriverCursor:
        return DriverCursor(self._line, text)

    def _driver(self, text: str) -> Driver:
        return Driver(self._line, text)


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Split distinct values into lists short enough for one query."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), _CHUNK):
        yield distinct[start : start + _CHUNK]

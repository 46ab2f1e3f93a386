"""What every repository stands on: one connection in one transaction, and the seals of that transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Select, Table, Update, func, select

from broker.store import tables
from broker.store.asking import Asking
from broker.store.driver import note_broken
from broker.store.sealing import Seals
from broker.store.statements import Copy, Given, Statement, Values, Way, copying, inserting, kept

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


class Session(Asking):
    """A transaction with what is counted and written in it."""

    def __init__(self, connection: Connection, seals: Seals, kept: frozenset[bytes] = frozenset()) -> None:
        """`kept` are ids of rows, named by their content and never deleted, that this connection has seen committed."""
        super().__init__(connection, seals)
        self._kept = kept
        self._ask_head: Select[Any] = _HEAD
        self._head_read: Any = None
        self._last: dict[str, int] = {}
        self.keeping: set[bytes] = set()
        """Ids of such rows that this transaction makes sure of."""

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


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Split distinct values into lists short enough for one query."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), _CHUNK):
        yield distinct[start : start + _CHUNK]

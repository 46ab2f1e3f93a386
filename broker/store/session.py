"""What every repository stands on: one connection in one transaction, and the seals of that transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

from broker.store.sealing import Seals

Values = Mapping[str, Any]
_CHUNK = 500
"""Values in one IN list: far below either database's limit of parameters."""


class Session:
    """One transaction. Nothing is kept beyond it, so that nothing outlives a rollback."""

    def __init__(self, connection: Connection, seals: Seals) -> None:
        self._connection = connection
        self._seals = seals

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return self._connection.execute(query).all()

    def _row(self, query: Select[Any]) -> Row[Any] | None:
        return self._connection.execute(query).one_or_none()

    def _add(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows; a row that is there already breaks the unit."""
        if rows:
            self._connection.execute(table.insert(), list(rows))

    def _add_missing(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows; one that is there already is left alone."""
        if rows:
            self._connection.execute(_missing(self._connection.dialect.name, table), list(rows))

    def _put(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows, or replace all but the key of those that are there."""
        if rows:
            self._connection.execute(_replacing(self._connection.dialect.name, table), list(rows))


def insert_into(connection: Connection, table: Table) -> Any:
    """The dialect's own insert: both know ON CONFLICT, in the same words, under different classes."""
    return _insert(connection.dialect.name, table)


def _insert(dialect: str, table: Table) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


# Made once for each table: writing them out costs more than a row does.


@cache
def _missing(dialect: str, table: Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _replacing(dialect: str, table: Table) -> Any:
    insert, key = _insert(dialect, table), table.primary_key.columns
    changed = {column.name: insert.excluded[column.name] for column in table.columns if column not in set(key)}
    return insert.on_conflict_do_update(index_elements=list(key), set_=changed)


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Split distinct values into lists short enough for one query."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), _CHUNK):
        yield distinct[start : start + _CHUNK]

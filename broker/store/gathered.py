"""Writes that a transaction on PostgreSQL has been told of and has not sent yet: they go there in one statement.

A question to the server costs the program that asks it more than the server that answers, and a commit writes a few
rows into each of a dozen tables. They are therefore gathered, and sent before anything is read and before the commit.
Rows go as JSON, of which the server makes columns of their types. There are dozens of kinds of commit, and each is put
together of the same few parts: so these are written out once, and not the whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    JSON,
    Delete,
    Dialect,
    Insert,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    select,
)

from broker.store.statements import Given, RowValues, Statement, Way, insert_of

_parts: dict["_Write", Statement] = {}
_texts: dict[tuple["_Write", ...], str] = {}
_rows: dict[tuple[Table, tuple[str, ...]], RowValues] = {}
# Kept for ever: there are as many as kinds of commit, and nothing but PostgreSQL's dialect is used with them.


class _Write(NamedTuple):
    """One part of the statement, without its values."""

    way: Way | None
    """How rows go in; None for an UPDATE or DELETE."""
    what: Any
    """The table, or the UPDATE or DELETE."""
    names: tuple[str, ...]
    """The columns that rows have values for."""

    @property
    def table(self) -> Table:
        table: Table = self.what if self.way else self.what.table
        return table

    @property
    def name(self) -> str:
        return f"into_{self.table.name}" if self.way else f"of_{self.table.name}"

    def part(self, dialect: Dialect) -> Statement:
        """Return this part by itself, written out once: it stands in many kinds of commit."""
        if self not in _parts:
            _parts[self] = Statement(self._clause(dialect), dialect)
        return _parts[self]

    def _clause(self, dialect: Dialect) -> Insert | Update | Delete:
        if not self.way:
            change: Update | Delete = self.what
            return change
        columns = [column(one, self.table.columns[one].type) for one in self.names]
        given = func.json_to_recordset(cast(bindparam(_bind(self.table), type_=Text), JSON))
        rows = given.table_valued(*columns).render_derived(name="given", with_types=True)
        picked = select(*(rows.columns[one] for one in self.names))
        insert: Insert = insert_of(self.way, dialect, self.table).from_select(list(self.names), picked)
        return insert


class Gathered:
    """What is to be written. Parts of one statement do not see one another: each table has one at most, and beside it
    one that changes rows that were there before."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._writes: dict[Table, _Write] = {}
        self._changes: dict[Table, _Write] = {}
        """Of rows that were there before."""
        self._values: dict[str, Any] = {}

    def __bool__(self) -> bool:
        return bool(self._writes or self._changes)

    def has_any(self, tables: Iterable[Table]) -> bool:
        """Say whether something is to be written into any of these tables."""
        return bool(self) and any(one in self._writes or one in self._changes for one in tables)

    def changes(self, table: Table) -> bool:
        """Say whether rows of a table that were there before are to be changed."""
        return table in self._changes

    def insert(self, way: Way, table: Table, names: tuple[str, ...], rows: Sequence[Given]) -> None:
        """Have rows inserted."""
        if (table, names) not in _rows:
            _rows[table, names] = RowValues(names, [table.columns[one].type for one in names], self._dialect)
        members = [str(one) for one in names]
        written = [dict(zip(members, row, strict=True)) for row in _rows[table, names].all(rows)]
        if way is Way.REPLACE:
            # The last of two rows with one key counts; a statement may not replace what it has put there itself.
            keys = [one.name for one in table.primary_key.columns]
            written = list({tuple(row[key] for key in keys): row for row in written}.values())
        try:
            self._values[_bind(table)] = orjson.dumps(written, default=_octets).decode()
        except orjson.JSONEncodeError as error:
            raise ValueError(f"a row has a value that JSON cannot say ({error})") from None
        self._writes[table] = _Write(way, table, names)

    def run(self, change: Update | Delete, values: Mapping[str, Any], *, of_old: bool = False) -> None:
        """Have an UPDATE or DELETE run, which its module keeps; `of_old` if all that it means was there before."""
        table: Any = change.table
        (self._changes if of_old else self._writes)[table] = _Write(None, change, ())
        self._values |= values

    def take(self) -> tuple[str, Sequence[Any]]:
        """Return the statement and its parameters; from then on nothing is to be written."""
        writes = (*self._writes.values(), *self._changes.values())
        values = [value for one in writes for value in one.part(self._dialect).values(self._values)]
        if writes not in _texts:
            parts = ", ".join(f"{one.name} AS ({one.part(self._dialect).text})" for one in writes)
            _texts[writes] = f"WITH {parts} SELECT 1"
        self._writes, self._changes, self._values = {}, {}, {}
        return _texts[writes], values


def _bind(table: Table) -> str:
    return f"rows_of_{table.name}"


def _octets(value: object) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"a {type(value).__name__} has no place in a row")

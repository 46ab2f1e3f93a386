"""Statements written out once: SQLAlchemy says them and knows their types, the driver is handed their text.

What a commit does for every row costs more to say anew than to do. A statement's text and the conversions of its
values are therefore worked out once for a kind of database, and from then on only the driver runs.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Dialect, LargeBinary, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]
Values = Mapping[str, Any]
Given = Values | tuple[Any, ...]
"""Values by their names, or of a whole row: one for every column, in the table's order."""
_REPEATED = 1024
"""Converted values remembered for a column: times and lists of codes repeat from row to row."""
_COPY_TYPES = {
    "TEXT": "text",
    "VARCHAR": "text",
    "BYTEA": "bytea",
    "BIGINT": "int8",
    "INTEGER": "int4",
    "TIMESTAMP": "timestamptz",
    "BOOLEAN": "bool",
}
"""PostgreSQL's own names of the types that our columns have (pg_type.typname)."""


class Way(Enum):
    """What becomes of a row that is there already."""

    ADD = "it breaks the unit"
    MISSING = "it is left alone"
    REPLACE = "all but its key is replaced"


class Statement:
    """One statement, ready for the driver of one kind of database."""

    def __init__(self, clause: ClauseElement, dialect: Dialect, names: Sequence[str] | None = None) -> None:
        """Write it out. `names` are the columns that an INSERT gives values for."""
        compiled: Any = clause.compile(dialect=dialect, column_keys=None if names is None else list(names))
        self.text = str(compiled)
        self.tables = frozenset(one for one in visitors.iterate(clause) if isinstance(one, Table))
        """What it reads or writes."""
        # What the clause says itself, such as a limit, is a parameter too.
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._said = {name: compiled.params[name] for name, bind in binds.items() if not bind.required}
        self._values = RowValues(
            tuple(compiled.positiontup or ()), [binds[name].type for name in compiled.positiontup], dialect
        )
        self._row: Any = None
        self._results: tuple[tuple[int, Convert], ...] = ()
        if isinstance(clause, Select):
            columns = clause.selected_columns
            self._row = _row_type([str(column.key) for column in columns])
            converts = (_result(column.type, dialect) for column in columns)
            self._results = tuple((place, one) for place, one in enumerate(converts) if one is not None)

    def values(self, given: Values) -> Sequence[Any]:
        """Return the driver's parameters, in order."""
        return self._values.of({**self._said, **given} if self._said else given)

    def rows(self, rows: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Return the driver's parameters for each of several rows, all of one kind."""
        return self._values.all([{**self._said, **row} for row in rows] if self._said else rows)

    def row(self, raw: Sequence[Any]) -> Any:
        """Return what the driver fetched as a row with names and Python's types."""
        if not self._results:
            return self._row._make(raw)
        values = list(raw)
        for place, convert in self._results:
            values[place] = convert(values[place])
        return self._row._make(values)


def _row_type(names: Sequence[str]) -> Any:
    return namedtuple("Row", names, rename=True)  # noqa: PYI024 (the names are known at run time)


class Copy:
    """PostgreSQL's COPY into columns of a table, in binary: the quickest way in for rows that are not there yet."""

    def __init__(self, table: Table, dialect: Dialect, names: Sequence[str]) -> None:
        preparer = dialect.identifier_preparer
        columns = [table.columns[name] for name in names]
        listed = ", ".join(preparer.quote(name) for name in names)
        self.text = f"COPY {preparer.format_table(table)} ({listed}) FROM STDIN (FORMAT BINARY)"
        self.types = [_COPY_TYPES[column.type.compile(dialect).split()[0]] for column in columns]
        self._values = RowValues(tuple(names), [column.type for column in columns], dialect)

    def rows(self, rows: Sequence[Given]) -> Sequence[Sequence[Any]]:
        """Return rows as the driver takes them."""
        return self._values.all(rows)


class RowValues:
    """Picks a row's values out of a mapping and converts those that the driver does not take as they are."""

    def __init__(self, names: tuple[str, ...], types: Sequence[TypeEngine[Any]], dialect: Dialect) -> None:
        # `itemgetter` of one name gives the bare value.
        self._pick: Callable[[Values], Iterable[Any]] = (
            itemgetter(*names) if len(names) > 1 else lambda given: [given[name] for name in names]
        )
        converts = (_bind(one, dialect) for one in types)
        self._converts = tuple((place, one) for place, one in enumerate(converts) if one is not None)

    def of(self, given: Given) -> Sequence[Any]:
        values = list(given if isinstance(given, tuple) else self._pick(given))
        for place, convert in self._converts:
            values[place] = convert(values[place])
        return values

    def all(self, rows: Sequence[Any]) -> Sequence[Sequence[Any]]:
        if not self._converts and isinstance(rows[0], tuple):
            return rows
        return [self.of(row) for row in rows]


def _bind(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(type_, LargeBinary):
        return None  # both drivers take bytes as they are
    convert = type_.dialect_impl(dialect).bind_processor(dialect)
    return None if convert is None else lru_cache(_REPEATED)(convert)


def _result(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(type_, LargeBinary):
        return None  # likewise
    return type_.dialect_impl(dialect).result_processor(dialect, None)


# Kept for ever, by the name of the dialect: what one engine's dialect says, another's of the same name says too.
_statements: dict[tuple[object, ...], Statement] = {}
_copies: dict[tuple[object, ...], Copy] = {}


def kept(dialect: Dialect, clause: ClauseElement) -> Statement:
    """Return a statement that its module keeps, written out."""
    key = (dialect.name, clause)
    if key not in _statements:
        _statements[key] = Statement(clause, dialect)
    return _statements[key]


def inserting(way: Way, dialect: Dialect, table: Table, names: tuple[str, ...]) -> Statement:
    """Return the INSERT of a row of values for these columns."""
    key = (way, dialect.name, table, names)
    if key not in _statements:
        _statements[key] = Statement(insert_of(way, dialect, table), dialect, names)
    return _statements[key]


def copying(dialect: Dialect, table: Table, names: tuple[str, ...]) -> Copy:
    """Return the COPY of rows that must not be there yet."""
    key = (table, names)
    if key not in _copies:
        _copies[key] = Copy(table, dialect, names)
    return _copies[key]


def insert_into(dialect: Dialect, table: Table) -> Any:
    """The dialect's own insert: both know ON CONFLICT, in the same words, under different classes."""
    return sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)


def insert_of(way: Way, dialect: Dialect, table: Table) -> Any:
    """Return the dialect's own insert with what becomes of a row that is there already."""
    insert = insert_into(dialect, table)
    if way is Way.MISSING:
        return insert.on_conflict_do_nothing()
    if way is Way.REPLACE:
        primary = table.primary_key.columns
        changed = {one.name: insert.excluded[one.name] for one in table.columns if one not in set(primary)}
        return insert.on_conflict_do_update(index_elements=list(primary), set_=changed)
    return insert

"""Column types with one meaning on both databases."""

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, DateTime, Dialect, LargeBinary, Text, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine


class Instant(TypeDecorator[datetime]):
    """A moment in UTC to the microsecond. A time without a zone is refused: it would be a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time is stored with its zone: give it one")
        moment = value.astimezone(UTC)
        # SQLite keeps text without a zone, of one fixed width, so that order as text is order in time.
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Codes(TypeDecorator[tuple[str, ...]]):
    """Codes or ids in order, kept as one text with a space between; none of them holds a space."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        if value is None:
            return None
        if any(not code or " " in code for code in value):
            raise ValueError("a code is not empty and holds no space")
        return " ".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else tuple(value.split())


class Names(TypeDecorator[tuple[str, ...]]):
    """Ids or codes as one parameter."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else postgresql.ARRAY(Text()))

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> Any:
        return orjson.dumps(value).decode() if dialect.name == "sqlite" else list(value or ())


def among(column: ColumnElement[str], name: str) -> dict[str, ColumnElement[bool]]:
    """Match a column against names that are one parameter, however many they are: for each database in its way."""
    names = bindparam(name, type_=Names)
    return {
        "sqlite": column.in_(select(func.json_each(names).table_valued("value").columns.value)),
        "postgresql": column == any_(names),
    }


Name = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Ids and codes, ordered by code point on both databases, whatever the server's language."""

Sealed = LargeBinary
"""Bytes that only a data key of the key store opens."""

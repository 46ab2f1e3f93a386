"""Column types with one meaning on both databases."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, LargeBinary, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator


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


Name = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Ids and codes, ordered by code point on both databases, whatever the server's language."""

Sealed = LargeBinary
"""Bytes that only a data key of the key store opens."""

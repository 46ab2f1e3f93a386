"""Which client assertions have been used, for every replica that serves the token endpoint and across restarts.

They stand in the key store's database: a token is asked for often, and must not wait for the ledger's one writer.
"""

import hashlib

from sqlalchemy import Column, Float, Index, LargeBinary, MetaData, Table, delete
from sqlalchemy.exc import SQLAlchemyError

from broker.ports.store import StoreUnavailable
from broker.store.session import insert_into
from broker.store.transactions import Database

_metadata = MetaData()
_used = Table(
    "used_assertions",
    _metadata,
    Column("mark", LargeBinary, primary_key=True),  # SHA-256 of agency and jti: the text is the agency's own
    Column("expires", Float, nullable=False),  # Unix seconds; after this the assertion is refused for its age
    Index(None, "expires"),
)


class SqlReplays:
    """A memory of single uses on SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        """Open the database and make the table if there is none; StoreUnavailable if that fails."""
        try:
            self._database = Database(url)
            with self._database.writing() as connection:
                _metadata.create_all(connection, checkfirst=True)
        except SQLAlchemyError as error:
            raise StoreUnavailable("the key store did not answer") from error

    def is_first(self, agency: str, assertion_id: str, expires: float, now: float) -> bool:
        """Remember an assertion until it expires; say whether it had not been used before. Times in Unix seconds.

        Raises StoreUnavailable, and then the assertion must not be taken.
        """
        mark = hashlib.sha256(f"{agency}\n{assertion_id}".encode()).digest()
        try:
            with self._database.writing() as connection:
                connection.execute(delete(_used).where(_used.c.expires < now))
                insert = insert_into(connection, _used).values(mark=mark, expires=expires)
                return (
                    connection.execute(insert.on_conflict_do_nothing().returning(_used.c.mark)).one_or_none()
                    is not None
                )
        except SQLAlchemyError as error:
            raise StoreUnavailable("the key store did not answer") from error

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

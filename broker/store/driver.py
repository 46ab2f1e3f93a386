"""The driver itself, for statements that are written out already: SQLAlchemy need not go through them again."""

from types import TracebackType
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

BROKEN = "a statement failed"


class Driver:
    """A block that uses the driver. Its errors come out as SQLAlchemy's, without values, as from other statements."""

    __slots__ = ("_connection", "_text")

    def __init__(self, connection: Connection, text: str) -> None:
        """`text` is the statement that is to be run, for an error to name."""
        self._connection = connection
        self._text = text

    def __enter__(self) -> Any:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        connection, dialect = self._connection, self._connection.dialect
        if not isinstance(error, dialect.loaded_dbapi.Error):
            # A value that cannot be handed over: of several rows the first may be in, or the server have given up.
            note_broken(connection)
            return
        refused: Any = error
        lost = dialect.is_disconnect(refused, connection.connection.dbapi_connection, None)
        note_broken(connection)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            self._text,
            (),
            refused,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        ) from error


class DriverCursor(Driver):
    """A cursor for a block."""

    __slots__ = ("_cursor",)

    def __enter__(self) -> Any:
        try:
            self._cursor: Any = self._connection.connection.cursor()
        except BaseException as error:
            self._fail(error)
            raise
        return self._cursor

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._cursor.close()
        except BaseException as failed:
            self._fail(error or failed)
            raise
        super().__exit__(kind, error, trace)


def note_broken(connection: Connection) -> None:
    """Remember that a statement failed on a connection: the transaction under way cannot be committed."""
    if not connection.invalidated:
        connection.info[BROKEN] = True

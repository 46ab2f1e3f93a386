"""One connection in one transaction: what is asked on it, and when what is written goes out and is committed."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Row, Select

from broker.store.driver import BROKEN, Driver, DriverCursor
from broker.store.gathered import Gathered
from broker.store.sealing import Seals
from broker.store.statements import Statement, Values, kept
from broker.store.wire import Question, Wire


class Asking:
    """One transaction. Nothing is kept beyond it, so that nothing outlives a rollback."""

    def __init__(self, connection: Connection, seals: Seals) -> None:
        self._line = connection
        self._dialect = connection.dialect
        self._gathered = Gathered(self._dialect)
        self._seals = seals
        self._wire: Wire | None = None
        """To PostgreSQL, once it is told several things at once: by a unit from its beginning on, by a view never."""
        self._foreseen: dict[tuple[Any, ...], Question] = {}
        self._written: set[Any] = set()
        """Tables into which something has been written."""

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

    def _cursor(self, text: str) -> DriverCursor:
        return DriverCursor(self._line, text)

    def _driver(self, text: str) -> Driver:
        return Driver(self._line, text)

"""PostgreSQL told several things in one message, and their answers read together (pipeline mode, PostgreSQL 34.5).

A commit asks and writes a handful of things, each of which needs none of the others' answers. Sent one by one each
takes a message there and one back, in which two processes wake up; and the driver's cursor costs more than what it
asks.
"""

import re
import select
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg import abc as psycopg_abc
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InFailedSqlTransaction, error_from_result
from sqlalchemy import Connection

_PREPARED = "statements that this connection has prepared"
_Kind = tuple[str, tuple[int, ...]]
_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
_COMMIT = "COMMIT"
_INT8 = 20
_INTEGERS = frozenset({21, 23, _INT8})
"""PostgreSQL's types for integers (pg_type.oid): the driver takes the least that a value fits into, and there would be
one statement for each."""


class Prepared:
    """Statements that a connection has prepared, by their text and the types of their values."""

    def __init__(self) -> None:
        self._names: dict[_Kind, bytes] = {}
        self._ready: set[_Kind] = set()

    def name(self, kind: _Kind) -> bytes:
        """Return the name of a statement, on this connection."""
        return self._names.setdefault(kind, f"concordat_{len(self._names)}".encode())

    def is_ready(self, kind: _Kind) -> bool:
        """Say whether it is prepared; if not, it will be from now on."""
        if kind in self._ready:
            return True
        self._ready.add(kind)
        return False

    def forget(self) -> None:
        """Prepare everything anew when it is next put: whether it is still there is not known."""
        self._ready.clear()


def forget_prepared(info: dict[Any, Any]) -> None:
    """Trust no statement to be prepared on a connection, of which this is kept: psycopg drops all after a rollback."""
    if _PREPARED in info:
        info[_PREPARED].forget()


class Question:
    """Something that PostgreSQL was told. Its rows are there once it has been waited for."""

    __slots__ = ("_transformer", "rows", "tag")

    def __init__(self, transformer: psycopg_abc.Transformer) -> None:
        self._transformer = transformer
        self.rows: list[tuple[Any, ...]] | None = None
        self.tag: bytes | None = None
        """What was done, in PostgreSQL's words."""

    def take(self, result: pq.abc.PGresult) -> None:
        """Take in what came back."""
        self.tag = result.command_status
        if result.status != pq.ExecStatus.TUPLES_OK:
            return
        self._transformer.set_pgresult(result)
        self.rows = self._transformer.load_rows(0, result.ntuples, tuple)


class Wire:
    """A transaction on a connection, begun with what is put first.

    Raises psycopg's errors; after one, nothing more can be asked in it. Between `put` and `wait` the connection cannot
    be used in any other way.
    """

    def __init__(self, connection: Connection) -> None:
        """Take a connection of psycopg's, as SQLAlchemy holds it."""
        line: Any = connection.connection.dbapi_connection
        self._connection: psycopg.Connection[Any] = line
        self._line: pq.abc.PGconn = line.pgconn
        self._prepared: Prepared = connection.info.setdefault(_PREPARED, Prepared())
        self._open: list[Question | None] = []
        """What was put and has not been answered; None is an answer that nobody asked for."""
        if line.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            self.put(_BEGIN)

    def put(self, text: str, values: Sequence[Any] = ()) -> Question:
        """Put a statement with `%s` for values; it goes out with the next `send` or `wait`."""
        if self._line.pipeline_status == pq.PipelineStatus.OFF:
            self._line.enter_pipeline_mode()
        transformer = Transformer(self._connection)
        formats = [PyFormat.BINARY if isinstance(one, bytes) else PyFormat.TEXT for one in values]
        given = transformer.dump_sequence(values, formats)
        types = tuple(_INT8 if one in _INTEGERS else one for one in transformer.types or ())
        kind = (text, types)
        name = self._prepared.name(kind)
        if not self._prepared.is_ready(kind):
            # It may be there yet: to close one that is not does no harm (PostgreSQL 55.2.3).
            self._line.send_close_prepared(name)
            self._line.send_prepare(name, _numbered(text), types)
            self._open += (None, None)
        self._line.send_query_prepared(name, given, transformer.formats)
        question = Question(transformer)
        self._open.append(question)
        return question

    def send(self) -> None:
        """Have what was put on its way, as far as there is room for it."""
        self._line.flush()

    def commit(self) -> None:
        """Commit, along with what was put before, and wait."""
        done = self.put(_COMMIT)
        self.wait()
        if done.tag != _COMMIT.encode():
            # The answer to a transaction in which something has failed before: no error, and nothing is kept.
            raise InFailedSqlTransaction("the transaction was rolled back")

    def wait(self) -> None:
        """Wait until everything put has been answered. Raises the first refusal among them."""
        if self._line.pipeline_status == pq.PipelineStatus.OFF:
            return
        self._line.pipeline_sync()
        refused = self._answers()
        self._line.exit_pipeline_mode()
        if refused is not None:
            raise error_from_result(refused)

    def _answers(self) -> pq.abc.PGresult | None:
        """Read answers up to the end of the message; return the first refusal."""
        line, refused = self._line, None
        look = select.poll()
        waiting, self._open = iter(self._open), []
        unsent = line.flush()
        look.register(line.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
        while True:
            between = False
            while not line.is_busy():
                result = line.get_result()
                if result is None:
                    if between:
                        break
                    between = True
                    continue
                between = False
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    return refused
                question = next(waiting)
                if result.status == pq.ExecStatus.FATAL_ERROR:
                    refused = refused or result
                elif question is not None:
                    question.take(result)
            look.poll()
            if unsent:
                unsent = line.flush()
                if not unsent:
                    look.modify(line.socket, select.POLLIN)
            line.consume_input()


@lru_cache(1024)
def _numbered(text: str) -> bytes:
    """Write a statement with `$1`, `$2` … for its values, as PostgreSQL has them."""
    places = count(1)
    return re.sub("%[s%]", lambda found: f"${next(places)}" if found[0] == "%s" else "%", text).encode()

"""What runs inside a hub's process: the `concordat up` of the product, with a moment at which it dies if asked to."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, event

from broker.cli.main import run
from broker.ports.notifier import LocalNotifier
from broker.store.session import Session
from broker.store.wakeups import PostgresNotifier
from broker.store.wire import Question, Wire


@dataclass(frozen=True)
class Fate:
    """The moment at which a hub sends SIGKILL to itself: nothing after it runs, no `finally`, no flush."""

    at: Literal["before", "after", "commit", "wake", "file"]
    """Before or after a statement, before a commit that holds the statement, after a commit and before anybody hears
    of it, or with a new file named but empty."""
    statement: str = ""
    """How the SQL begins."""
    time: int = 1
    """Counting from the start of the process."""

    def __str__(self) -> str:
        return f"{self.at} {self.statement or 'anything'!r} the {self.time}. time"


def hub(arguments: Sequence[str], environ: Mapping[str, str], log: Path, fate: Fate | None) -> None:
    """Be a hub until stopped or killed: the target of a process of its own."""
    # What is killed here is the hub and its databases; replicas on one machine would share one NATS server's folder.
    os.environ.update({"CONCORDAT_NATS": "off"} | dict(environ))
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    if fate is not None:
        os.environ["CONCORDAT_SCRIBE"] = "false"  # what it is to die of, it has to do itself
        _await(fate)
    sys.argv = ["concordat", "up", *arguments]
    run()


def _await(fate: Fate) -> None:
    passed = 0

    def come_closer() -> None:
        nonlocal passed
        passed += 1
        if passed == fate.time:
            os.kill(os.getpid(), signal.SIGKILL)

    match fate.at:
        case "before":
            _watch(before=_if_begins(fate.statement, come_closer))
        case "after":
            _watch(after=_if_begins(fate.statement, come_closer))
        case "commit":
            _at_commit(fate.statement, come_closer)
        case "wake":
            for notifier in (LocalNotifier, PostgresNotifier):
                _first(notifier, "wake", come_closer)
        case "file":
            _then(os, "open", come_closer)


Look = Callable[[Connection, str], None]
"""Is told of each statement, on which connection it runs."""


def _watch(before: Look | None = None, after: Look | None = None) -> None:
    """Tell of every statement: those that SQLAlchemy runs, and the kept ones that the store hands to the driver."""
    for name, look in (("before_cursor_execute", before), ("after_cursor_execute", after)):
        if look is not None:
            event.listen(Engine, name, lambda connection, _cursor, sql, *_, look=look: look(connection, sql))
    original = Session._cursor

    @contextmanager
    def watched(session: Session, text: str) -> Iterator[Any]:
        # What PostgreSQL copies in is what SQLite inserts.
        said = text.replace("COPY ", "INSERT INTO ", 1) if text.startswith("COPY ") else text
        with original(session, text) as cursor:
            if before is not None:
                before(session._line, said)
            yield cursor
            if after is not None:
                after(session._line, said)

    Session._cursor = watched  # type: ignore[method-assign]
    tell = Session._tell

    def told(session: Session, text: str, values: Sequence[Any]) -> Question:
        # On its way with others as soon as somebody waits.
        if before is not None:
            before(session._line, text)
        question = tell(session, text, values)
        if after is not None:
            session._wait()
            after(session._line, text)
        return question

    Session._tell = told  # type: ignore[method-assign]


def _if_begins(statement: str, then: Callable[[], None]) -> Look:
    def look(_connection: Connection, sql: str) -> None:
        if _does(sql, statement):
            then()

    return look


def _does(sql: str, statement: str) -> bool:
    """Say whether SQL begins so, or a part of it does: PostgreSQL is given what a commit writes in one statement."""
    text = sql.lstrip()
    return text.startswith(statement) or (text.startswith("WITH ") and f"({statement}" in text)


def _at_commit(statement: str, then: Callable[[], None]) -> None:
    """Call `then` when a transaction that has run the statement is about to be committed."""
    marked: set[Any] = set()
    """The driver's own connections on which it has run."""

    def note(connection: Connection, sql: str) -> None:
        if _does(sql, statement):
            marked.add(connection.connection.dbapi_connection)

    def commit(line: Any) -> None:
        if line in marked:
            then()
        marked.discard(line)

    def along_with_the_rest(wire: Wire) -> None:
        commit(wire._connection)
        commit_on_the_wire(wire)

    _watch(before=note)
    event.listen(Engine, "commit", lambda connection: commit(connection.connection.dbapi_connection))
    event.listen(Engine, "rollback", lambda connection: marked.discard(connection.connection.dbapi_connection))
    commit_on_the_wire = Wire.commit
    Wire.commit = along_with_the_rest  # type: ignore[method-assign]


def _first(owner: Any, name: str, before: Callable[[], None]) -> None:
    original = getattr(owner, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        before()
        return original(*arguments, **named)

    setattr(owner, name, wrapped)


def _then(owner: Any, name: str, after: Callable[[], None]) -> None:
    """Call `after` each time that a file has just been made, and is still empty."""
    original = getattr(owner, name)

    def wrapped(path: Any, flags: int, *arguments: Any, **named: Any) -> Any:
        result = original(path, flags, *arguments, **named)
        if flags & os.O_EXCL:
            after()
        return result

    setattr(owner, name, wrapped)

"""Statements written out once say what SQLAlchemy would say each time: of every column of every table."""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, LargeBinary, Table, Text, delete, func, select
from sqlalchemy.exc import DBAPIError

from broker.ports.records import Delivery, Mailbox, MailRecord, Scope
from broker.ports.store import StoreUnavailable
from broker.ports.vault import MemoryVault
from broker.store.columns import Codes, Instant
from broker.store.database import SqlStore
from broker.store.driver import DriverCursor
from broker.store.migrations import migrate
from broker.store.sealing import Seals
from broker.store.session import Session
from broker.store.tables import metadata
from broker.store.transactions import Database

CANARY = "Robin Inventedchild-canary"
SUMMER = timezone(timedelta(hours=1))
MANY = 40
"""Rows of one table: enough to be copied in where that is quicker."""
FEW = 6
"""Rows of one table that go along with what else is written."""
VALUES: Mapping[type, Sequence[Any]] = {
    Text: ["", "plain", "Zoë 🦊 „quoted“", "tab\t, line\n, 'one' \"two\"", "\\N", "%s ? :name"],
    LargeBinary: [b"", b"\x00\xff\\", b"plain", b"\n", b"%", b"PGCOPY\n\xff\r\n\x00"],
    Integer: [0, 1, -1, 2**31 - 1, -(2**31), 7],
    BigInteger: [0, 2**63 - 1, -(2**63), 1, -1, 2**31],
    Boolean: [True, False, True, False, False, True],
    Codes: [(), ("one",), ("one", "two"), ("one",), ("[].name", "a.b"), ()],
    Instant: [
        datetime(2026, 11, 22, 21, 40, tzinfo=UTC),
        datetime(2026, 7, 1, 0, 30, 1, 5, tzinfo=SUMMER),
        datetime(2026, 6, 30, 23, 30, 1, 5, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=SUMMER),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ],
}


def _value(column: Column[Any], place: int) -> Any:
    kind = next(one for one in type(column.type).__mro__ if one in VALUES)
    if column.nullable and place == 1:
        return None
    value = VALUES[kind][place % FEW]
    # What may stand in a key is different in each row.
    if kind is Text:
        return f"{value}{place}"
    if kind is LargeBinary:
        return value + bytes([place])
    return 1000 + place if kind in {Integer, BigInteger} and place >= FEW else value


def _rows(table: Table, names: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: _value(table.columns[name], place) for name in names} for place in range(MANY)]


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A connection to an empty database of the newest schema, whose transaction is not committed."""
    database = Database(database_url)
    migrate(database.engine)
    with database.engine.connect().execution_options(writing=True) as opened, opened.begin() as transaction:
        yield opened
        transaction.rollback()
    database.close()


@pytest.fixture
def session(connection: Connection) -> Session:
    return Session(connection, Seals(MemoryVault()))


def _as_it_lies(connection: Connection, table: Table) -> list[str]:
    """What the driver gives of each row, without anybody's conversions."""
    names = ", ".join(connection.dialect.identifier_preparer.quote(column.name) for column in table.columns)
    rows = connection.exec_driver_sql(f"SELECT {names} FROM {table.name}").all()  # noqa: S608 (names of our own)
    return sorted(repr(tuple(row)) for row in rows)


def _tables(connection: Connection) -> Iterator[tuple[Table, list[dict[str, Any]], list[str]]]:
    """Every table, rows for it, and how they lie after SQLAlchemy has put them in."""
    for table in metadata.sorted_tables:
        connection.execute(delete(table))
        rows = _rows(table, [column.name for column in table.columns])
        connection.execute(table.insert(), rows)
        yield table, rows, _as_it_lies(connection, table)


def test_what_is_read_is_what_sqlalchemy_reads(connection: Connection, session: Session) -> None:
    """Times with their zone, codes as tuples, bytes as bytes: from every table, under the same names."""
    for table, _, _ in _tables(connection):
        query = select(table)
        theirs, ours = connection.execute(query).all(), session._all(query)
        assert len(ours) == MANY
        assert [tuple(row) for row in ours] == [tuple(row) for row in theirs]
        assert [[type(value) for value in row] for row in ours] == [[type(value) for value in row] for row in theirs]
        assert ours[0]._fields == theirs[0]._fields
        assert [repr(tuple(row)) for row in ours] == [repr(tuple(row)) for row in theirs], "zones too"


def test_what_is_written_lies_as_sqlalchemy_writes_it(connection: Connection, session: Session) -> None:
    """Row by row, with others or copied in at once, whichever is quicker: the same bytes lie in every table."""
    for table, rows, lie in _tables(connection):
        connection.execute(delete(table))
        for row in rows:
            session._add(table, [row])
        session.finish()
        assert _as_it_lies(connection, table) == lie, table.name
        connection.execute(delete(table))
        session._add(table, rows)
        assert _as_it_lies(connection, table) == lie, table.name
        connection.execute(delete(table))
        session._add(table, [tuple(row.values()) for row in rows[:FEW]])
        session._add(table, [tuple(row.values()) for row in rows[FEW:]])
        session.finish()
        assert _as_it_lies(connection, table) == lie, table.name


def test_what_is_there_is_left_alone_or_replaced_as_asked(connection: Connection, session: Session) -> None:
    """Of a key that is there, one way keeps the old row and the other takes all of the new one."""
    for table, rows, lie in _tables(connection):
        keys = {column.name for column in table.primary_key.columns}
        turned = rows[1:] + rows[:1]
        changed = [
            {name: row[name] if name in keys else other[name] for name in row}
            for row, other in zip(rows, turned, strict=True)
        ]
        session._add_missing(table, changed)
        session.finish()
        assert _as_it_lies(connection, table) == lie, table.name
        if any(constraint for constraint in table.constraints if type(constraint).__name__ == "UniqueConstraint"):
            continue  # nothing is put there over what is there: half-way two rows would be alike
        if keys == set(rows[0]):
            continue  # nothing but its key: there is nothing to replace
        session._put(table, changed)
        session.finish()
        put = _as_it_lies(connection, table)
        connection.execute(delete(table))
        connection.execute(table.insert(), changed)
        assert put == _as_it_lies(connection, table), table.name


def test_a_time_without_a_zone_is_refused_in_every_way(connection: Connection, session: Session) -> None:
    """It would be a guess; and a time that was right a moment ago does not open the door to it."""
    table = metadata.tables["checkpoints"]
    rows = _rows(table, [column.name for column in table.columns])
    session._add(table, rows)
    connection.execute(delete(table))
    rows[-1]["at"] = rows[0]["at"].replace(tzinfo=None)
    for some in (rows, rows[-1:]):
        with pytest.raises(ValueError, match="zone"):
            session._add(table, some)


def _counts(store: SqlStore) -> dict[str, int]:
    with store._database.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def _mail(number: int, disclosure: str = CANARY) -> MailRecord:
    scope = Scope("episode/one", "northmere-police")
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return MailRecord("harbour-house", 1, number, disclosure, "type", scope.subject, scope, b"{}", at)


FAILING = {
    "copied": lambda unit: unit.add_pseudonyms({f"{CANARY}{number}": "the same" for number in range(MANY)} | {"": ""}),
    "copied twice": lambda unit: [unit.add_pseudonyms({f"{CANARY}{n}": f"{n}" for n in range(MANY)}) for _ in "12"],
    "one by one": lambda unit: [unit.add_handles([("handle", CANARY, b"mark")]) for _ in "12"],
    "too large": lambda unit: unit.put_mailboxes([Mailbox("one", 1, 1), Mailbox(CANARY, 1, 2**70)]),
    "too large, copied": lambda unit: unit.add_mail([_mail(2**70 * (n // (MANY - 1)), f"{n}") for n in range(MANY)]),
    "no text": lambda unit: unit.put_mailboxes([Mailbox(f"{CANARY}\ud800", 1, 1)]),
    "a time without its zone": lambda unit: unit.add_deliveries(
        [Delivery(CANARY, "feed", datetime(2026, 11, 22))]  # noqa: DTZ001 (the mistake in question)
    ),
}


def test_what_postgresql_alone_refuses_breaks_the_unit_too(postgres_url: str) -> None:
    """A null character, which its text cannot hold, is refused when what was gathered is sent: nothing of it stays."""
    store = SqlStore(postgres_url, MemoryVault())
    before = _counts(store)

    def flow() -> None:
        with store.writing() as unit:
            unit.put_mailboxes([Mailbox(f"{CANARY}\x00", 1, 1)])
            unit.add_pseudonyms({"episode/one": "a name"})

    with pytest.raises(StoreUnavailable) as refused:
        flow()
    said = "".join(traceback.format_exception(refused.value)) + str(refused.value.__cause__)
    assert CANARY not in said
    assert _counts(store) == before
    store.close()


def _send(unit: Any, statement: Callable[[Any], object]) -> None:
    """Have something written, and not later along with something else."""
    statement(unit)
    unit.finish()


@pytest.mark.parametrize("statement", FAILING.values(), ids=FAILING)
def test_what_failed_cannot_be_passed_over(store: SqlStore, statement: Callable[[Any], object]) -> None:
    """A flow that swallows the error of a statement gets no commit, whoever refused it: the driver or the database."""
    before = _counts(store)

    def careless_flow() -> None:
        with store.writing() as unit:
            unit.put_police_area("E06000901", "northmere-police")
            with pytest.raises((DBAPIError, OverflowError, ValueError, psycopg.Error)):
                _send(unit, statement)

    with pytest.raises(StoreUnavailable):
        careless_flow()
    assert _counts(store) == before


@pytest.mark.parametrize("name", ["copied twice", "one by one"])
def test_an_error_of_the_driver_says_no_value(store: SqlStore, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """PostgreSQL quotes the row that it refuses; what comes out of the store quotes nothing."""
    with pytest.raises(StoreUnavailable) as refused, store.writing() as unit:
        FAILING[name](unit)
    cause = refused.value.__cause__
    assert isinstance(cause, DBAPIError)
    said = "".join(traceback.format_exception(refused.value)) + str(cause.orig) + repr(cause.params) + caplog.text
    assert CANARY not in said


def test_a_cursor_that_cannot_be_closed_fails_as_any_statement(sqlite_url: str) -> None:
    """The database is closed under it: callers hear of it as SQLAlchemy's error, which they know how to take."""
    database = Database(sqlite_url)
    connection = database.engine.connect()

    def lose_it() -> None:
        with DriverCursor(connection, "SELECT 1"):
            plain: Any = connection.connection.dbapi_connection
            plain.close()

    with pytest.raises(DBAPIError):
        lose_it()
    assert connection.invalidated, "and is not given out again"
    connection.close()
    database.close()


def test_a_time_that_repeats_is_converted_once_and_stays_right(connection: Connection, session: Session) -> None:
    """Two zones' words for one moment are one moment; the memory of conversions does not mix them with another."""
    table = metadata.tables["checkpoints"]
    moments = [datetime(2026, 7, 1, 0, 30, tzinfo=SUMMER), datetime(2026, 6, 30, 23, 30, tzinfo=UTC)]
    moments += [moments[0] + timedelta(microseconds=1)]
    session._add(
        table,
        [{"size": size, "root": b"r", "note": "note", "at": moments[size % 3]} for size in range(MANY)],
    )
    rows = session._all(select(table.c.size, table.c.at))
    assert {row.size: row.at for row in rows} == {size: moments[size % 3] for size in range(MANY)}


# Rows that are named by their content, and kept once for all


FORMS = {b"a" * 16: b'{"purpose":"care"}', b"b" * 16: b'{"purpose":"search"}'}


def _forms(store: SqlStore) -> dict[bytes, bytes | None]:
    with store.reading() as view:
        return {one: view.form(one) for one in FORMS}


def test_a_form_that_was_rolled_back_is_written_by_the_next(store: SqlStore) -> None:
    """What a unit had made sure of is not remembered if the unit came to nothing."""

    class FlowFailed(Exception):
        pass

    def flow() -> None:
        with store.writing() as unit:
            unit.add_forms(FORMS)
            raise FlowFailed

    with pytest.raises(FlowFailed):
        flow()
    assert set(_forms(store).values()) == {None}
    for _ in range(2):
        with store.writing() as unit:
            unit.add_forms(FORMS)
        assert _forms(store) == FORMS


def test_a_form_whose_commit_was_refused_is_written_by_the_next(store: SqlStore, night: Any) -> None:
    """The database judges references at the commit: a unit that it refuses there has kept no form either."""
    with store.writing() as unit:
        _, (told,) = night.publish(unit)

    def refused() -> None:
        with store.writing() as unit:
            unit.add_forms(FORMS)
            unit.put_mailboxes([Mailbox(told.recipient, 1, 2)])
            unit.add_mail([_mail(2, "no-such-disclosure")])

    with pytest.raises(StoreUnavailable):
        refused()
    assert set(_forms(store).values()) == {None}
    with store.writing() as unit:
        unit.add_forms(FORMS)
    assert _forms(store) == FORMS


def test_two_replicas_keep_a_form_once(open_store: Callable[[], SqlStore]) -> None:
    """Whichever comes first, and whatever each remembers: the form is there, and neither stumbles over it."""
    replicas = [open_store(), open_store()]
    for turn in range(4):
        with replicas[turn % 2].writing() as unit:
            unit.add_forms(dict(list(FORMS.items())[: turn + 1]))
    assert [_forms(one) for one in replicas] == [FORMS, FORMS]


def test_a_form_is_made_sure_of_again_after_a_failover(postgres_url: str) -> None:
    """A standby takes over that had not received the last commit: what the hub remembers of it counts no more."""
    store = SqlStore(postgres_url, MemoryVault())
    with store.writing() as unit:
        unit.add_forms(FORMS)
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DELETE FROM forms")
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
        server.execute(others + "pg_backend_pid()")
    # A connection that was used a moment ago is given out untried: whoever has it is told to ask again.
    with pytest.raises(StoreUnavailable), store.writing():
        pass
    with store.writing() as unit:
        unit.add_forms(FORMS)
    assert _forms(store) == FORMS
    store.close()

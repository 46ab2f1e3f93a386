"""PostgreSQL is told several things in one message: what is expected is answered with the lock, as it then stands."""

import select
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import psycopg
import pytest

from broker.ports.records import CheckpointRecord, Mailbox, Position
from broker.ports.relay import Lease, OutPosition
from broker.ports.store import StoreUnavailable
from broker.ports.vault import MemoryVault
from broker.store.database import SqlStore
from broker.store.engine import open_engine
from broker.store.wire import Wire
from tests.integration.store.conftest import EASTVALE, NORTHMERE, Night

SUBJECT = "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX"


@pytest.fixture
def store(postgres_url: str) -> Iterator[SqlStore]:
    opened = SqlStore(postgres_url, MemoryVault())
    yield opened
    opened.close()


@pytest.fixture
def messages() -> Iterator[list[None]]:
    """One for each time that somebody waits for PostgreSQL's answers."""
    waited: list[None] = []
    wait = Wire.wait

    def counting(wire: Wire) -> None:
        if wire._open:
            waited.append(None)
        wait(wire)

    with patch.object(Wire, "wait", counting):
        yield waited


def test_what_a_report_asks_and_writes_takes_two_messages(store: SqlStore, night: Night, messages: list[None]) -> None:
    """One with the lock and all that is expected, one with all that is written and the commit."""
    with store.writing() as unit:
        event, (told,) = night.publish(unit)
    messages.clear()
    with store.writing() as unit:
        unit.expect_background(event.source, "01JD6QK3Z8NEW", NORTHMERE, event.subject)
        unit.expect_undelivered(EASTVALE, Position(1, 1))
        unit.expect_positions("relay/0")
        assert unit.registry_version() == 0
        assert unit.background(event.source, "01JD6QK3Z8NEW", NORTHMERE, event.subject).event is None
        assert [one.id for one in unit.undelivered(EASTVALE, Position(1, 1), 3)] == [told.id]
        assert unit.lease_of("relay/0") is None
        assert unit.out_positions() == {}
        assert len(messages) == 1
        unit.put_out_positions([OutPosition(EASTVALE, 1, 1)])
        unit.send()
        night.append(unit, [night.entry(told.outcome, None, None)])
    assert len(messages) == 2
    with store.reading() as view:
        assert view.out_positions()[EASTVALE].stored == 1


def test_what_was_expected_is_asked_anew_once_it_has_changed(store: SqlStore) -> None:
    """Two orders of one commit: the second sees what the first has written."""
    with store.writing() as unit:
        unit.expect_positions("relay/0")
        assert unit.out_positions() == {}
        unit.put_out_positions([OutPosition(EASTVALE, 1, 7)])
        assert unit.out_positions()[EASTVALE].stored == 7


def test_who_waited_for_the_lock_is_told_how_it_stands_then(open_store: Callable[[], SqlStore]) -> None:
    """Asked together with the lock, and answered after it: with what the writer before has committed."""
    first, second = open_store(), open_store()

    def look() -> int:
        with second.writing() as unit:
            unit.expect_positions("relay/0")
            return unit.out_positions()[EASTVALE].stored

    with ThreadPoolExecutor(1) as thread:
        with first.writing() as unit:
            assert unit.out_positions() == {}
            waiting = thread.submit(look)
            unit.put_out_positions([OutPosition(EASTVALE, 1, 3)])
        assert waiting.result() == 3


def test_what_is_expected_and_never_asked_does_no_harm(store: SqlStore) -> None:
    with store.writing() as unit:
        unit.expect_background("//hub.example/agencies/x", "01JD6QK3Z8NEW", NORTHMERE, SUBJECT)
    with store.writing() as unit:
        unit.expect_undelivered(EASTVALE, Position(1, 1))
        unit.put_mailboxes([Mailbox(EASTVALE, 1, 2)])
    with store.reading() as view:
        assert view.mailbox(EASTVALE).top == 2


def test_a_position_of_another_generation_has_nothing_on_its_way(store: SqlStore, night: Night) -> None:
    with store.writing() as unit:
        night.publish(unit)
    with store.writing() as unit:
        assert len(unit.undelivered(EASTVALE, Position(1, 9))) == 1
        assert unit.undelivered(EASTVALE, Position(2, 9)) == ()
        assert unit.undelivered("harbour-house", Position(1, 9)) == ()


def test_more_than_the_line_holds_goes_there_and_back(store: SqlStore) -> None:
    """Much larger than what the system keeps for either end: nobody waits for the other for ever."""
    note = "An invented note. " * 500_000
    with store.writing() as unit:
        unit.add_checkpoint(CheckpointRecord(1, b"root", note, Night().now))
        unit.send()
        found = unit.latest_checkpoint()
        assert found is not None
        assert found.note == note


def test_a_unit_whose_line_is_cut_while_it_is_being_written_is_not_kept(store: SqlStore, postgres_url: str) -> None:
    """Sent ahead, and then the server is gone: no outcome is claimed, and the next unit works."""

    def cut_off() -> None:
        with store.writing() as unit:
            assert unit.frontier().size == 0
            pid = unit._line.connection.dbapi_connection.info.backend_pid  # type: ignore[attr-defined]
            line = unit._line.connection.dbapi_connection.pgconn.socket  # type: ignore[attr-defined]
            with psycopg.connect(postgres_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (pid,))
            select.select([line], [], [])  # it says goodbye
            unit.put_mailboxes([Mailbox(EASTVALE, 1, 2)])
            unit.send()

    with pytest.raises(StoreUnavailable):
        cut_off()
    with store.writing() as unit:
        assert unit.mailbox(EASTVALE).top == 0
        unit.put_mailboxes([Mailbox(EASTVALE, 1, 3)])
    with store.reading() as view:
        assert view.mailbox(EASTVALE).top == 3


def _writes(store: SqlStore, top: int) -> None:
    with store.writing() as unit:
        assert unit.mailbox(EASTVALE).top == top - 1
        unit.put_mailboxes([Mailbox(EASTVALE, 1, top)])


def test_statements_that_the_server_has_forgotten_are_prepared_again(store: SqlStore) -> None:
    """A pooler between, say: one unit is refused as if the database were away, the next is not."""

    def forgets() -> None:
        with store.writing() as unit:
            unit._connection.exec_driver_sql("DEALLOCATE ALL")  # type: ignore[attr-defined]

    _writes(store, 1)
    with pytest.raises(StoreUnavailable):
        forgets()
    _writes(store, 2)
    _writes(store, 3)


def test_a_unit_that_was_given_up_leaves_the_next_its_statements(store: SqlStore) -> None:
    """After a rollback the driver has the server forget what was prepared."""

    class GivenUp(Exception):
        pass

    def gives_up() -> None:
        with store.writing() as unit:
            # The driver has statements of its own, which make it tell the server so.
            for _ in range(3):
                unit._connection.exec_driver_sql("SELECT 1")  # type: ignore[attr-defined]
            raise GivenUp

    _writes(store, 1)
    for _ in range(2):
        with pytest.raises(GivenUp):
            gives_up()
    _writes(store, 2)


@pytest.fixture
def wire(postgres_url: str) -> Iterator[tuple[Wire, Any]]:
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        yield Wire(connection), connection
    engine.dispose()


def test_integers_of_every_size_are_one_statement(wire: tuple[Wire, Any]) -> None:
    """The driver has a type for each size; there would be as many statements for the server to keep."""
    line, connection = wire
    asked = [line.put("SELECT %s::bigint", [number]) for number in (1, 70_000, 2**40)]
    line.wait()
    assert [one.rows for one in asked] == [[(1,)], [(70_000,)], [(2**40,)]]
    kept = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1%%'")
    assert kept.scalar_one() == 1


def test_a_percent_sign_stays_one(wire: tuple[Wire, Any]) -> None:
    line, _ = wire
    asked = line.put("SELECT 7 %% %s, '100%%', '%%s'", [4])
    line.wait()
    assert asked.rows == [(3, "100%", "%s")]


def test_after_a_refusal_nothing_of_the_message_was_done(wire: tuple[Wire, Any]) -> None:
    """What comes behind it is passed over, the commit too; the first refusal is the one that is said."""
    line, connection = wire
    line.put("CREATE TABLE kept (id int)")
    line.put("SELECT 1 / %s", [0])
    line.put("SELECT no_such_column")
    with pytest.raises(psycopg.errors.DivisionByZero):
        line.commit()
    connection.connection.rollback()
    assert connection.exec_driver_sql("SELECT to_regclass('kept')").scalar_one() is None


def test_a_commit_that_the_server_turns_into_a_rollback_is_no_commit(wire: tuple[Wire, Any]) -> None:
    """A transaction in which something has failed before: PostgreSQL answers COMMIT with ROLLBACK, and no error."""
    line, _ = wire
    line.put("SELECT 1 / %s", [0])
    with pytest.raises(psycopg.errors.DivisionByZero):
        line.wait()
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        line.commit()


def test_a_lease_that_is_expected_is_the_one_that_is_held(store: SqlStore) -> None:
    now = Night().now
    with store.writing() as unit:
        held = unit.take_lease("relay/0", "somebody", now, 30)
    with store.writing() as unit:
        unit.expect_positions("relay/0")
        found = unit.lease_of("relay/0")
        assert isinstance(found, Lease)
        assert found == held

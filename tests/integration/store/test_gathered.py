"""What a commit writes into PostgreSQL goes there together; what is read in between sees it, and its order holds."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from broker.ports.records import Delivery, Mailbox, Position
from broker.ports.relay import OutPosition
from broker.ports.vault import MemoryVault
from broker.store import gathered, tables
from broker.store.database import SqlStore, SqlUnit
from broker.store.mailboxes import _ARRIVED

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)


@pytest.fixture
def store(postgres_url: str) -> Iterator[SqlStore]:
    opened = SqlStore(postgres_url, MemoryVault())
    yield opened
    opened.close()


def _questions(store: SqlStore, unit: Any) -> list[str]:
    """What PostgreSQL is told from now on, statement by statement."""
    sent: list[str] = []
    tell = unit._tell

    def noting(text: str, values: Any) -> Any:
        sent.append(text)
        return tell(text, values)

    unit._tell = noting
    return sent


def test_what_is_written_into_several_tables_goes_in_one_statement(store: SqlStore) -> None:
    """Five tables, one question; and all of it is there after the commit."""
    with store.writing() as unit:
        sent = _questions(store, unit)
        unit.put_mailboxes([Mailbox("northmere-police", 1, 3), Mailbox("harbour-house", 1, 2)])
        unit.put_out_positions([OutPosition("northmere-police", 1, 3)])
        unit.add_pseudonyms({"episode/one": "a name"})
        unit.add_knowledge([("northmere-police", "episode/one", "harbour-house")])
        unit.add_handles([("handle", "harbour-house", b"mark")])
        assert sent == []
    (statement,) = sent
    assert statement.count("INSERT INTO") == 5
    with store.reading() as view:
        assert view.mailbox("northmere-police") == Mailbox("northmere-police", 1, 3)
        assert view.out_positions() == {"northmere-police": OutPosition("northmere-police", 1, 3)}
        assert view.pseudonym("episode/one") == "a name"
        assert view.knows("northmere-police", "episode/one") == {"harbour-house"}
        assert view.handle("harbour-house", b"mark") == "handle"


def test_what_is_read_sees_what_was_written_before(store: SqlStore) -> None:
    """A question about a table that is to be written into waits for that; one about another table does not."""
    with store.writing() as unit:
        sent = _questions(store, unit)
        unit.put_mailboxes([Mailbox("northmere-police", 1, 3)])
        assert unit.pseudonym("episode/one") is None
        assert len(sent) == 1
        assert unit.mailbox("northmere-police").top == 3
        assert len(sent) == 3
        unit.add_pseudonyms({"episode/one": "a name"})
        # One that is put together for the occasion waits for everything.
        assert unit._rows(select(tables.pseudonyms.c.pseudonym)) == [("a name",)]


def test_a_table_that_is_written_twice_keeps_the_order(store: SqlStore) -> None:
    """Parts of one statement do not see one another: what comes second into a table is sent after what came first."""
    with store.writing() as unit:
        unit.put_mailboxes([Mailbox("northmere-police", 1, 1)])
        unit.put_mailboxes([Mailbox("northmere-police", 1, 2)])
        unit.add_knowledge([("northmere-police", "episode/one", "harbour-house")])
        unit.add_knowledge([("northmere-police", "episode/one", "harbour-house")])
    with store.reading() as view:
        assert view.mailbox("northmere-police").top == 2


def test_of_two_rows_with_one_key_the_last_counts(store: SqlStore) -> None:
    """As where they are put one after the other."""
    with store.writing() as unit:
        unit.put_out_positions([OutPosition("northmere-police", 1, 3), OutPosition("northmere-police", 1, 4)])
    with store.reading() as view:
        assert view.out_positions()["northmere-police"].stored == 4


def test_acks_go_along_with_new_mail(store: SqlStore, night: Any) -> None:
    """The next message is put into the mailbox in the statement that marks the one before as arrived."""
    with store.writing() as unit:
        _, (first,) = night.publish(unit)
    with store.writing() as unit:
        sent = _questions(store, unit)
        _, (second,) = night.publish(unit)
        unit.add_deliveries([Delivery(first.id, "nats", NOW)])
    assert "INSERT INTO mail " in sent[-1]
    assert "UPDATE mail" in sent[-1]
    with store.reading() as view:
        waiting = view.undelivered(second.recipient, Position(1, 9))
        assert [one.id for one in waiting] == ([second.id] if second.recipient == first.recipient else [])
        assert (view.has_arrived(first.id), view.has_arrived(second.id)) == (True, False)


def test_two_changes_of_one_table_keep_their_order(store: SqlStore, night: Any) -> None:
    """The second goes in a second statement."""
    with store.writing() as unit:
        told = [night.publish(unit)[1][0] for _ in range(2)]
    with store.writing() as unit:
        sent = _questions(store, unit)
        for one in told:
            unit._change_old(_ARRIVED["postgresql"], {"arrived": (one.id,)})
    assert len(sent) == 2
    with store.reading() as view:
        assert view.undelivered(told[0].recipient, Position(1, 9)) == ()


def test_a_change_goes_along_with_rows(store: SqlStore, night: Any) -> None:
    """What has arrived is marked as such in the statement that records its arrival."""
    with store.writing() as unit:
        _, (told,) = night.publish(unit)
    with store.writing() as unit:
        sent = _questions(store, unit)
        unit.add_deliveries([Delivery(told.id, "nats", NOW)])
    (statement,) = sent
    assert "INSERT INTO deliveries" in statement
    assert "UPDATE mail" in statement
    with store.reading() as view:
        assert view.has_arrived(told.id)
        assert view.undelivered(told.recipient, Position(1, 9)) == ()


def test_another_kind_of_commit_is_put_together_of_what_is_written_out(store: SqlStore) -> None:
    """Writing one out takes longer than to run it, and for minutes after a start commits of new kinds still come."""
    writes: list[Callable[[SqlUnit], None]] = [
        lambda unit: unit.put_mailboxes([Mailbox("northmere-police", 1, 3)]),
        lambda unit: unit.put_out_positions([OutPosition("northmere-police", 1, 3)]),
        lambda unit: unit.add_knowledge([("northmere-police", "episode/one", "harbour-house")]),
    ]

    def commit(*kinds: Callable[[SqlUnit], None]) -> None:
        with store.writing() as unit:
            for write in kinds:
                write(unit)  # type: ignore[arg-type]

    for write in writes:
        commit(write)
    with patch.object(gathered, "Statement", side_effect=AssertionError("written out again")):
        for count in (2, 3):
            for some in permutations(writes, count):
                commit(*some)

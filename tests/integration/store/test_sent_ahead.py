"""What a unit hands over before it is finished: it is kept with the rest or not at all, on either database."""

import pytest

from broker.ports.records import Mailbox
from broker.ports.store import StoreUnavailable
from broker.store.database import SqlStore
from contracts.disclosure import Operation
from tests.integration.store.conftest import Night

POLICE, HOUSE = "northmere-police", "harbour-house"
HANDLE = ("handle", HOUSE, b"mark")


def works(store: SqlStore, night: Night) -> None:
    """See that the next unit finds nothing in its way, whichever way its rows take."""
    with store.writing() as unit:
        night.append(unit, [night.entry(Operation.PADDING, None, None) for _ in range(64)])
        unit.add_pseudonyms({"episode/next": "another name"})
        unit.send()
        unit.put_mailboxes([Mailbox(HOUSE, 1, 7)])
    with store.reading() as view:
        assert view.pseudonym("episode/next") == "another name"
        assert view.mailbox(HOUSE).top == 7


def nothing_is_kept(store: SqlStore, night: Night) -> None:
    with store.reading() as view:
        assert view.mailbox(POLICE).top == 0
        assert view.pseudonym("episode/one") is None
    works(store, night)


def test_what_was_sent_ahead_is_kept_with_the_rest(store: SqlStore, night: Night) -> None:
    with store.writing() as unit:
        unit.put_mailboxes([Mailbox(POLICE, 1, 3)])
        unit.send()
        unit.send()  # nothing more to send
        unit.add_handles([HANDLE])
        night.append(unit, [night.entry(Operation.PADDING, None, None)])
    with store.reading() as view:
        assert view.mailbox(POLICE).top == 3
        assert view.handle(HOUSE, b"mark") == "handle"
        assert view.frontier().size == 1
    works(store, night)


def test_what_is_read_after_it_sees_it(store: SqlStore, night: Night) -> None:
    with store.writing() as unit:
        unit.put_mailboxes([Mailbox(POLICE, 1, 3)])
        unit.send()
        assert unit.mailbox(POLICE).top == 3
        unit.put_mailboxes([Mailbox(POLICE, 1, 4)])
        unit.send()
        assert unit.mailbox(POLICE).top == 4
    works(store, night)


def test_many_rows_after_it_are_kept_too(store: SqlStore, night: Night) -> None:
    """So many that PostgreSQL takes them by COPY, which cannot go out while an answer is waited for."""
    with store.writing() as unit:
        unit.put_mailboxes([Mailbox(POLICE, 1, 3)])
        unit.send()
        night.append(unit, [night.entry(Operation.PADDING, None, None) for _ in range(64)])
    with store.reading() as view:
        assert view.mailbox(POLICE).top == 3
        assert view.frontier().size == 64
    works(store, night)


@pytest.mark.parametrize("asked", [False, True])
def test_a_row_that_is_refused_breaks_the_unit(store: SqlStore, night: Night, asked: bool) -> None:
    """Found out at the end, or at the next question: in either case nothing is kept."""
    with store.writing() as unit:
        unit.add_handles([HANDLE])

    def writes() -> None:
        with store.writing() as unit:
            unit.put_mailboxes([Mailbox(POLICE, 1, 3)])
            unit.add_handles([HANDLE])
            unit.send()
            unit.add_pseudonyms({"episode/one": "a name"})
            if asked:
                unit.pseudonym("episode/two")

    with pytest.raises(StoreUnavailable):
        writes()
    nothing_is_kept(store, night)


def test_a_flow_that_swallows_the_refusal_gets_no_commit(store: SqlStore, night: Night) -> None:
    with store.writing() as unit:
        unit.add_handles([HANDLE])

    def writes() -> None:
        with store.writing() as unit:
            unit.add_pseudonyms({"episode/one": "a name"})
            try:
                unit.add_handles([HANDLE])
                unit.send()
                unit.pseudonym("episode/two")
            except Exception:  # noqa: BLE001 (a flow that goes on whatever happens)
                unit.put_mailboxes([Mailbox(POLICE, 1, 3)])

    with pytest.raises(StoreUnavailable):
        writes()
    nothing_is_kept(store, night)


def test_a_unit_that_is_given_up_leaves_nothing(store: SqlStore, night: Night) -> None:
    class GivenUp(Exception):
        pass

    held = []

    def writes() -> None:
        with store.writing() as unit:
            held.append(unit)  # somebody still does: a traceback, say
            unit.put_mailboxes([Mailbox(POLICE, 1, 3)])
            unit.send()
            raise GivenUp

    with pytest.raises(GivenUp):
        writes()
    nothing_is_kept(store, night)

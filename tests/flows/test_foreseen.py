"""What an order says that it will ask is what it asks: with all that rides along, few messages go to PostgreSQL."""

from unittest.mock import patch

import pytest

from broker.flows.acked import Acked, RecordAcked
from broker.flows.check import read
from broker.flows.order import Desk
from broker.flows.publish import Publish
from broker.flows.remember import Remember
from broker.flows.step import Foreseen
from broker.flows.tellers import Alone
from broker.ledger.batch import MINIMUM
from broker.ports.records import Position
from broker.ports.relay import OutStream
from broker.store.wire import Wire
from tests.flows.test_batch import report

EASTVALE = "eastvale-council"


@pytest.fixture
def doors(build, postgres_url):
    return build(postgres_url)


@pytest.fixture
def messages():
    """How many things PostgreSQL was told in each message that was waited for."""
    waited, wait = [], Wire.wait

    def counting(wire):
        told = sum(one is not None for one in wire._open)
        if told:
            waited.append(told)
        wait(wire)

    with patch.object(Wire, "wait", counting):
        yield waited


def step(doors, order):
    return Foreseen.of(order, Desk(doors.hub.parts, Alone()), lambda _draft: MINIMUM)


def located(doors, subject):
    return doors.event("harbour-house", "concordat.child.located.v1", {"located_at": "2026-11-20T21:30:00Z"}) | {
        "subject": subject
    }


def test_what_a_report_and_those_that_ride_along_ask_goes_with_the_lock(doors, messages):
    """BEGIN, the lock, the report's background, what is on its way to a recipient, who relays and how far."""
    opened = report(doors, doors.place())
    doors.send(opened)
    with doors.hub.store.writing() as unit:
        lease = unit.take_lease("relay/0", "somebody", doors.clock.now(), 30)
    with doors.view() as view:
        top = view.mailbox(EASTVALE).top
    stream = OutStream("OUT", "2026-11-20T21:30:00Z", 7, None)
    orders = [
        Publish("harbour-house", (read(located(doors, opened["subject"])),)),
        RecordAcked(Acked(EASTVALE, Position(1, top), 5), lease),
        Remember(lease, stream, {EASTVALE: Position(1, top)}),
    ]
    messages.clear()
    (published,), is_all, _ = doors.run(*(step(doors, one) for one in orders))
    assert messages[0] == 6
    with_company = len(messages)
    assert EASTVALE in {one.agency for one in published.receipt.told}
    assert is_all
    with doors.view() as view:
        kept = view.out_positions()[EASTVALE]
        assert (kept.stored, kept.acked, kept.acked_sequence) == (top, top, 5)
        assert view.undelivered(EASTVALE, Position(1, top)) == ()
    messages.clear()
    doors.run(step(doors, Publish("harbour-house", (read(located(doors, opened["subject"])),))))
    assert messages[0] == 3
    # The acks and the positions are written one after the other, since they change the same rows: one message more.
    assert len(messages) == with_company - 1
    messages.clear()
    doors.run(step(doors, Remember(lease, stream, {EASTVALE: Position(1, top)})))
    assert (messages[0], len(messages)) == (4, 2)


def test_reports_that_come_together_are_asked_for_together(doors, messages):
    """One message for the questions of them all."""
    subjects = [doors.send(report(doors)).receipt.subject for _ in range(5)]
    steps = [step(doors, Publish("harbour-house", (read(located(doors, one)),))) for one in subjects]
    messages.clear()
    outcomes = doors.run(*steps)
    assert [one.receipt.subject for (one,) in outcomes] == subjects
    assert messages[0] == 7

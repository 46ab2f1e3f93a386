"""What an auditor, a recipient and a told matrix read of the disclosures."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from broker.ports.records import Delivery, DisclosureFilter, DisclosureRecord, Mailbox, Position, ToldRow
from broker.store import tables
from broker.store.database import SqlStore
from contracts.vocabulary import AcknowledgementAction

NORTHMERE, EASTVALE, HOME = "northmere-police", "eastvale-council", "harbour-house"
SUBJECT = "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX"
OTHER = "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CY"
ALL = DisclosureFilter(agency=None)


@pytest.fixture
def audit(store: SqlStore, night: Any) -> Callable[..., list[str]]:
    """A night with three events, and a question about it answered by short names, newest first."""
    with store.writing() as unit:
        _, first = night.publish(unit, tell=[EASTVALE, HOME], withhold=["northmere-health"], child="h1")
        _, second = night.publish(
            unit,
            publisher=EASTVALE,
            tell=[NORTHMERE],
            withhold=[HOME],
            type="concordat.risk.changed.v1",
            released=("risk.level", "risk.rationale"),
            hidden=("riskier.level",),
        )
        _, third = night.publish(unit, subject=OTHER, publisher=HOME, tell=[EASTVALE], released=("Circumstances",))
    names = dict(
        zip(
            [one.id for one in (*first, *second, *third)],
            ["police>council", "police>home", "police!health", "council>police", "council!home", "home>council"],
            strict=True,
        )
    )
    ids = {name: one for one, name in names.items()}

    def ask(**wanted: Any) -> list[str]:
        if "before" in wanted:
            wanted["before"] = ids[wanted["before"]]
        with store.reading() as view:
            return [names[one.id] for one in view.disclosures(replace(ALL, **wanted))]

    return ask


def test_oversight_sees_all_newest_first(audit: Callable[..., list[str]]) -> None:
    """And only it."""
    everything = ["home>council", "council!home", "council>police", "police!health", "police>home", "police>council"]
    assert audit() == everything
    assert audit(received_only=True) == ["home>council", "council>police", "police>home", "police>council"]


def test_agency_sees_what_it_gave_and_what_it_got(audit: Callable[..., list[str]]) -> None:
    """A publisher sees whom it did not tell; a recipient never sees that it was not told."""
    assert audit(agency=NORTHMERE) == ["council>police", "police!health", "police>home", "police>council"]
    assert audit(agency=EASTVALE) == ["home>council", "council!home", "council>police", "police>council"]
    assert audit(agency=HOME) == ["home>council", "police>home"]
    assert audit(agency="northmere-health") == []
    assert audit(agency=EASTVALE, received_only=True) == ["home>council", "police>council"]
    assert audit(agency=HOME, outcome="withheld") == []
    assert audit(agency=EASTVALE, outcome="withheld") == ["council!home"]


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"recipient": HOME}, ["council!home", "police>home"]),
    ({"publisher": HOME}, ["home>council"]),
    ({"episode": OTHER.removeprefix("episode/")}, ["home>council"]),
    ({"child": "h1"}, ["police!health", "police>home", "police>council"]),
    ({"type": "concordat.risk.changed.v1"}, ["council!home", "council>police"]),
    ({"protocol": "northmere-missing-children@3", "publisher": EASTVALE}, ["council>police"]),
    ({"limit": 2}, ["home>council", "council!home"]),
    ({"limit": 2, "before": "council>police"}, ["police!health", "police>home"]),
    ({"before": "police>council"}, []),
]


def test_each_filter_narrows(audit: Callable[..., list[str]]) -> None:
    """By recipient, publisher, episode, child, type, protocol, and page by page."""
    assert [audit(**wanted) for wanted, _ in FILTERS] == [found for _, found in FILTERS]


def test_pages_of_an_agency_are_whole(audit: Callable[..., list[str]]) -> None:
    """What it gave and what it got are one list, also when read one by one."""
    read: list[str] = []
    while page := audit(agency=EASTVALE, limit=1, **({"before": read[-1]} if read else {})):
        read += page
    assert read == audit(agency=EASTVALE)


SEARCHES: list[tuple[str, str | None, list[str]]] = [
    ("risk.level", None, ["council>police", "police>home", "police>council"]),
    ("risk.**", NORTHMERE, ["council>police", "police>home", "police>council"]),
    ("risk.rationale", NORTHMERE, ["council>police"]),
    ("risk", None, []),
    ("risk.lev", None, []),
    ("associates[].name", NORTHMERE, ["police!health", "police>home", "police>council"]),
    ("associates[].**", NORTHMERE, ["police!health", "police>home", "police>council"]),
    ("associates[].name", HOME, ["home>council"]),
    ("associates[].name", EASTVALE, []),
    ("riskier.level", NORTHMERE, []),
    ("riskier.level", EASTVALE, ["council!home", "council>police"]),
    ("circumstances", EASTVALE, ["police>council"]),
    ("Circumstances", EASTVALE, ["home>council"]),
    ("%", None, []),
    ("circumstance_", None, []),
]


def test_recipient_cannot_search_by_what_was_withheld_from_it(audit: Callable[..., list[str]]) -> None:
    """A recipient finds by paths that it got, the publisher and oversight by those withheld too; letters count."""
    for field, agency, found in SEARCHES:
        assert (field, audit(field=field, agency=agency)) == (field, found)


def test_both_ends_of_a_span_count(store: SqlStore, night: Any) -> None:
    """From the very moment to the very moment."""
    with store.writing() as unit:
        told: list[DisclosureRecord] = [night.publish(unit)[1][0] for _ in range(4)]

    def ids(**span: Any) -> list[str]:
        with store.reading() as view:
            return [one.id for one in view.disclosures(replace(ALL, **span))]

    assert ids(since=told[1].at, until=told[2].at) == [told[2].id, told[1].id]
    assert ids(since=told[3].at + timedelta(microseconds=1)) == []


def test_told_matrix_says_the_first_of_each(store: SqlStore, night: Any) -> None:
    """Told, delivered, seen, acting, done: each the first time. Nobody who was not told stands in it."""
    with store.writing() as unit:
        _, (council, home, _) = night.publish(unit, tell=[EASTVALE, HOME], withhold=["northmere-health"])
        night.publish(unit, subject=OTHER)
        delivered = night.deliver(unit, council.id, "webhook")
        night.deliver(unit, council.id, "feed")
        night.deliver(unit, council.id, "webhook")
        seen = night.acknowledge(unit, council, AcknowledgementAction.SEEN)
        acting = night.acknowledge(unit, council, AcknowledgementAction.ACTING)
        night.acknowledge(unit, council, AcknowledgementAction.SEEN)
        night.acknowledge(unit, council, AcknowledgementAction.ACTING)
    with store.reading() as view:
        first, second = view.told(SUBJECT)
    row = ToldRow(
        type=council.type,
        event_time=council.event_time,
        agency=EASTVALE,
        roles=council.roles,
        disclosure=council.id,
        told_at=council.at,
        delivered_at=delivered,
        seen_at=seen.at,
        acting_at=acting.at,
        publisher=NORTHMERE,
        event_source=council.event_source,
        event_id=council.event_id,
    )
    assert first == row
    assert second == replace(
        row, agency=HOME, disclosure=home.id, told_at=home.at, delivered_at=None, seen_at=None, acting_at=None
    )


@pytest.mark.parametrize(
    "action", [AcknowledgementAction.ACTING, AcknowledgementAction.ACTIONED, AcknowledgementAction.CANNOT_ACT]
)
def test_whoever_answers_has_seen_and_has_received(store: SqlStore, night: Any, action: AcknowledgementAction) -> None:
    """A person who says what they do has seen it, and what was seen has arrived, whatever a channel says later."""
    with store.writing() as unit:
        _, (council,) = night.publish(unit)
        said = night.acknowledge(unit, council, action)
        night.deliver(unit, council.id)
    with store.reading() as view:
        (row,) = view.told(SUBJECT)
    assert (row.delivered_at, row.seen_at) == (said.at, said.at)
    assert (row.acting_at is not None) == (action is AcknowledgementAction.ACTING)
    assert (row.actioned_at is not None) == (action is AcknowledgementAction.ACTIONED)


def test_undelivered_is_what_lies_up_to_a_position_and_has_not_arrived(store: SqlStore, night: Any) -> None:
    """In the mailbox's present generation, each but once; another generation's position confirms nothing."""
    with store.writing() as unit:
        told = [night.publish(unit)[1][0] for _ in range(4)]
        night.publish(unit, tell=[HOME])
        night.deliver(unit, told[1].id)

    def waiting(generation: int, number: int, most: int | None = None) -> list[str]:
        with store.reading() as view:
            return [one.id for one in view.undelivered(EASTVALE, Position(generation, number), most)]

    first, _, third, fourth = (one.id for one in told)
    assert waiting(1, 3) == [first, third]
    assert waiting(1, 99) == [first, third, fourth]
    assert waiting(1, 99, most=2) == [first, third]
    assert waiting(1, 99, most=0) == []
    assert waiting(1, 0) == waiting(2, 99) == []
    with store.writing() as unit:
        unit.put_mailboxes([Mailbox(EASTVALE, 2, 0)])
        again = night.publish(unit)[1][0]
    assert waiting(1, 99) == []
    assert waiting(2, 99) == [again.id]
    with store.reading() as view:
        (one,) = view.undelivered(EASTVALE, Position(2, 99))
    assert one == tuple(getattr(again, name) for name in one._fields)


def test_what_arrives_in_order_leaves_the_messages_as_they_lie(store: SqlStore, night: Any) -> None:
    """The mailbox says that it has come so far; a message is marked where it arrived before one that lies below it."""
    with store.writing() as unit:
        told = [night.publish(unit)[1][0] for _ in range(4)]
    with store.writing() as unit:
        unit.add_deliveries([Delivery(one.id, "nats", night.now, in_order=True) for one in told[:2]])
        unit.put_mailboxes([unit.mailbox(EASTVALE)._replace(confirmed=2)])
        unit.add_deliveries([Delivery(told[3].id, "webhook", night.now)])
    with store.reading() as view:
        assert [one.id for one in view.undelivered(EASTVALE, Position(1, 99))] == [told[2].id]
        assert [view.has_arrived(one.id) for one in told] == [True, True, False, True]
        mail = tables.mail
        marked = view._rows(select(mail.c.number).where(mail.c.recipient == EASTVALE, mail.c.delivered))
    assert [row.number for row in marked] == [4]


def test_received_is_what_a_recipient_was_told_up_to_a_position(store: SqlStore, night: Any) -> None:
    """Earlier generations included, other episodes and withholdings not."""
    with store.writing() as unit:
        told = [night.publish(unit)[1][0] for _ in range(2)]
        night.publish(unit, subject=OTHER)
        night.publish(unit, tell=(), withhold=[EASTVALE])
        unit.put_mailboxes([Mailbox(EASTVALE, 2, 0)])
        told.append(night.publish(unit)[1][0])
    with store.reading() as view:
        assert view.received(EASTVALE, SUBJECT, None) == tuple(told)
        assert view.received(EASTVALE, SUBJECT, Position(1, 1)) == tuple(told[:1])
        assert view.received(EASTVALE, SUBJECT, Position(1, 99)) == tuple(told[:2])
        assert view.received(EASTVALE, SUBJECT, Position(2, 1)) == tuple(told)
        assert view.received(HOME, SUBJECT, None) == ()


def test_episodes_of_an_agency_are_those_it_published_or_was_told_of(store: SqlStore, night: Any) -> None:
    """In order, page by page; a child's record is no episode, and being left out makes nobody part of one."""
    with store.writing() as unit:
        for number in (3, 1, 2):
            night.publish(unit, subject=f"episode/{number}")
        night.publish(unit, subject="episode/4", publisher=EASTVALE, tell=())
        night.publish(unit, subject="episode/5", tell=(), withhold=[EASTVALE])
        night.publish(unit, subject="child/handle")
    with store.reading() as view:
        assert view.subjects_of(EASTVALE, None, 10) == ("episode/1", "episode/2", "episode/3", "episode/4")
        assert view.subjects_of(EASTVALE, None, 2) == ("episode/1", "episode/2")
        assert view.subjects_of(EASTVALE, "episode/2", 10) == ("episode/3", "episode/4")
        assert view.subjects_of(NORTHMERE, "episode/3", 10) == ("episode/5",)
        assert view.subjects_of(HOME, None, 10) == ()

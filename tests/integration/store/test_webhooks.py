"""Endpoints and their queue on both databases: what is kept, who works what, and the order that SQL keeps."""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from broker.delivery.order import State, may_go
from broker.delivery.schedule import Outcome
from broker.delivery.signature import Keys
from broker.delivery.subscription import Content, Order, Subscription
from broker.flows.queue import Ended, abandon, enqueue, settle
from broker.ports.holder import new_holder
from broker.ports.records import Position
from broker.ports.webhooks import Attempt, Endpoint, Queued, SwitchedOff
from broker.store.database import SqlStore

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
AGENCY = "eastvale-council"
SECOND = timedelta(seconds=1)


def endpoint(name: str = "one", agency: str = AGENCY, **changes: Any) -> Endpoint:
    made = Endpoint(
        id=name,
        agency=agency,
        url="https://desk.example/hook",
        subscription=Subscription(("concordat.*", "other.v1"), Content.NOTICE, Order.NONE),
        keys=Keys(b"s" * 32, b"k" * 32),
        created_at=NOW,
        cursor=Position(1, 0),
    )
    return replace(made, **changes)


def test_an_endpoint_is_read_back_as_it_was_put(open_store: Callable[[], SqlStore]) -> None:
    """Settings, keys old and new, and why it is off: all of it, after a restart too; and its own agency's only."""
    plain = endpoint()
    full = endpoint(
        "two",
        former_keys=Keys(b"f" * 32, b"g" * 32),
        former_until=NOW + SECOND,
        switched_off=SwitchedOff.GONE,
        switched_off_at=NOW,
        failing_since=NOW - SECOND,
    )
    with open_store().writing() as unit:
        for one in (plain, full, endpoint("three", "harbour-house")):
            unit.put_endpoint(one)
        unit.move_cursor("two", Position(1, 7))
        unit.mark_failing("two", None)
    moved = replace(full, cursor=Position(1, 7), failing_since=None)
    with open_store().reading() as view:
        assert view.endpoint("one") == plain
        assert view.endpoints(AGENCY) == (plain, moved)
        assert view.endpoint("four") is None


def test_attempts_are_listed_newest_first_and_forgotten_in_time(store: SqlStore) -> None:
    """A developer pages back through what was tried; what is long past is forgotten, and so is what it was about."""
    attempts = [
        Attempt(f"a{n}", "one", f"m{n}", Position(1, n), NOW + n * SECOND, 5, Outcome.REFUSED, 500) for n in range(5)
    ] + [Attempt("test", "one", "m", None, NOW + 9 * SECOND, 5, Outcome.TIMED_OUT, None)]
    done = Queued("one", 1, 1, "d1", "lane", State.DELIVERED, NOW)
    with store.writing() as unit:
        unit.put_endpoint(endpoint())
        unit.add_attempts(attempts[:2])
        unit.add_attempts(attempts[2:])
        unit.put_queued([done, replace(done, number=2, state=State.WAITING)])
    with store.reading() as view:
        first = view.attempts("one", None, 4)
        assert first == tuple(reversed(attempts))[:4]
        assert view.attempts("one", first[-1].id, 4) == tuple(reversed(attempts))[4:]
        assert view.attempt("one", "a3") == attempts[3]
        assert view.attempt("two", "a3") is None
    with store.writing() as unit:
        unit.forget_webhooks(NOW + 3 * SECOND)
        assert [one.id for one in unit.attempts("one", None, 9)] == ["test", "a4", "a3"]
        assert unit.queued("one", Position(1, 1)) is None
        assert unit.queued("one", Position(1, 2)) is not None


def test_an_endpoint_is_worked_by_one_replica_until_its_time_has_passed(store: SqlStore) -> None:
    """A lease is renewed by its holder, taken by nobody else, taken over when it has run out, and given back."""
    later = NOW + 10 * SECOND
    with store.writing() as unit:
        for name in ("one", "two"):
            unit.put_endpoint(endpoint(name))
    with store.writing() as unit:
        assert unit.lease_endpoints(["one", "gone"], "a", NOW, 10) == ("one",)
    with store.writing() as unit:
        assert unit.lease_endpoints(["one", "two"], "b", NOW + 9 * SECOND, 1) == ("two",)
        assert unit.lease_endpoints(["one"], "a", NOW + 9 * SECOND, 2) == ("one",)
    with store.writing() as unit:
        assert unit.lease_endpoints(["one"], "b", later, 1) == ()
        assert unit.lease_endpoints(["one"], "b", later + SECOND, 1) == ("one",)
        assert unit.lease_endpoints(["one"], "a", later + SECOND, 1) == ()
    with store.writing() as unit:
        unit.end_endpoint_leases(["one"], "a", later)
        assert unit.lease_endpoints(["one"], "a", later + SECOND, 1) == ()
        unit.end_endpoint_leases(["one"], "b", later + SECOND)
        assert unit.lease_endpoints(["one"], "a", later + SECOND, 1) == ("one",)


def test_the_work_of_a_process_that_has_died_is_taken_over_at_once(store: SqlStore) -> None:
    """A hub was killed and started again on its machine: neither relay nor endpoint waits for the lease to run out."""
    here = new_holder()
    dead = here.rpartition("/")[0] + "/1"  # this process's number, of a time before it began
    with store.writing() as unit:
        unit.put_endpoint(endpoint("one"))
        unit.put_queued([Queued("one", 1, 1, "d", "lane", State.WAITING, NOW)])
        first = unit.take_lease("relay/0", dead, NOW, 60)
        assert unit.lease_endpoints(["one"], dead, NOW, 60) == ("one",)
    with store.reading() as view:
        assert [name for name, _ in view.endpoints_with_work(here, NOW)] == ["one"]
    with store.writing() as unit:
        assert unit.lease_endpoints(["one"], here, NOW, 60) == ("one",)
        second = unit.take_lease("relay/0", here, NOW, 60)
        assert first is not None
        assert second is not None
        assert second.term > first.term, "what the dead one may have written last is known by its term"
        alive = new_holder()
        assert unit.lease_endpoints(["one"], alive, NOW, 60) == ()
        assert unit.take_lease("relay/0", alive, NOW, 60) is None
    with store.reading() as view:
        assert view.endpoints_with_work(alive, NOW) == ()


def test_work_is_found_where_there_is_some(store: SqlStore, night: Any) -> None:
    """Unread mail or a message that is due; not what is off, not yet due, held, or another replica's."""

    def found(holder: str = "a", now: datetime = NOW) -> list[str]:
        with store.reading() as view:
            return [name for name, _ in view.endpoints_with_work(holder, now)]

    with store.writing() as unit:
        unit.put_endpoint(endpoint("unread"))
        unit.put_endpoint(endpoint("off", switched_off=SwitchedOff.BY_AGENCY))
        unit.put_endpoint(endpoint("other", "harbour-house"))
        unit.put_endpoint(endpoint("due", "harbour-house"))
    assert found() == []
    with store.writing() as unit:
        night.publish(unit)
        unit.put_queued([Queued("due", 1, 1, "d", "lane", State.WAITING, NOW)])
        unit.put_queued([Queued("other", 1, 1, "d", "lane", State.HELD, NOW)])
    assert found() == ["due", "unread"]
    assert found(now=NOW - SECOND) == ["unread"]
    with store.writing() as unit:
        unit.lease_endpoints(["due"], "b", NOW, 1)
    assert found() == ["unread"]
    assert found("b") == ["due", "unread"]
    assert found(now=NOW + SECOND) == ["due", "unread"]
    with store.writing() as unit:
        enqueue(unit, "unread", NOW + 2 * SECOND)
    assert found() == []


@pytest.mark.parametrize("seed", range(4))
def test_the_queue_keeps_the_order_that_the_rules_give(store: SqlStore, night: Any, seed: int) -> None:
    """Whatever arrives, fails, is given up, resent or recovered: in each lane exactly those wait that may go."""
    chance, ids = random.Random(seed), count()  # noqa: S311 (chooses a story, protects nothing)
    now = NOW
    subjects = [f"episode/01JD6QK3Z8T0V5W2N4Y6B8C0C{letter}" for letter in "XYZ"]
    with store.writing() as unit:
        unit.put_endpoint(endpoint(subscription=Subscription()))
    for _ in range(80):
        now += timedelta(hours=chance.choice([0, 0, 1, 30]))
        with store.writing() as unit:
            due = unit.due_webhooks("one", now, 50)
            match chance.choice(["mail", "mail", "fail", "fail", "fail", "deliver", "abandon", "recover"]):
                case "mail":
                    for _ in range(chance.randint(1, 4)):
                        night.publish(unit, subject=chance.choice(subjects))
                    enqueue(unit, "one", now)
                case "recover" if chance.random() < 0.4:
                    unit.requeue("one", Position(1, chance.randint(0, 5)), now)
                case "abandon" if due:
                    abandon(unit, chance.choice(due), now)
                case "deliver" | "fail" as what if due:
                    one = chance.choice(due)
                    outcome = Outcome.DELIVERED if what == "deliver" else Outcome.REFUSED
                    attempt = Attempt(f"a{next(ids)}", "one", one.disclosure, one.position, now, 1, outcome, None)
                    settle(unit, Ended(one, attempt), now, chance.random())
        with store.reading() as view:
            _check_lanes(view)
    with store.reading() as view:
        assert len(view.mail_places(AGENCY, Position(1, 0), 500)) > 10


def _check_lanes(view: Any) -> None:
    lanes: dict[str, list[Queued]] = defaultdict(list)
    for place in view.mail_places(AGENCY, Position(1, 0), 500):
        one = view.queued("one", place.position)
        assert one is not None
        lanes[one.lane].append(one)
    for lane in lanes.values():
        waiting = [one for one in lane if one.state is State.WAITING]
        assert waiting == list(may_go(lane))

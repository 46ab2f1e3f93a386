"""Examples made fresh."""

from datetime import UTC, datetime
from itertools import count

import pytest
from ulid import ULID

from broker.cli.example import fresh_example
from contracts.catalogue import CATALOGUE
from contracts.examples import examples_of
from contracts.parse import parse_event

NOW = datetime(2027, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize("event_type", CATALOGUE)
def test_every_fresh_example_satisfies_its_contract(event_type: str) -> None:
    """Whatever type a developer asks for can be validated at once, and happens today."""
    for example in (examples_of(event_type).minimal, examples_of(event_type).full):
        event = fresh_example(example, None, None, NOW, lambda: str(ULID()))
        if not event["source"].endswith("/hub"):
            parse_event(event)
        assert event["time"].startswith("2027-03-04T05:06:07")
        assert event["id"] != example["id"]


def test_two_examples_are_two_events() -> None:
    """Published one after the other, neither is taken for a repetition of the other."""
    numbers = count()
    events = [
        fresh_example(
            examples_of("concordat.episode.opened.v1").full,
            "northmere-police",
            None,
            NOW,
            lambda: f"id-{next(numbers)}",
        )
        for _ in range(2)
    ]
    assert events[0]["id"] != events[1]["id"]
    assert events[0]["subject"] != events[1]["subject"]
    assert events[0]["source"] == "/agencies/northmere-police"


def test_times_keep_their_distance_and_days_stay() -> None:
    """The child was last seen as long before the report as in the example; a birthday does not move."""
    full = examples_of("concordat.episode.opened.v1").full
    fresh = fresh_example(full, None, None, NOW, lambda: "x")["data"]
    seen, reported = (datetime.fromisoformat(one) for one in (fresh["last_seen"]["at"], fresh["reported_at"]))
    was = (datetime.fromisoformat(one) for one in (full["data"]["last_seen"]["at"], full["data"]["reported_at"]))
    earlier, later = was
    assert reported - seen == later - earlier
    assert fresh["child"]["birth_date"] == full["data"]["child"]["birth_date"]

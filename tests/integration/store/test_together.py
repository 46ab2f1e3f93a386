"""What is asked for together is what is said one by one: by the database, and by a draft that lies on it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

from broker.casework.episode import Episode
from broker.flows.draft import Draft
from broker.ports.background import Background
from broker.ports.records import Mailbox
from broker.store.database import SqlStore, SqlUnit
from contracts.vocabulary import Jurisdiction, RiskLevel

NORTHMERE, EASTVALE, HOME = "northmere-police", "eastvale-council", "harbour-house"

SOURCE = f"//hub.northmere.example/agencies/{NORTHMERE}"
MANY = [f"{number:03d}" for number in range(700)]
"""More than go into one question; every third is known."""
SUBJECTS = [f"episode/{one}" for one in MANY]

STANDING = [Mailbox(EASTVALE, 2, 31, 4, 17), Mailbox(NORTHMERE, 1, 5)]
"""The home's mailbox was never written to."""


def _episode(name: str, risk: RiskLevel = RiskLevel.HIGH) -> Episode:
    return Episode(name, HOME, datetime(2026, 11, 22, tzinfo=UTC), Jurisdiction.ENGLAND, risk=risk)


@pytest.fixture
def asked(store: SqlStore, night: Any) -> list[str]:
    """A database with some of what is asked for; ids of events, of which the last was never sent."""
    with store.writing() as unit:
        ids = [night.publish(unit, subject=one)[0].id for one in SUBJECTS[:6]]
        unit.put_episodes([_episode(one) for one in MANY[::3]])
        unit.put_mailboxes(STANDING)
        unit.add_pseudonyms({one: f"name of {one}" for one in SUBJECTS[::3]})
        unit.add_knowledge(
            [(NORTHMERE, one, other) for one in SUBJECTS[::3] for other in (EASTVALE, HOME)]
            + [(EASTVALE, SUBJECTS[1], HOME)]
        )
    return [*ids, "never-sent"]


def _one_by_one(said: Any, ids: list[str]) -> tuple[dict[str, Any], ...]:
    found = (
        {one: said.event(SOURCE, one) for one in ids},
        {one: said.episode(one) for one in MANY},
        {one: said.pseudonym(one) for one in SUBJECTS},
        {one: said.knows(NORTHMERE, one) for one in SUBJECTS},
    )
    return tuple({name: value for name, value in one.items() if value} for one in found)


def _together(said: Any, ids: list[str]) -> tuple[dict[str, Any], ...]:
    return (
        said.events_of(SOURCE, ids),
        said.episodes_of(MANY),
        said.pseudonyms_of(SUBJECTS),
        said.knows_of(NORTHMERE, SUBJECTS),
    )


def test_by_the_database(store: SqlStore, asked: list[str]) -> None:
    """In questions of any length; of another source, or for another reader, nothing is said."""
    with store.reading() as view:
        together = _together(view, asked)
        assert together == _one_by_one(view, asked)
        assert [len(one) for one in together] == [6, 234, 234, 234]
        assert view.events_of("//elsewhere.example/agencies/x", asked) == {}
        assert view.knows_of(EASTVALE, SUBJECTS) == {SUBJECTS[1]: frozenset({HOME})}
        assert view.episodes_of([]) == {}


@pytest.mark.parametrize("is_prepared", [True, False])
def test_by_a_draft_on_a_draft(store: SqlStore, night: Any, asked: list[str], is_prepared: bool) -> None:
    """What the batch has changed since is what counts, asked for before or not."""
    with store.writing() as unit:
        batch = Draft(unit)
        if is_prepared:
            Draft(batch).prepare(SOURCE, NORTHMERE, asked, SUBJECTS)
        changed = Draft(batch)
        changed.put_episode(_episode(MANY[0], RiskLevel.LOW))
        changed.put_episode(_episode(MANY[1]))
        changed.add_pseudonym(SUBJECTS[1], "new name")
        changed.learn(NORTHMERE, SUBJECTS[0], ["coast-health"])
        changed.put_mailbox(Mailbox(EASTVALE, 2, 40))
        batch.absorb(changed)
        draft = Draft(batch)
        if is_prepared:
            draft.prepare(SOURCE, NORTHMERE, asked, SUBJECTS)
        together = _together(draft, asked)
        assert together == _one_by_one(draft, asked) == _one_by_one(Draft(batch), asked)
        assert [len(one) for one in together] == [6, 235, 235, 234]
        assert draft.episode(MANY[0]) == _episode(MANY[0], RiskLevel.LOW)
        assert draft.knows(NORTHMERE, SUBJECTS[0]) == {EASTVALE, HOME, "coast-health"}
        assert draft.mailboxes_of([EASTVALE, HOME])[EASTVALE] == Mailbox(EASTVALE, 2, 40)


@pytest.mark.parametrize("place", [0, 1, 3, -1])
def test_what_bears_on_one_event_is_what_is_said_piece_by_piece(
    store: SqlStore, night: Any, asked: list[str], place: int
) -> None:
    """Of an event that was had before or not, about an episode that is known or not: by the database and by a draft."""
    event_id, subject = asked[place], SUBJECTS[place]
    with store.writing() as unit:
        expected = Background(
            unit.event(SOURCE, event_id),
            unit.episode(MANY[place]),
            unit.pseudonym(subject),
            unit.knows(NORTHMERE, subject),
            frozenset(map(unit.mailbox, {NORTHMERE, *unit.knows(NORTHMERE, subject)})),
        )
        assert unit.background(SOURCE, event_id, NORTHMERE, subject) == expected
        assert unit.background(SOURCE, event_id, "nobody", subject).known == set()
        assert unit.background(SOURCE, event_id, NORTHMERE, f"child/{MANY[place]}").episode is None
        batch = Draft(unit)
        assert Draft(batch).background(SOURCE, event_id, NORTHMERE, subject) == expected
        batch.put_episode(_episode(MANY[place], RiskLevel.LOW))
        batch.add_pseudonym(subject, "new name")
        batch.learn(NORTHMERE, subject, ["coast-health"])
        batch.put_mailbox(Mailbox("coast-health", 2, 40))
        batch.put_mailbox(Mailbox("another-council", 1, 7))
        batch.put_mailbox(Mailbox(NORTHMERE, 1, 6))
        changed = Draft(batch).background(SOURCE, event_id, NORTHMERE, subject)
        assert changed == Background(
            expected.event,
            _episode(MANY[place], RiskLevel.LOW),
            "new name",
            expected.known | {"coast-health"},
            expected.mailboxes - {Mailbox(NORTHMERE, 1, 5)}
            | {Mailbox("coast-health", 2, 40), Mailbox(NORTHMERE, 1, 6)},
        )


def test_one_event_costs_one_question(store: SqlStore, asked: list[str]) -> None:
    """Neither what is known nor what is not is asked for again, and the numbers that come next are known too."""
    with store.writing() as unit:
        event = unit.event(SOURCE, asked[0])
        assert event is not None
        batch: Any = Draft(unit)
        draft = Draft(batch)
        draft.prepare(SOURCE, NORTHMERE, ["never-sent"], [SUBJECTS[0]])
        with patch.object(SqlUnit, "_question", side_effect=AssertionError("asked again")):
            assert draft.event(SOURCE, "never-sent") is None
            assert draft.episode(MANY[0]) == _episode(MANY[0])
            assert draft.pseudonym(SUBJECTS[0]) == f"name of {SUBJECTS[0]}"
            assert draft.knows(NORTHMERE, SUBJECTS[0]) == {EASTVALE, HOME}
            written = {one.recipient: one for one in STANDING}
            assert draft.mailboxes_of([EASTVALE, HOME, NORTHMERE]) == written | {HOME: Mailbox(HOME, 1, 0)}
            unit.add_events([replace(event, id="sent-now")])
        assert unit.event(SOURCE, "sent-now") == replace(event, id="sent-now", order=7)


def test_what_was_read_together_is_not_asked_for_again(store: SqlStore, asked: list[str]) -> None:
    """Neither what is known nor what is not: a request of five hundred events costs a few questions."""

    class Silent:
        """A database that answers nothing one by one."""

        def __init__(self, unit: Any) -> None:
            self._unit = unit

        def __getattr__(self, name: str) -> Any:
            if name in {"event", "episode", "pseudonym", "knows"}:
                return lambda *_: pytest.fail(f"asked one by one: {name}")
            return getattr(self._unit, name)

    with store.writing() as unit:
        expected = _one_by_one(unit, asked)
        batch: Any = Draft(Silent(unit))  # type: ignore[arg-type]
        Draft(batch).prepare(SOURCE, NORTHMERE, asked, SUBJECTS)
        assert _one_by_one(Draft(batch), asked) == expected

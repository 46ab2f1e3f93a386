"""Found and not back: what each kind of finding does to the episode and to the interview's clock."""

from typing import Any

import pytest

from contracts.vocabulary import EpisodeStatus

FOUND = "2026-11-22T23:00:00Z"
NOT_BACK = [
    ("child.located_not_returning", {"located_at": FOUND, "reason": "refuses"}, "harbour-house"),
    ("child.detained", {"detained_at": FOUND, "ground": "arrest"}, "northmere-police"),
    ("child.admitted", {"admitted_at": FOUND}, "northmere-health"),
]
DIED = {"identified": True, "family_told": False, "found_at": FOUND}


@pytest.mark.parametrize(("type_", "data", "by"), NOT_BACK)
def test_a_child_found_and_not_back_starts_no_clock(night: Any, type_: str, data: dict[str, Any], by: str) -> None:
    """A child who refuses, is held or is in hospital is located; the 72 hours wait for the return."""
    episode = night.placed()
    step = night.say(by, type_, data, f"episode/{episode}")
    assert step.episode.status is EpisodeStatus.LOCATED
    assert step.episode.located_at.isoformat() == "2026-11-22T23:00:00+00:00"
    assert (step.episode.returned_at, step.episode.deadlines, step.derived) == (None, (), ())
    assert [one.type for one in night.returned(episode).derived] == ["concordat.rhi.due.v1"]


@pytest.mark.parametrize(("type_", "data", "by"), NOT_BACK)
def test_it_is_taken_after_closing_and_opens_nothing(night: Any, type_: str, data: dict[str, Any], by: str) -> None:
    """Police may have closed before: that the child is in hospital is still news, and the episode stays closed."""
    episode = night.placed()
    night.located(episode)
    night.well(episode)
    night.close(episode)
    assert night.say(by, type_, data, f"episode/{episode}").episode.status is EpisodeStatus.CLOSED


def test_a_hospital_on_its_own_word_is_heard(night: Any) -> None:
    """A ward that nobody has confirmed may say that the child is there: a fact needs a claimed role only."""
    episode = night.open(by="northmere-police")
    claim = {"involved": [{"agency": "northmere-health", "role": "health"}]}
    night.say("northmere-health", "involvement.added", claim, f"episode/{episode}")
    step = night.say("northmere-health", "child.admitted", {"admitted_at": FOUND}, f"episode/{episode}")
    assert step.episode.status is EpisodeStatus.LOCATED


def test_a_death_stops_the_clock_and_none_starts(night: Any) -> None:
    """Nobody is asked to interview a child who has died, not even by a return that is reported late."""
    episode = night.placed()
    night.returned(episode)
    step = night.say("northmere-police", "child.died", DIED, f"episode/{episode}")
    assert step.episode.died
    assert [one.state for one in step.episode.deadlines] == ["cancelled"]
    assert night.later(hours=100).tick(episode)[0].derived == ()
    assert night.returned(episode, "2026-11-23T02:00:00Z").derived == ()
    assert night.close(episode, "died").episode.status is EpisodeStatus.CLOSED


def test_until_it_is_certain_who_was_found_the_search_goes_on(night: Any) -> None:
    """A body that may be another's changes nothing: the child is still missing."""
    episode = night.placed()
    step = night.say("northmere-police", "child.died", DIED | {"identified": False}, f"episode/{episode}")
    assert (step.episode.status, step.episode.died, step.episode.located_at) == (EpisodeStatus.OPEN, False, None)


def test_a_death_is_said_by_a_confirmed_party(night: Any) -> None:
    """A force on its own word cannot say that a child has died."""
    episode = night.placed()
    claim = {"involved": [{"agency": "southfold-police", "role": "home_force"}]}
    night.say("southfold-police", "involvement.added", claim, f"episode/{episode}")
    assert night.refused("southfold-police", "child.died", DIED, f"episode/{episode}").slug == "not-entitled"


def test_an_offer_after_a_death_tells_nothing_of_it(night: Any) -> None:
    """An interviewer who has not been told of the death does not learn of it by a refusal."""
    episode = night.placed()
    before = night.say("eastvale-council", "rhi.offered", {"offered_at": FOUND}, f"episode/{episode}")
    night.say("northmere-police", "child.died", DIED, f"episode/{episode}")
    after = night.say("eastvale-council", "rhi.offered", {"offered_at": FOUND}, f"episode/{episode}")
    assert (after.warnings, after.derived) == (before.warnings, before.derived)

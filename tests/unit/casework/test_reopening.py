"""An episode open again, and one that should never have been."""

from typing import Any

import pytest

from contracts.vocabulary import EpisodeStatus

AGAIN = "2026-11-23T05:00:00Z"


def reopened(night: Any, episode: str, reason: str, **more: Any) -> Any:
    data = {"reopened_at": AGAIN, "reason": reason, **more}
    return night.say("northmere-police", "episode.reopened", data, f"episode/{episode}")


def refused(night: Any, episode: str, reason: str, by: str = "northmere-police") -> Any:
    return night.refused(by, "episode.reopened", {"reopened_at": AGAIN, "reason": reason}, f"episode/{episode}")


def test_a_child_who_goes_again_before_the_return_is_missing_again(night: Any) -> None:
    """Found and gone at the next crossing: the search goes on, and neither fact of the finding counts any more."""
    episode = night.placed()
    night.located(episode)
    night.well(episode)
    step = reopened(night, episode, "missing_again", missing_since="2026-11-23T00:30:00Z")
    assert step.episode.status is EpisodeStatus.OPEN
    assert (step.episode.located_at, step.episode.wellbeing_confirmed_at) == (None, None)
    assert step.episode.last_seen_at.isoformat() == "2026-11-23T00:30:00+00:00"
    data = {"closed_at": AGAIN, "reason": "located_and_well"}
    assert night.refused("northmere-police", "episode.closed", data, f"episode/{episode}").slug == "not-closable"


def test_a_child_who_had_come_back_is_reported_anew(night: Any) -> None:
    """Gone again after the return is another episode: the interview after this return stays due."""
    episode = night.placed()
    night.returned(episode)
    answer = refused(night, episode, "missing_again")
    assert (answer.status, answer.slug) == (409, "not-reopenable")
    assert "concordat.episode.opened.v1" in answer.detail
    assert [one.state for one in night.episodes[episode].deadlines] == ["running"]


def test_whoever_was_brought_back_was_another_child(night: Any) -> None:
    """A return of the wrong child is undone with its clock; the search may then be carried on as before."""
    episode = night.placed()
    night.returned(episode)
    night.well(episode)
    night.close(episode)
    step = reopened(night, episode, "located_in_error")
    assert (step.episode.status, step.episode.returned_at) == (EpisodeStatus.OPEN, None)
    assert [one.state for one in step.episode.deadlines] == ["cancelled"]
    assert night.later(hours=100).tick(episode)[0].derived == ()
    night.say("northmere-police", "risk.changed", {"risk": {"level": "high"}}, f"episode/{episode}")
    assert [one.type for one in night.returned(episode, "2026-11-23T08:00:00Z").derived] == ["concordat.rhi.due.v1"]


def test_a_death_that_was_another_childs_is_undone(night: Any) -> None:
    """The child is missing as before, and an interview falls due when they come back."""
    episode = night.placed()
    died = {"identified": True, "family_told": False}
    night.say("northmere-police", "child.died", died, f"episode/{episode}")
    assert not reopened(night, episode, "located_in_error").episode.died
    assert night.returned(episode, "2026-11-23T08:00:00Z").derived != ()


@pytest.mark.parametrize(
    ("facts", "status"),
    [((), EpisodeStatus.OPEN), (("located",), EpisodeStatus.LOCATED), (("returned",), EpisodeStatus.RETURNED)],
)
def test_what_was_closed_by_mistake_stands_as_before(night: Any, facts: tuple[str, ...], status: EpisodeStatus) -> None:
    """The facts that were known count again, and a clock that closing had stopped runs from the same return."""
    episode = night.placed()
    for fact in facts:
        getattr(night, fact)(episode)
    night.close(episode, "reported_in_error")
    step = reopened(night, episode, "closed_in_error")
    assert (step.episode.status, step.episode.closed_at, step.episode.closing_reason) == (status, None, None)
    began = [one.began_at for one in step.episode.deadlines if one.state == "running"]
    assert began == ([step.episode.returned_at] if "returned" in facts else [])
    assert [one.type for one in step.derived] == ["concordat.rhi.due.v1"] * len(began)


def test_a_clock_that_had_run_out_does_not_start_again(night: Any) -> None:
    """Reopening a mistaken closing does not give the authority another 72 hours."""
    episode = night.placed()
    night.returned(episode)
    night.later(days=5).tick(episode)
    night.close(episode, "reported_in_error")
    step = reopened(night, episode, "closed_in_error")
    assert ([one.state for one in step.episode.deadlines], step.derived) == (["reached"], ())


def test_only_the_owning_force_opens_again_and_only_what_is_not_open(night: Any) -> None:
    """The authority asks the force; an open episode has nothing to open."""
    episode = night.placed()
    assert refused(night, episode, "closed_in_error").slug == "not-reopenable"
    night.located(episode)
    assert refused(night, episode, "located_in_error", by="eastvale-council").slug == "not-entitled"


def cancelled(night: Any, episode: str) -> Any:
    data = {"cancelled_at": AGAIN, "reason": "whereabouts_known"}
    return night.say("northmere-police", "episode.cancelled", data, f"episode/{episode}")


def test_a_cancelled_episode_leaves_nothing_to_search_or_to_interview(night: Any) -> None:
    """It counts as reported in error: needs no fact, stops the clock, and lets an open offer lapse."""
    episode = night.placed()
    night.returned(episode)
    night.offer(episode)
    step = cancelled(night, episode)
    assert (step.episode.status, step.episode.closing_reason) == (EpisodeStatus.CLOSED, "reported_in_error")
    assert [one.type for one in step.derived] == ["concordat.handover.lapsed.v1"]
    assert [one.state for one in step.episode.deadlines] == ["cancelled"]
    assert night.returned(episode, "2026-11-23T02:00:00Z").derived == ()


def test_a_closed_episode_can_still_turn_out_a_mistake(night: Any) -> None:
    """The interview that was due after a closing is due no more once the whole episode was an error."""
    episode = night.placed()
    night.returned(episode)
    night.well(episode)
    night.close(episode)
    assert [one.state for one in cancelled(night, episode).episode.deadlines] == ["cancelled"]

"""The way of an episode from open to closed, and what a closed one still takes."""

from typing import Any

import pytest

from broker.casework import Episode, facts_for, recipients
from contracts.catalogue import CATALOGUE
from contracts.examples import examples_of
from contracts.vocabulary import EpisodeStatus, HandoverStage, Jurisdiction, Stage, Standing


def at(hour: int, minute: int = 0) -> str:
    return f"2026-11-22T{hour:02}:{minute:02}:00+00:00"


def test_an_opening_keeps_codes_and_times_and_nothing_personal(night: Any) -> None:
    """What the core keeps of a report is levels and times; the child's name and story are nowhere in it."""
    episode = night.open(
        by="northmere-police",
        jurisdiction="wales",
        risk={"level": "medium"},
        intervention_level=2,
        last_seen={"at": at(19)},
        protected_whereabouts=True,
        circumstances={"text": "Went to the invented fair."},
    )
    stored = night.episodes[episode].to_json()
    assert (stored["jurisdiction"], stored["risk"], stored["intervention_level"]) == ("wales", "medium", 2)
    assert (stored["last_seen_at"], stored["flagged"], stored["status"]) == (at(19), True, "open")
    assert "fair" not in str(stored)


def test_risk_changes_and_a_level_that_was_not_sent_stays(night: Any) -> None:
    """A new assessment replaces the old and leaves the intervention level alone."""
    episode = night.open(by="northmere-police", risk={"level": "low"}, intervention_level=2)
    step = night.say("northmere-police", "risk.changed", {"risk": {"level": "high"}}, f"episode/{episode}")
    assert (step.episode.risk, step.episode.intervention_level) == ("high", 2)


def test_found_is_not_returned_and_not_well(night: Any) -> None:
    """Being found moves the episode to located and settles neither of the other two facts."""
    step = night.located(night.placed())
    assert step.episode.status is EpisodeStatus.LOCATED
    assert step.episode.returned_at is None
    assert step.episode.wellbeing_confirmed_at is None
    assert step.derived == ()


def test_reports_out_of_order_are_taken_as_they_come(night: Any) -> None:
    """Returned first and located after: the child stays returned, and was found at the earlier time."""
    episode = night.placed()
    assert night.returned(episode).episode.located_at.isoformat() == "2026-11-23T00:00:00+00:00"
    step = night.located(episode)
    assert step.episode.status is EpisodeStatus.RETURNED
    assert step.episode.located_at.isoformat() == at(23)
    later = night.say("harbour-house", "child.located", {"located_at": at(23, 30)}, f"episode/{episode}")
    assert later.episode.located_at.isoformat() == at(23)


@pytest.mark.parametrize(
    ("facts", "named", "unnamed"),
    [
        ((), ("located", "wellbeing"), ()),
        (("located",), ("wellbeing",), ("located",)),
        (("well",), ("located",), ("wellbeing",)),
    ],
)
def test_closing_needs_both_facts_and_says_which_is_missing(
    night: Any, facts: tuple[str, ...], named: tuple[str, ...], unnamed: tuple[str, ...]
) -> None:
    """A child who is not both located and confirmed well, or otherwise, is still missing."""
    episode = night.placed()
    for fact in facts:
        getattr(night, fact)(episode)
    data = {"closed_at": at(23), "reason": "located_and_well"}
    refused = night.refused("northmere-police", "episode.closed", data, f"episode/{episode}")
    assert (refused.status, refused.slug) == (409, "not-closable")
    assert all(f"concordat.{'child' if one == 'located' else one}." in refused.detail for one in named)
    assert not any(f"concordat.{'child' if one == 'located' else one}." in refused.detail for one in unnamed)


@pytest.mark.parametrize("reason", ["reported_in_error", "died"])
def test_an_error_and_a_death_need_neither_fact(night: Any, reason: str) -> None:
    """There was nobody to find, or nobody to find well; and no interview is left to hold."""
    episode = night.placed()
    night.returned(episode)
    step = night.close(episode, reason)
    assert step.episode.status is EpisodeStatus.CLOSED
    assert [one.state for one in step.episode.deadlines] == ["cancelled"]
    assert night.returned(episode, "2026-11-23T02:00:00Z").derived == ()


ENQUIRY = "01JD6QK3Z8T0V5W2N4Y6B8C0EQ"


def closed(night: Any) -> str:
    episode = night.placed()
    night.located(episode)
    night.well(episode)
    assert night.close(episode).episode.status is EpisodeStatus.CLOSED
    return episode


def test_only_the_owning_force_closes(night: Any) -> None:
    """The responsible authority cannot end the search."""
    episode = night.placed()
    night.located(episode)
    night.well(episode)
    data = {"closed_at": at(23), "reason": "located_and_well"}
    assert night.refused("eastvale-council", "episode.closed", data, f"episode/{episode}").slug == "not-entitled"


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("risk.changed", {"risk": {"level": "high"}}),
        ("handover.offered", {"to": "southfold-police"}),
        ("child.located", {"located_at": at(23)}),
        ("episode.closed", {"closed_at": at(23), "reason": "located_and_well"}),
        ("sighting.reported", {"certainty": "possible"}),
        ("enquiry.requested", {"enquiry_id": ENQUIRY, "task": {"text": "x"}, "assignee": "eastvale-council"}),
        ("publicity.authorised", {"authorised_at": at(22), "authorised_by": {}, "channels": ["police_site"]}),
    ],
)
def test_a_closed_episode_refuses_the_search(night: Any, type_: str, data: dict[str, Any]) -> None:
    """What would carry the search on is refused, with what to do."""
    refused = night.refused("northmere-police", type_, data, f"episode/{closed(night)}")
    assert (refused.status, refused.slug) == (409, "episode-closed")


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("enquiry.completed", {"enquiry_id": ENQUIRY, "completed_at": at(22), "outcome": "overtaken"}),
        ("information.shared", {"information": {"text": "The bus company has a recording."}}),
        ("information.withheld", {"decided_at": at(22), "ground": "child_objects"}),
        ("strategy_meeting.held", {"held_at": at(22)}),
        ("risk.assessed", {"risk": {"level": "low"}}),
        ("publicity.withdrawn", {"withdrawn_at": at(22)}),
        ("national_unit.notified", {"unit": "uk_missing_persons_unit", "notice": "located", "notified_at": at(22)}),
    ],
)
def test_what_is_learned_after_closing_is_not_refused(night: Any, type_: str, data: dict[str, Any]) -> None:
    """A picture must come down, a late answer be heard, a decision be recorded: none of them opens the search again."""
    episode = closed(night)
    before = night.episodes[episode]
    assert night.say("northmere-police", type_, data, f"episode/{episode}").episode == before


def test_a_closed_episode_goes_on_to_its_aftercare(night: Any) -> None:
    """Police close before the interview: the return starts the clock, new parties join, the interview is recorded."""
    episode = closed(night)
    step = night.returned(episode)
    assert [one.type for one in step.derived] == ["concordat.rhi.due.v1"]
    assert step.episode.status is EpisodeStatus.CLOSED
    night.well(episode)
    data = {"involved": [{"agency": "bright-path", "role": "interview_provider"}]}
    night.say("bright-path", "involvement.added", data, f"episode/{episode}")
    assert night.say("eastvale-council", "involvement.confirmed", data, f"episode/{episode}").joined == ("bright-path",)
    step = night.say("bright-path", "rhi.completed", {"completed_at": "2026-11-24T10:00:00Z"}, f"episode/{episode}")
    assert [one.state for one in step.episode.deadlines] == ["met"]
    assert step.episode.status is EpisodeStatus.CLOSED


def test_an_open_offer_lapses_when_the_episode_closes(night: Any) -> None:
    """A closed episode is handed to nobody: the offer ends, and the force that was asked hears no more of it."""
    episode = night.placed()
    night.offer(episode, expires_at="2026-11-23T09:00:00Z")
    night.located(episode)
    night.well(episode)
    step = night.close(episode)
    assert step.handover_changed
    assert [(one.type, one.controller) for one in step.derived] == [
        ("concordat.handover.lapsed.v1", "northmere-police")
    ]
    assert step.episode.handover.stage is HandoverStage.LAPSED
    assert "southfold-police" not in night.told(episode)
    assert [one.state for one in step.episode.deadlines] == ["cancelled"]


def test_the_facts_that_a_clause_may_read(night: Any) -> None:
    """A clause reads status, risk, level, jurisdiction, last sighting, handover and how the recipient stands to it."""
    handle = night.place(("harbour-house", "care_provider"))
    episode = night.open(
        handle=handle, risk={"level": "high"}, intervention_level=3, jurisdiction="wales", last_seen={"at": at(20)}
    )
    night.offer(episode)
    stands = {one.agency_id: one for one in recipients(night.episodes[episode], night)}
    facts = facts_for(night.episodes[episode], stands["southfold-police"], night.now)
    assert (facts.episode, facts.risk, facts.intervention_level) == ("open", "high", 3)
    assert (facts.jurisdiction, facts.handover) == (Jurisdiction.WALES, HandoverStage.OFFERED)
    assert facts.recipient_is == {Standing.OFFERED}
    assert facts.hours_since_last_seen() == 1
    nothing = facts_for(None, stands["harbour-house"], night.now)
    assert (nothing.episode, nothing.recipient_is) == (None, {Standing.CARING})


GOES_ON = sorted(
    contract.type
    for contract in CATALOGUE.values()
    if not contract.derived
    and not contract.about_child
    and contract.stage in (Stage.INTERVIEW, Stage.AFTERCARE, Stage.GOVERNANCE)
)


@pytest.mark.parametrize("event_type", GOES_ON)
def test_interview_aftercare_and_putting_right_go_on_after_closing(night: Any, event_type: str) -> None:
    """Closing ends the search and nothing else: every type of these stages is taken by a closed episode."""
    handle = night.place(
        ("harbour-house", "care_provider"), ("northmere-health", "health"), ("bright-path", "interview_provider")
    )
    episode = night.open(handle=handle)
    night.located(episode)
    night.well(episode)
    night.close(episode)
    data = examples_of(event_type).minimal["data"]
    type_ = event_type.removeprefix("concordat.").removesuffix(".v1")
    step = night.say("eastvale-council", type_, data, f"episode/{episode}")
    assert step.episode.status is EpisodeStatus.CLOSED


def test_an_episode_kept_by_an_earlier_release_is_read(night: Any) -> None:
    """What a row of before lacks has not happened: nobody barred, nothing tried, no death."""
    episode = night.episodes[night.placed()]
    stored = episode.to_json()
    for name in ("barred", "approaches", "died"):
        del stored[name]
    assert Episode.from_json(stored) == episode

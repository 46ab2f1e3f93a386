"""Offering the interview as often as it takes: each step is recorded, and only an interview stops the clock."""

from typing import Any

from broker.casework import Advance

AT = "2026-11-23T12:00:00Z"


def say(night: Any, episode: str, type_: str, by: str = "eastvale-council", **data: Any) -> Advance:
    step: Advance = night.say(by, f"rhi.{type_}", data, f"episode/{episode}")
    return step


def test_nothing_but_an_interview_stops_the_clock(night: Any) -> None:
    """Offered, declined, offered again, accepted and not held: after 72 hours the interview is overdue."""
    episode = night.placed()
    night.returned(episode)
    say(night, episode, "offered", offered_at=AT, offer_number=1)
    say(night, episode, "declined", declined_at=AT, offer_again_at="2026-11-24T12:00:00Z")
    say(night, episode, "offered", offered_at="2026-11-24T12:00:00Z", offer_number=2)
    say(night, episode, "accepted", accepted_at="2026-11-24T13:00:00Z")
    step = say(night, episode, "attempted", attempted_at="2026-11-25T12:00:00Z", outcome="not_there")
    tried = step.episode.approaches
    assert (tried.offers, tried.declines, tried.attempts) == (2, 1, 1)
    assert tried.accepted_at.isoformat() == "2026-11-24T13:00:00+00:00"
    assert [one.state for one in step.episode.deadlines] == ["running"]
    (step,) = night.later(hours=80).tick(episode)
    assert [one.data["stage"] for one in step.derived] == ["reached"]


def test_a_child_who_declines_is_not_closed(night: Any) -> None:
    """A no is kept with the time of the next offer; that offer takes its place, and a later yes counts."""
    episode = night.placed()
    night.returned(episode)
    step = say(night, episode, "declined", declined_at=AT, offer_again_at="2026-11-24T12:00:00Z")
    assert step.episode.approaches.offer_again_at is not None
    assert say(night, episode, "offered", offered_at=AT).episode.approaches.offer_again_at is None
    step = say(night, episode, "completed", completed_at="2026-11-24T16:00:00Z")
    assert [one.state for one in step.episode.deadlines] == ["met"]


def test_offers_go_on_after_closing(night: Any) -> None:
    """Police close before the interview, and the offers are not search."""
    episode = night.placed()
    night.returned(episode)
    night.well(episode)
    night.close(episode)
    assert say(night, episode, "offered", offered_at=AT).episode.approaches.offers == 1


def test_the_carer_may_offer_and_a_claimed_provider_may_not(night: Any) -> None:
    """Whoever the child trusts may ask; somebody whom nobody has confirmed may not record that they did."""
    episode = night.placed()
    assert say(night, episode, "offered", by="harbour-house", offered_at=AT).episode.approaches.offers == 1
    claim = {"involved": [{"agency": "bright-path", "role": "interview_provider"}]}
    night.say("bright-path", "involvement.added", claim, f"episode/{episode}")
    assert night.refused("bright-path", "rhi.offered", {"offered_at": AT}, f"episode/{episode}").slug == "not-entitled"


def test_the_responsible_authority_says_whose_the_interview_is(night: Any) -> None:
    """Out of area the clock passes to whoever agreed to hold it, by the word of the authority whose duty it is."""
    episode = night.placed()
    night.returned(episode)
    involved = {"involved": [{"agency": "bright-path", "role": "interview_provider"}]}
    night.say("eastvale-council", "involvement.confirmed", involved, f"episode/{episode}")
    duty = {"owner": "bright-path", "basis": "provider_commissioned"}
    step = say(night, episode, "offered", by="harbour-house", offered_at=AT, duty=duty)
    assert step.episode.deadlines[0].owner == "eastvale-council"
    step = say(night, episode, "offered", offered_at=AT, duty={"owner": "tall-trees"})
    assert step.episode.deadlines[0].owner == "eastvale-council"
    step = say(night, episode, "offered", offered_at=AT, duty=duty)
    assert step.episode.deadlines[0].owner == "bright-path"

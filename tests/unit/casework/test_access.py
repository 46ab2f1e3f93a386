"""An agency barred from a child hears nothing, in no episode and by no way, until it is let in again."""

from typing import Any

import pytest

from broker.casework import Placement, recipients
from broker.casework.access import under_bars

BY = {"name": "A. Invented", "post": "head of safeguarding"}
RESTRICTED, LIFTED = "access.restricted", "access.lifted"


def restricted(agency: str = "harbour-house") -> dict[str, Any]:
    return {"agency": agency, "restricted_at": "2026-11-22T20:00:00Z", "ground": "allegation", "restricted_by": BY}


def lifted(agency: str = "harbour-house") -> dict[str, Any]:
    return {"agency": agency, "lifted_at": "2026-11-22T20:30:00Z", "lifted_by": BY}


def test_the_bar_holds_from_the_event_that_makes_it(night: Any) -> None:
    """The barred agency is not told of the bar either; whoever else is involved is as before."""
    episode = night.placed()
    step = night.say("eastvale-council", RESTRICTED, restricted(), f"episode/{episode}")
    heard = {one.agency_id for one in recipients(step.episode, night)}
    assert heard == {"eastvale-council", "northmere-health", "northmere-police"}
    assert "harbour-house" not in night.told(episode)


def test_the_bar_is_on_the_child_in_every_episode(night: Any) -> None:
    """Said in one episode, it holds in the record, in the next episode and in what is said of the child."""
    handle = night.place(("harbour-house", "care_provider"), ("northmere-health", "health"))
    first, second = night.open(handle=handle), night.open(handle=handle)
    night.say("northmere-police", RESTRICTED, restricted(), f"episode/{first}")
    assert "harbour-house" not in {one.agency_id for one in recipients(night.placements[handle], night)}
    night.say("northmere-police", "risk.changed", {"risk": {"level": "high"}}, f"episode/{second}")
    assert "harbour-house" not in night.told(second)
    assert "harbour-house" not in night.told(night.open(by="eastvale-council", handle=handle))


def test_a_bar_on_the_child_is_not_waited_for(night: Any) -> None:
    """Barred since the episode's last event: the clock's own notice does not reach the agency either."""
    handle = night.place(("harbour-house", "care_provider"))
    episode = night.open(handle=handle)
    night.say("eastvale-council", RESTRICTED, restricted(), f"child/{handle}")
    assert "harbour-house" in night.told(episode)
    under = under_bars(night.episodes[episode], night.placements[handle])
    assert "harbour-house" not in {one.agency_id for one in recipients(under, night)}


def test_a_new_record_does_not_lift_the_bar(night: Any) -> None:
    """A placement that is notified anew names the agency again, and it stays barred."""
    handle = night.place(("harbour-house", "care_provider"))
    night.say("eastvale-council", RESTRICTED, restricted(), f"child/{handle}")
    data = {
        "child": {"local_reference": "invented-7"},
        "placement": {"began_at": "2026-11-22T00:00:00Z"},
        "involved": [{"agency": "harbour-house", "role": "care_provider"}],
    }
    night.say("eastvale-council", "placement.notified", data, f"child/{handle}")
    assert night.placements[handle].barred == {"harbour-house"}
    assert Placement.from_json(night.placements[handle].to_json()) == night.placements[handle]


def test_whoever_is_let_in_again_is_owed_what_it_missed(night: Any) -> None:
    """Lifted for the child, the agency hears from the next event on, and is given the history as one that joins."""
    handle = night.place(("harbour-house", "care_provider"))
    episode = night.open(handle=handle)
    night.say("eastvale-council", RESTRICTED, restricted(), f"episode/{episode}")
    assert night.located(episode).joined == ()
    night.say("eastvale-council", LIFTED, lifted(), f"child/{handle}")
    step = night.say("northmere-police", "risk.changed", {"risk": {"level": "low"}}, f"episode/{episode}")
    assert step.joined == ("harbour-house",)
    assert "harbour-house" in night.confirmed(episode)


def test_a_confirmation_does_not_open_what_is_barred(night: Any) -> None:
    """The force that has not read of the bar confirms the charity: it is involved, and hears nothing."""
    episode = night.placed()
    night.say("eastvale-council", RESTRICTED, restricted("bright-path"), f"episode/{episode}")
    involved = {"involved": [{"agency": "bright-path", "role": "charity"}]}
    step = night.say("northmere-police", "involvement.confirmed", involved, f"episode/{episode}")
    assert step.joined == ()
    assert "bright-path" not in night.told(episode)


def test_an_episode_without_a_record_has_bars_of_its_own(night: Any) -> None:
    """A child who lives at home has no placement record; the owning force bars the agency in the episode."""
    episode = night.open(by="northmere-police", involved=[{"agency": "bright-path", "role": "charity"}])
    night.say("northmere-police", RESTRICTED, restricted("bright-path"), f"episode/{episode}")
    night.say("northmere-police", "risk.changed", {"risk": {"level": "low"}}, f"episode/{episode}")
    assert "bright-path" not in night.told(episode)
    night.say("northmere-police", LIFTED, lifted("bright-path"), f"episode/{episode}")
    assert "bright-path" in night.told(episode)


@pytest.mark.parametrize(
    ("by", "agency"),
    [
        ("eastvale-council", "northmere-police"),
        ("northmere-police", "eastvale-council"),
        ("eastvale-council", "eastvale-council"),
    ],
)
def test_nobody_locks_out_whoever_answers_for_the_child(night: Any, by: str, agency: str) -> None:
    """Neither of the two bars the other, nor itself: somebody must hear."""
    refused = night.refused(by, RESTRICTED, restricted(agency), f"episode/{night.placed()}")
    assert (refused.status, refused.pointer) == (422, "/data/agency")


def test_a_carer_bars_nobody(night: Any) -> None:
    """A bar is decided by the responsible authority or the owning force, about an episode and about a child."""
    handle = night.place(("harbour-house", "care_provider"), ("northmere-health", "health"))
    for subject in (f"episode/{night.open(handle=handle)}", f"child/{handle}"):
        refused = night.refused("harbour-house", RESTRICTED, restricted("northmere-health"), subject)
        assert refused.slug == "not-entitled"


def test_no_bar_leaves_a_missing_child_without_a_force(night: Any) -> None:
    """Barred from a child in care, the force of the area is still told when the child goes missing there."""
    handle = night.place(("harbour-house", "care_provider"))
    night.say("eastvale-council", RESTRICTED, restricted("northmere-police"), f"child/{handle}")
    episode = night.open(handle=handle)
    assert "northmere-police" in night.confirmed(episode)


def test_an_episode_does_not_pass_to_a_barred_force(night: Any) -> None:
    """It is not offered to one, and one that is barred while it thinks about an offer has none any more."""
    handle = night.place(("harbour-house", "care_provider"))
    episode = night.open(handle=handle)
    night.offer(episode)
    night.say("eastvale-council", RESTRICTED, restricted("southfold-police"), f"child/{handle}")
    assert night.refused("southfold-police", "handover.accepted", {}, f"episode/{episode}").slug == "no-open-offer"
    other = night.open(handle=handle)
    refused = night.refused("northmere-police", "handover.offered", {"to": "southfold-police"}, f"episode/{other}")
    assert (refused.status, refused.pointer) == (422, "/data/to")

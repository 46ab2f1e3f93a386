"""From one force to another: the offering force owns until the other accepts."""

from typing import Any

import pytest

from contracts.vocabulary import HandoverStage

NO = {"reason": {"text": "Not ours."}}


def test_an_offer_changes_no_owner_and_owes_no_history(night: Any) -> None:
    """The force that is asked hears of the offer as the offered one; Northmere goes on owning."""
    episode = night.placed()
    step = night.offer(episode)
    assert step.handover_changed
    assert (step.episode.owner, step.joined) == ("northmere-police", ())
    assert night.told(episode)["southfold-police"] == ({"receiving_force"}, True, {"offered"})


def test_accepting_makes_one_new_owner_who_is_owed_the_history(night: Any) -> None:
    """Southfold owns, Northmere becomes the home force, and only Southfold has joined."""
    episode = night.placed()
    night.offer(episode, expires_at="2026-11-23T09:00:00Z")
    step = night.say("southfold-police", "handover.accepted", {}, f"episode/{episode}")
    assert (step.episode.owner, step.joined, step.handover_changed) == ("southfold-police", ("southfold-police",), True)
    assert night.told(episode)["southfold-police"] == ({"owning_force"}, True, {"owning"})
    assert night.told(episode)["northmere-police"] == ({"home_force"}, True, set())
    assert [one.state for one in step.episode.deadlines] == ["met"]
    assert night.later(days=2).tick(episode)[0].derived == ()


def test_a_force_that_took_part_before_is_owed_the_history_on_accepting(night: Any) -> None:
    """A home force that accepts is entitled to more than it was told: the history is owed again."""
    episode = night.placed()
    data = {"involved": [{"agency": "southfold-police", "role": "home_force"}]}
    night.say("eastvale-council", "involvement.confirmed", data, f"episode/{episode}")
    night.offer(episode)
    step = night.say("southfold-police", "handover.accepted", {}, f"episode/{episode}")
    assert step.joined == ("southfold-police",)


def test_an_episode_can_be_handed_back(night: Any) -> None:
    """There and back again, there is one owner at each point."""
    episode = night.placed()
    night.offer(episode)
    night.say("southfold-police", "handover.accepted", {}, f"episode/{episode}")
    night.offer(episode, to="northmere-police", by="southfold-police")
    step = night.say("northmere-police", "handover.accepted", {}, f"episode/{episode}")
    assert step.episode.owner == "northmere-police"
    owners = [agency for agency, (roles, _, _) in night.told(episode).items() if "owning_force" in roles]
    assert owners == ["northmere-police"]


def test_declining_ends_the_part_of_the_force_that_was_asked(night: Any) -> None:
    """After a decline Southfold hears nothing more, and the episode can be offered again."""
    episode = night.placed()
    night.offer(episode)
    step = night.say("southfold-police", "handover.declined", NO, f"episode/{episode}")
    assert (step.episode.owner, step.episode.handover.stage) == ("northmere-police", HandoverStage.DECLINED)
    assert "southfold-police" not in night.told(episode)
    assert night.offer(episode).episode.handover.stage is HandoverStage.OFFERED


def test_an_offer_that_nobody_answers_lapses_once(night: Any) -> None:
    """When its time comes the hub says so in the offering force's name; asking again changes nothing."""
    episode = night.placed()
    step = night.offer(episode, expires_at="2026-11-23T09:00:00Z")
    (deadline,) = step.episode.deadlines
    assert (deadline.kind, deadline.owner, deadline.controller) == (
        "handover_offer",
        "southfold-police",
        "northmere-police",
    )
    assert night.later(hours=11, minutes=59).tick(episode)[0].derived == ()
    (lapse,) = night.later(minutes=1).tick(episode)
    assert lapse.handover_changed
    assert [(one.type, one.controller) for one in lapse.derived] == [
        ("concordat.handover.lapsed.v1", "northmere-police")
    ]
    assert lapse.derived[0].data == {"to": "southfold-police", "offered_at": "2026-11-22T21:00:00.000Z"}
    assert lapse.episode.handover.stage is HandoverStage.LAPSED
    assert "southfold-police" not in night.told(episode)
    (again,) = night.tick(episode)
    assert (again.episode, again.derived, again.handover_changed) == (lapse.episode, (), False)
    refused = night.refused("southfold-police", "handover.accepted", {}, f"episode/{episode}")
    assert (refused.status, refused.slug) == (409, "no-open-offer")


@pytest.mark.parametrize("to", ["far-police", "eastvale-council", "northmere-police"])
def test_an_episode_is_offered_to_another_registered_force(night: Any, to: str) -> None:
    """Not to a force that the hub does not know, not to a council, not to oneself."""
    refused = night.refused("northmere-police", "handover.offered", {"to": to}, f"episode/{night.placed()}")
    assert (refused.status, refused.pointer) == (422, "/data/to")


def test_an_offer_that_has_expired_is_not_made(night: Any) -> None:
    """An expired offer would tell a force of a child and take it back at once."""
    data = {"to": "southfold-police", "expires_at": "2026-11-22T20:59:59Z"}
    refused = night.refused("northmere-police", "handover.offered", data, f"episode/{night.placed()}")
    assert (refused.status, refused.pointer) == (422, "/data/expires_at")


def test_one_offer_at_a_time(night: Any) -> None:
    """A second offer waits for the first one's answer."""
    episode = night.placed()
    night.offer(episode)
    refused = night.refused("northmere-police", "handover.offered", {"to": "southfold-police"}, f"episode/{episode}")
    assert (refused.status, refused.slug) == (409, "handover-pending")


@pytest.mark.parametrize("offering", [True, False])
def test_nobody_answers_an_offer_that_was_not_made_to_them(night: Any, offering: bool) -> None:
    """A force on its own word as receiving force takes over nothing, and learns nothing of an offer to another."""
    episode = night.placed()
    night.agencies["far-police"] = night.agencies["southfold-police"].__class__(
        "far-police", "Far Police", night.agencies["southfold-police"].kind
    )
    claim = {"involved": [{"agency": "far-police", "role": "receiving_force"}]}
    night.say("far-police", "involvement.added", claim, f"episode/{episode}")
    if offering:
        night.offer(episode)
    refused = night.refused("far-police", "handover.accepted", {}, f"episode/{episode}")
    assert (refused.status, refused.slug) == (403, "not-entitled")
    assert night.episodes[episode].owner == "northmere-police"


def test_a_force_without_the_episode_does_not_offer_it(night: Any) -> None:
    """Once it has passed the old owner cannot offer it again."""
    episode = night.placed()
    night.offer(episode)
    night.say("southfold-police", "handover.accepted", {}, f"episode/{episode}")
    refused = night.refused("northmere-police", "handover.offered", {"to": "southfold-police"}, f"episode/{episode}")
    assert refused.slug == "not-entitled"

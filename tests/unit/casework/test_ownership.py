"""Which force owns an episode: by record or configured area, never by the reporter's word."""

from dataclasses import replace
from typing import Any


def owner(night: Any, episode: str) -> str | None:
    return night.episodes[episode].owner


def test_the_force_that_the_record_names_owns(night: Any) -> None:
    """The record's own word comes before any area."""
    handle = night.place(("harbour-house", "care_provider"), ("southfold-police", "owning_force"))
    assert owner(night, night.open(handle=handle)) == "southfold-police"


def test_the_area_of_the_placement_comes_before_the_reporters(night: Any) -> None:
    """A child placed in Southfold's area is Southfold's, though the home that reports lies in Northmere's."""
    handle = night.place(("harbour-house", "care_provider"), area="E06000902")
    assert owner(night, night.open(handle=handle)) == "southfold-police"


def test_the_reporters_configured_area_decides_without_a_record(night: Any) -> None:
    """Without a record the reporter's own area decides, and its word about another force does not."""
    episode = night.open(involved=[{"agency": "southfold-police", "role": "owning_force"}])
    assert owner(night, episode) == "northmere-police"
    assert night.told(episode)["southfold-police"] == ({"owning_force"}, False, set())


def test_a_force_owns_what_it_opens(night: Any) -> None:
    """A force's own areas are its own."""
    assert owner(night, night.open(by="southfold-police")) == "southfold-police"


def test_nobody_owns_and_somebody_must_ring(night: Any) -> None:
    """A reporter with no area gets its episode, without owner and with a warning; the authority can name the force."""
    handle = night.place(("bright-path", "charity"), area=None)
    id_ = night.new_id()
    step = night.say("bright-path", "episode.opened", {"child": {"handle": handle}}, f"episode/{id_}")
    assert step.episode.owner is None
    assert [one.code for one in step.warnings] == ["no_owning_force"]
    data = {"involved": [{"agency": "southfold-police", "role": "owning_force"}]}
    step = night.say("eastvale-council", "involvement.confirmed", data, f"episode/{id_}")
    assert step.episode.owner == "southfold-police"
    assert step.joined == ("southfold-police",)
    assert night.told(id_)["southfold-police"] == ({"owning_force"}, True, {"owning"})


def test_a_record_cannot_move_a_running_episode_to_another_force(night: Any) -> None:
    """Once owned, an episode passes by handover: a changed record leaves a claim and no second owner."""
    handle = night.place(("harbour-house", "care_provider"))
    episode = night.open(handle=handle)
    data = {
        "child": {"local_reference": "invented-7"},
        "placement": {"began_at": "2026-11-22T00:00:00Z"},
        "involved": [{"agency": "southfold-police", "role": "owning_force"}],
    }
    night.say("eastvale-council", "placement.notified", data, f"child/{handle}")
    night.located(episode)
    assert owner(night, episode) == "northmere-police"
    assert night.told(episode)["southfold-police"] == ({"owning_force"}, False, set())


def test_an_unknown_or_unfit_force_does_not_own(night: Any) -> None:
    """A force that the hub does not know leaves the next rule to decide, and so does a misconfigured area."""
    handle = night.place(("harbour-house", "care_provider"), ("far-police", "owning_force"))
    episode = night.open(handle=handle)
    assert owner(night, episode) == "northmere-police"
    assert night.told(episode)["far-police"][1] is False
    night.forces["E06000901"] = "westmoor-council"
    assert owner(night, night.open()) is None


def test_a_reporter_across_two_forces_is_warned(night: Any) -> None:
    """A charity that works in both areas is told to make sure."""
    both = frozenset({"E06000901", "E06000902"})
    night.agencies["bright-path"] = replace(night.agencies["bright-path"], areas=both)
    step = night.say("bright-path", "episode.opened", {"child": {}}, f"episode/{night.new_id()}")
    assert step.episode.owner == "northmere-police"
    assert [one.code for one in step.warnings] == ["ambiguous_owning_force"]

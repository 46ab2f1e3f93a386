"""The standing placement record."""

from typing import Any

import pytest

from broker.casework import Placement, recipients

RECORD = {"child": {"local_reference": "invented-7"}, "placement": {"began_at": "2026-09-01T00:00:00Z"}, "involved": []}


def test_only_a_local_authority_keeps_placement_records(night: Any) -> None:
    """A children's home cannot make itself a child's authority by filing a record."""
    refused = night.refused("harbour-house", "placement.notified", RECORD, None)
    assert (refused.status, refused.slug) == (403, "not-entitled")


def test_a_handle_is_given_and_a_record_replaced_by_its_keeper(night: Any) -> None:
    """The hub gives the handle; the newer record of the same keeper takes the older one's place."""
    handle = night.place(("harbour-house", "care_provider"))
    step = night.say("eastvale-council", "placement.notified", RECORD, f"child/{handle}")
    assert step.placement.handle == handle
    assert step.placement.involved == ()
    assert list(night.placements) == [handle]
    assert step.episode is None


def test_another_authority_cannot_take_a_record_over(night: Any) -> None:
    """Westmoor cannot replace Eastvale's record and become the child's authority."""
    handle = night.place(("harbour-house", "care_provider"))
    refused = night.refused("westmoor-council", "placement.notified", RECORD, f"child/{handle}")
    assert refused.status == 409
    assert night.placements[handle].responsible == "eastvale-council"


@pytest.mark.parametrize(
    ("pairs", "index"),
    [
        ([("harbour-house", "care_provider"), ("westmoor-council", "responsible_authority")], 1),
        ([("harbour-house", "owning_force")], 0),
        ([("southfold-police", "receiving_force")], 0),
        ([("northmere-police", "owning_force"), ("southfold-police", "owning_force")], 1),
    ],
)
def test_a_record_that_cannot_be_is_refused_at_its_place(night: Any, pairs: list[tuple[str, str]], index: int) -> None:
    """Another authority, an unfit body, a receiving force or a second owner is pointed at."""
    data = RECORD | {"involved": [{"agency": agency, "role": role} for agency, role in pairs]}
    refused = night.refused("eastvale-council", "placement.notified", data, None)
    assert (refused.status, refused.pointer) == (422, f"/data/involved/{index}/role")


def test_a_record_tells_those_in_it(night: Any) -> None:
    """Before anything happens the record concerns its authority and whom it names, an unlisted school too."""
    record = night.placements[night.place(("harbour-house", "care_provider"), ("hill-school", "education"))]
    assert [(one.agency_id, one.confirmed, set(one.standing)) for one in recipients(record, night)] == [
        ("eastvale-council", True, {"responsible"}),
        ("harbour-house", True, {"caring"}),
        ("hill-school", True, set()),
    ]


def test_a_record_comes_back_from_storage_as_it_was(night: Any) -> None:
    """Stored and read again, a record is the same."""
    record = night.placements[night.place(("harbour-house", "care_provider"))]
    assert Placement.from_json(record.to_json()) == record


def test_a_record_about_an_episode_is_refused(night: Any) -> None:
    """A placement is about a child, an opening about an episode; each says so at the subject."""
    refused = night.refused("eastvale-council", "placement.notified", RECORD, f"episode/{night.new_id()}")
    assert (refused.status, refused.pointer) == (422, "/subject")
    for subject in (f"child/{night.new_id()}", None):
        refused = night.refused("harbour-house", "episode.opened", {"child": {}}, subject)
        assert (refused.status, refused.pointer) == (422, "/subject")

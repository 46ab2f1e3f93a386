"""Events about a child rather than an episode: from whoever stands in the placement record."""

from typing import Any

import pytest

from contracts.examples import examples_of

SEEN_AT = "2026-11-22T20:00:00Z"
ABSENT = {"child": {}, "noted_at": SEEN_AT}
HANDLE = "01JD6QK3Z8T0V5W2N4Y6B8C0CJ"
ASSERTED = {"assertion": HANDLE, "same_as": HANDLE, "asserted_at": SEEN_AT}


def test_an_absence_is_noted_by_the_carer_and_opens_nothing(night: Any) -> None:
    """A child who is late is not missing: the record's parties may be told, and no episode comes of it."""
    handle = night.place(("harbour-house", "care_provider"))
    step = night.say("harbour-house", "absence.noted", ABSENT, f"child/{handle}")
    assert (step.episode, step.placement) == (None, night.placements[handle])
    assert night.episodes == {}


@pytest.mark.parametrize("type_", ["absence.noted", "identity.asserted"])
def test_a_stranger_cannot_tell_whether_a_child_has_a_record(night: Any, type_: str) -> None:
    """A handle that is overheard and one that nobody has give the same answer."""
    handle = night.place(("harbour-house", "care_provider"))
    data = ABSENT if type_ == "absence.noted" else ASSERTED
    said = {
        (refused.status, refused.slug, refused.detail, refused.pointer)
        for refused in (night.refused("tall-trees", type_, data, f"child/{one}") for one in (handle, HANDLE))
    }
    assert len(said) == 1
    assert said.pop()[:2] == (404, "unknown-child")


def test_the_role_is_the_records(night: Any) -> None:
    """A home does not say that two records are of one child; the authority that keeps one does."""
    handle = night.place(("harbour-house", "care_provider"))
    assert night.refused("harbour-house", "identity.asserted", ASSERTED, f"child/{handle}").slug == "not-entitled"
    step = night.say("eastvale-council", "identity.asserted", ASSERTED, f"child/{handle}")
    assert step.placement == night.placements[handle]


def test_what_may_be_about_either_names_which(night: Any) -> None:
    """Without a subject nobody knows whether the hold is on the episode or on all that is known of the child."""
    hold = {
        "hold": HANDLE,
        "placed_at": SEEN_AT,
        "ground": "inquest",
        "placed_by": {"name": "A. Invented", "post": "head of safeguarding"},
    }
    assert night.refused("eastvale-council", "hold.placed", hold, None).pointer == "/subject"
    handle = night.place(("harbour-house", "care_provider"))
    episode = night.open(handle=handle)
    assert night.say("harbour-house", "hold.placed", hold, f"child/{handle}").placement is not None
    assert night.say("harbour-house", "hold.placed", hold, f"episode/{episode}").episode == night.episodes[episode]


@pytest.mark.parametrize("type_", ["protocol.activated", "agency.succeeded", "mailbox.erased", "disclosure.recalled"])
def test_what_the_hub_alone_says_no_agency_says(night: Any, type_: str) -> None:
    """No agency activates a protocol, succeeds another, leaves a tombstone or recalls by its own event."""
    data = examples_of(f"concordat.{type_}.v1").minimal["data"]
    refused = night.refused("northmere-police", type_, data, f"episode/{night.placed()}")
    assert (refused.status, refused.slug) == (403, "not-entitled")

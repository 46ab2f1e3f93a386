"""Who is involved: claimed by anybody, confirmed by a record holder, never by oneself."""

from typing import Any

import pytest

CLAIM = "involvement.added"
CONFIRM = "involvement.confirmed"
END = "involvement.ended"


def involved(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"involved": [{"agency": agency, "role": role} for agency, role in pairs]}


def test_the_placement_record_confirms_who_is_who(night: Any) -> None:
    """A placed child's authority, carer and force are confirmed from the first minute."""
    episode = night.placed()
    assert night.told(episode) == {
        "eastvale-council": ({"responsible_authority"}, True, {"responsible"}),
        "harbour-house": ({"care_provider"}, True, {"caring"}),
        "northmere-health": ({"health"}, True, set()),
        "northmere-police": ({"owning_force"}, True, {"owning"}),
    }


def test_the_reporter_is_not_confirmed_by_reporting(night: Any) -> None:
    """Reporting makes a claimed part, and opens no clause for the reporter."""
    episode = night.open(by="bright-path")
    assert night.told(episode)["bright-path"] == ({"reporting"}, False, set())


def test_a_claimed_role_does_not_ride_on_a_confirmed_one(night: Any) -> None:
    """A carer that also calls itself the health service is heard as a carer alone."""
    episode = night.placed()
    night.say("harbour-house", CLAIM, involved(("harbour-house", "health")), f"episode/{episode}")
    assert night.told(episode)["harbour-house"] == ({"care_provider"}, True, {"caring"})


def test_whom_the_reporter_names_is_claimed(night: Any) -> None:
    """Naming agencies at the opening confirms none of them, known to the hub or not."""
    named = involved(("westmoor-council", "responsible_authority"), ("nobody-knows", "education"))
    episode = night.open(**named)
    told = night.told(episode)
    assert told["westmoor-council"] == ({"responsible_authority"}, False, set())
    assert told["nobody-knows"] == ({"education"}, False, set())
    assert night.confirmed(episode) == {"northmere-police"}


def test_a_stranger_cannot_link_a_child_that_it_is_no_party_to(night: Any) -> None:
    """A handle overheard opens an episode without the record, and says the same as a handle that nobody has."""
    handle = night.place(("harbour-house", "care_provider"), protected_whereabouts=True)
    said = []
    for guess in (handle, night.new_id()):
        id_ = night.new_id()
        step = night.say("tall-trees", "episode.opened", {"child": {"handle": guess}}, f"episode/{id_}")
        said.append(step.warnings)
        assert step.episode.child is None
        assert not step.episode.flagged
        assert night.confirmed(id_) == set()
    assert said[0] == said[1]
    assert [one.code for one in said[0]] == ["placement_not_linked", "no_owning_force"]


def test_the_authority_of_the_record_may_link_it(night: Any) -> None:
    """The responsible authority stands in its own record without naming itself."""
    episode = night.open(by="eastvale-council", handle=night.place())
    assert night.told(episode)["eastvale-council"] == ({"responsible_authority"}, True, {"responsible"})


def test_the_record_holder_confirms_a_claim_and_history_is_owed(night: Any) -> None:
    """A charity that says it is involved hears nothing until the authority confirms it; then it is owed the history."""
    episode = night.placed()
    step = night.say("bright-path", CLAIM, involved(("bright-path", "charity")), f"episode/{episode}")
    assert step.joined == ()
    assert "bright-path" not in night.confirmed(episode)
    step = night.say("eastvale-council", CONFIRM, involved(("bright-path", "charity")), f"episode/{episode}")
    assert step.joined == ("bright-path",)
    assert night.told(episode)["bright-path"] == ({"charity"}, True, set())
    step = night.say("northmere-police", CONFIRM, involved(("bright-path", "advocate")), f"episode/{episode}")
    assert step.joined == ()
    assert len([one for one in step.episode.involvements if one.agency == "bright-path"]) == 2


def test_a_self_made_authority_confirms_nobody(night: Any) -> None:
    """A council that calls itself responsible is refused as confirmer, for others and for itself."""
    episode = night.placed()
    subject = f"episode/{episode}"
    night.say("westmoor-council", CLAIM, involved(("westmoor-council", "responsible_authority")), subject)
    for whom in ("westmoor-council", "bright-path"):
        refused = night.refused("westmoor-council", CONFIRM, involved((whom, "health")), subject)
        assert (refused.status, refused.slug) == (403, "not-entitled")
    assert not {"westmoor-council", "bright-path"} & night.confirmed(episode)


def test_a_record_holder_does_not_confirm_itself(night: Any) -> None:
    """The authority's own second role stays a claim, with a warning, and the carer named beside it is not held up."""
    episode = night.placed()
    data = involved(("eastvale-council", "interview_provider"), ("bright-path", "charity"))
    step = night.say("eastvale-council", CONFIRM, data, f"episode/{episode}")
    assert [(one.code, one.pointer) for one in step.warnings] == [("own_word", "/data/involved/0/agency")]
    assert night.told(episode)["eastvale-council"][0] == {"responsible_authority"}
    assert step.joined == ("bright-path",)


@pytest.mark.parametrize(
    ("agency", "role"),
    [
        ("harbour-house", "host_authority"),
        ("westmoor-council", "home_force"),
        ("southfold-police", "out_of_hours_team"),
        ("southfold-police", "receiving_force"),
        ("southfold-police", "owning_force"),
        ("westmoor-council", "responsible_authority"),
    ],
)
def test_powers_are_not_confirmed_to_the_unfit_or_twice(night: Any, agency: str, role: str) -> None:
    """A power goes to a fitting body, ownership by handover alone, and the record's authority stays the only one."""
    episode = night.placed()
    refused = night.refused("eastvale-council", CONFIRM, involved((agency, role)), f"episode/{episode}")
    assert (refused.status, refused.pointer) == (422, "/data/involved/0/role")


def test_an_unregistered_force_stays_a_claim(night: Any) -> None:
    """A body that the hub does not know gets no power on record, and the confirmation is not refused for it."""
    episode = night.placed()
    step = night.say("eastvale-council", CONFIRM, involved(("far-police", "home_force")), f"episode/{episode}")
    assert [one.code for one in step.warnings] == ["unknown_agency"]
    assert night.told(episode)["far-police"] == ({"home_force"}, False, set())


def test_an_unregistered_body_without_power_is_confirmed(night: Any) -> None:
    """A school that is not on the hub is confirmed all the same, so that the receipt says to ring it."""
    episode = night.placed()
    night.say("eastvale-council", CONFIRM, involved(("hill-school", "education")), f"episode/{episode}")
    assert night.told(episode)["hill-school"] == ({"education"}, True, set())


def test_what_the_record_adds_during_the_search_counts_from_the_next_event(night: Any) -> None:
    """A flag and a carer recorded while the child is missing take hold, and the new carer is owed the history."""
    handle = night.place(("harbour-house", "care_provider"))
    episode = night.open(handle=handle)
    data = {
        "child": {"local_reference": "invented-7"},
        "placement": {"began_at": "2026-11-22T00:00:00Z"},
        "involved": [{"agency": "tall-trees", "role": "care_provider"}],
        "protected_whereabouts": True,
    }
    night.say("eastvale-council", "placement.notified", data, f"child/{handle}")
    step = night.located(episode)
    assert step.joined == ("tall-trees",)
    assert step.episode.flagged
    assert night.confirmed(episode) >= {"harbour-house", "tall-trees"}


def test_an_agency_that_changed_its_kind_loses_the_power(night: Any) -> None:
    """A confirmed power counts only while the directory has its holder as a body that can hold it."""
    episode = night.placed()
    del night.agencies["eastvale-council"]
    assert night.told(episode)["eastvale-council"] == ({"responsible_authority"}, False, set())


def test_an_agency_ends_its_own_part_and_hears_no_more(night: Any) -> None:
    """The clinic has nothing to do with it any more: it says so itself, and the record does not bring it back."""
    episode = night.placed()
    step = night.say("northmere-health", END, involved(("northmere-health", "health")), f"episode/{episode}")
    assert "northmere-health" not in night.told(episode)
    assert [one.until for one in step.episode.involvements if one.agency == "northmere-health"] == [night.now]
    night.located(episode)
    assert "northmere-health" not in night.told(episode)


def test_who_confirms_may_end_and_confirm_anew(night: Any) -> None:
    """The authority ends the home's part when the child has moved; confirmed again, it is owed what it missed."""
    episode = night.placed()
    night.say("eastvale-council", END, involved(("harbour-house", "care_provider")), f"episode/{episode}")
    assert "harbour-house" not in night.confirmed(episode)
    night.say("harbour-house", CLAIM, involved(("harbour-house", "care_provider")), f"episode/{episode}")
    assert "harbour-house" not in night.confirmed(episode)
    step = night.say("northmere-police", CONFIRM, involved(("harbour-house", "care_provider")), f"episode/{episode}")
    assert step.joined == ("harbour-house",)
    night.say("northmere-police", "risk.changed", {"risk": {"level": "low"}}, f"episode/{episode}")
    assert "harbour-house" in night.confirmed(episode)


def test_nobody_else_ends_anothers_part(night: Any) -> None:
    """The home cannot have the clinic hear no more, and neither can a council that only calls itself responsible."""
    episode = night.placed()
    subject = f"episode/{episode}"
    data = involved(("northmere-health", "health"))
    assert night.refused("harbour-house", END, data, subject).slug == "not-entitled"
    night.say("westmoor-council", CLAIM, involved(("westmoor-council", "responsible_authority")), subject)
    assert night.refused("westmoor-council", END, data, subject).slug == "not-entitled"


@pytest.mark.parametrize(
    ("by", "agency", "role", "word"),
    [
        ("northmere-police", "northmere-police", "owning_force", "handover"),
        ("eastvale-council", "northmere-police", "owning_force", "handover"),
        ("northmere-police", "southfold-police", "receiving_force", "decline"),
        ("northmere-police", "eastvale-council", "responsible_authority", "placement record"),
    ],
)
def test_parts_that_pass_in_another_way_are_not_ended(night: Any, by: str, agency: str, role: str, word: str) -> None:
    """No episode is left without its force, its waiting offer or the authority of the child's record."""
    episode = night.placed()
    night.offer(episode)
    refused = night.refused(by, END, involved((agency, role)), f"episode/{episode}")
    assert (refused.status, refused.pointer) == (422, "/data/involved/0/role")
    assert word in refused.detail


def test_ending_a_part_that_is_none_changes_nothing(night: Any) -> None:
    """Said twice, or of a role that the agency never had, it is taken and tells nothing."""
    episode = night.placed()
    data = involved(("northmere-health", "education"), ("tall-trees", "charity"))
    assert night.say("eastvale-council", END, data, f"episode/{episode}").episode == night.episodes[episode]


def test_the_interview_of_an_authority_that_is_gone_is_nobodys(night: Any) -> None:
    """Without a record the force had confirmed the wrong authority: its clock passes to the right one."""
    wrong, right = (("westmoor-council", "responsible_authority"), ("eastvale-council", "responsible_authority"))
    episode = night.open(by="northmere-police")
    subject = f"episode/{episode}"
    night.say("northmere-police", CONFIRM, involved(wrong), subject)
    assert night.returned(episode, by="northmere-police").episode.deadlines[0].owner == "westmoor-council"
    assert night.say("northmere-police", END, involved(wrong), subject).episode.deadlines[0].owner is None
    step = night.say("northmere-police", CONFIRM, involved(right), subject)
    assert step.episode.deadlines[0].owner == "eastvale-council"

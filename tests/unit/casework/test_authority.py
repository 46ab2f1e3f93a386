"""Who may publish what about an episode, and what a refusal gives away."""

from typing import Any

import pytest

from broker.casework import Refused

LOCATED = {"located_at": "2026-11-22T23:00:00Z"}
RISK = {"risk": {"level": "high"}}
SEEN = {"action": "seen", "by": {"name": "A. Invented", "role": "duty senior"}}


def answer(refused: Refused) -> tuple[int, str, str, str | None]:
    return refused.status, refused.slug, refused.detail, refused.pointer


@pytest.mark.parametrize(
    ("type_", "data"),
    [("child.located", LOCATED), ("risk.changed", RISK), ("acknowledgement.given", SEEN), ("handover.accepted", {})],
)
def test_a_stranger_cannot_tell_whether_an_episode_exists(night: Any, type_: str, data: dict[str, Any]) -> None:
    """To an agency without a part, an episode that is there and one that is not give the same answer."""
    there, nowhere = night.placed(), night.new_id()
    said = {answer(night.refused("tall-trees", type_, data, f"episode/{one}")) for one in (there, nowhere)}
    assert len(said) == 1
    assert said.pop()[:2] == (404, "unknown-episode")


def test_a_claim_about_no_episode_is_unknown(night: Any) -> None:
    """Saying that one is involved in an episode that does not exist is refused."""
    data = {"involved": [{"agency": "tall-trees", "role": "care_provider"}]}
    assert night.refused("tall-trees", "involvement.added", data, f"episode/{night.new_id()}").status == 404


def test_an_episode_is_opened_once(night: Any) -> None:
    """A second opening of one id is a conflict, and the episode stays the first one's."""
    episode = night.placed()
    refused = night.refused("tall-trees", "episode.opened", {"child": {}}, f"episode/{episode}")
    assert (refused.status, refused.slug) == (409, "episode-exists")


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("rhi.due", {"stage": "set", "returned_at": "2026-11-22T23:00:00Z", "due_at": "2026-11-25T23:00:00Z"}),
        ("handover.lapsed", {"to": "southfold-police", "offered_at": "2026-11-22T23:00:00Z"}),
        ("episode.history", {"events": []}),
    ],
)
def test_only_the_hub_publishes_derived_events(night: Any, type_: str, data: dict[str, Any]) -> None:
    """No agency can say in the hub's name that something is due or has lapsed."""
    refused = night.refused("northmere-police", type_, data, f"episode/{night.placed()}")
    assert (refused.status, refused.slug) == (403, "not-entitled")


def test_a_claimed_role_reports_facts_and_decides_nothing(night: Any) -> None:
    """A force on its own word may say that the child is found, and may not change the risk."""
    episode = night.placed()
    subject = f"episode/{episode}"
    claim = {"involved": [{"agency": "southfold-police", "role": "owning_force"}]}
    night.say("southfold-police", "involvement.added", claim, subject)
    assert night.say("southfold-police", "child.located", LOCATED, subject).episode.located_at is not None
    refused = night.refused("southfold-police", "risk.changed", RISK, subject)
    assert (refused.status, refused.slug) == (403, "not-entitled")
    assert "confirmed" in refused.detail


def test_a_fact_needs_a_fitting_role_at_least_claimed(night: Any) -> None:
    """The wrong role is told which roles may, and how to say that one has one."""
    episode = night.placed()
    claim = {"involved": [{"agency": "bright-path", "role": "advocate"}]}
    night.say("bright-path", "involvement.added", claim, f"episode/{episode}")
    refused = night.refused("bright-path", "child.located", LOCATED, f"episode/{episode}")
    assert refused.status == 403
    assert "concordat.involvement.added.v1" in refused.detail


def test_an_acknowledgement_changes_nothing(night: Any) -> None:
    """Anybody with a part may acknowledge; the episode stays as it was."""
    episode = night.open(by="bright-path")
    before = night.episodes[episode]
    step = night.say("bright-path", "acknowledgement.given", SEEN, f"episode/{episode}")
    assert (step.episode, step.derived, step.joined) == (before, (), ())


def test_times_that_have_not_come_are_accepted_and_said(night: Any) -> None:
    """A clock that runs ahead is warned of by place; six minutes are too many, five are not, and reviews lie ahead."""
    episode = night.placed()
    data = {"risk": {"level": "high", "assessed_at": "2026-11-22T21:06:00Z", "next_review_at": "2026-11-23T21:00:00Z"}}
    step = night.say("northmere-police", "risk.changed", data, f"episode/{episode}", time="2026-11-22T21:07:00Z")
    assert [(one.code, one.pointer) for one in step.warnings] == [
        ("time_in_future", "/time"),
        ("time_in_future", "/data/risk/assessed_at"),
    ]
    assert step.episode.risk == "high"
    span = {"earliest": "2026-11-22T21:06:00Z", "latest": "2026-11-22T21:30:00Z"}
    step = night.say("harbour-house", "sighting.reported", {"seen_between": span}, f"episode/{episode}")
    assert [one.pointer for one in step.warnings] == ["/data/seen_between"]
    span["earliest"] = "2026-11-22T20:30:00Z"
    assert not night.say("harbour-house", "sighting.reported", {"seen_between": span}, f"episode/{episode}").warnings
    data = {"located_at": "2026-11-22T21:05:00Z"}
    assert night.say("harbour-house", "child.located", data, f"episode/{episode}").warnings == ()


def test_a_doubtful_pnc_id_blocks_no_report(night: Any) -> None:
    """A letter that does not fit was mistyped, or the rule is another one: the child is missing all the same."""
    opened = {"child": {"pnc_id": "2003/0062845F"}}
    step = night.say("harbour-house", "episode.opened", opened, f"episode/{night.new_id()}")
    assert [(one.code, one.pointer) for one in step.warnings] == [("doubtful_identifier", "/data/child/pnc_id")]
    opened = {"child": {"pnc_id": "2003/0062845E"}}
    assert not night.say("harbour-house", "episode.opened", opened, f"episode/{night.new_id()}").warnings

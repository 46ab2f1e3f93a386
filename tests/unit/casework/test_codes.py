"""Words without a code: accepted and said, and never taken for what they might mean."""

from typing import Any

from contracts.vocabulary import EpisodeStatus

GRADE = {"unmapped": "Grade 2"}


def warned(step: Any) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in step.warnings if one.code == "unmapped_code"]


def test_a_level_without_a_code_is_no_level(night: Any) -> None:
    """The force's new grade is not known, so neither the old level nor any other stands; the force is told which."""
    episode = night.open(by="northmere-police", risk={"level": "high"}, intervention_level=2)
    risk = {"level": GRADE, "previous": {"unmapped": "Grade 1"}}
    step = night.say("northmere-police", "risk.changed", {"risk": risk}, f"episode/{episode}")
    assert (step.episode.risk, step.episode.intervention_level) == (None, 2)
    assert warned(step) == [("unmapped_code", "/data/risk/level"), ("unmapped_code", "/data/risk/previous")]
    assert "Grade" not in str(step)


def test_an_opening_with_words_of_its_own_opens_all_the_same(night: Any) -> None:
    """A report is never refused for a word: the episode is open, its risk not assessed."""
    data = {"child": {}, "risk": {"level": GRADE}, "provenance": {"reported_via": {"unmapped": "runner"}}}
    step = night.say("northmere-police", "episode.opened", data, f"episode/{night.new_id()}")
    assert (step.episode.status, step.episode.risk) == (EpisodeStatus.OPEN, None)
    assert warned(step) == [
        ("unmapped_code", "/data/provenance/reported_via"),
        ("unmapped_code", "/data/risk/level"),
    ]


def test_a_reason_without_a_code_excuses_from_nothing(night: Any) -> None:
    """The reasons died and in error close without the two facts; a word that might mean either does not."""
    episode = night.placed()
    data = {"closed_at": "2026-11-23T01:00:00Z", "reason": {"unmapped": "No trace, filed"}}
    refused = night.refused("northmere-police", "episode.closed", data, f"episode/{episode}")
    assert (refused.status, refused.slug) == (409, "not-closable")
    night.located(episode)
    night.well(episode)
    step = night.say("northmere-police", "episode.closed", data, f"episode/{episode}")
    assert (step.episode.status, step.episode.closing_reason) == (EpisodeStatus.CLOSED, None)
    assert warned(step) == [("unmapped_code", "/data/reason")]


def test_codes_are_not_remarked_on(night: Any) -> None:
    """Who sends the contract's own codes hears nothing of this."""
    assert warned(night.returned(night.placed())) == []

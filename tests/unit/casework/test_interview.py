"""The return home interview's clock: 72 hours from the return, and from nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

from broker.casework import Advance, advance, reach
from contracts.parse import parse_event


def states(night: Any, episode: str) -> list[str]:
    return [one.state.value for one in night.episodes[episode].deadlines]


def completed(night: Any, episode: str, at: str) -> Advance:
    return night.say("eastvale-council", "rhi.completed", {"completed_at": at}, f"episode/{episode}")


def test_the_return_starts_the_clock_and_the_hub_says_so(night: Any) -> None:
    """Seventy-two elapsed hours from the return, owed by the responsible authority, in the name of who reported it."""
    episode = night.placed()
    night.located(episode)
    assert states(night, episode) == []
    step = night.returned(episode)
    (due,) = step.derived
    assert (due.type, due.controller) == ("concordat.rhi.due.v1", "harbour-house")
    assert due.data == {
        "stage": "set",
        "returned_at": "2026-11-23T00:00:00.000Z",
        "due_at": "2026-11-26T00:00:00.000Z",
        "responsible": "eastvale-council",
    }
    (clock,) = step.episode.deadlines
    assert (clock.kind, clock.owner, clock.controller) == ("rhi", "eastvale-council", "harbour-house")
    assert clock.due_at == datetime(2026, 11, 26, tzinfo=UTC)


def test_the_clock_runs_out_once(night: Any) -> None:
    """At seventy-two hours without an interview the hub says so once, at the time that it was due."""
    episode = night.placed()
    night.returned(episode)
    assert night.later(hours=74, minutes=59).tick(episode)[0].derived == ()
    (step,) = night.later(minutes=1).tick(episode)
    assert [(one.data["stage"], one.controller) for one in step.derived] == [("reached", "harbour-house")]
    assert step.derived[0].time == datetime(2026, 11, 26, tzinfo=UTC)
    assert states(night, episode) == ["reached"]
    (again,) = night.later(hours=1).tick(episode)
    assert (again.episode, again.derived) == (step.episode, ())


def test_a_stale_copy_of_a_deadline_reaches_nothing(night: Any) -> None:
    """The episode's own record counts: a deadline met since it was looked up is not reached."""
    episode = night.placed()
    stale = night.returned(episode).episode.deadlines[0]
    completed(night, episode, "2026-11-24T10:00:00Z")
    step = reach(stale, night.episodes[episode], night.now + timedelta(days=9))
    assert (step.episode, step.derived) == (night.episodes[episode], ())


def test_an_interview_meets_the_clock_also_when_late(night: Any) -> None:
    """Held late is held: nothing is due any more, and the times say that it was late."""
    episode = night.placed()
    night.returned(episode)
    night.later(days=4).tick(episode)
    step = completed(night, episode, "2026-11-26T20:00:00Z")
    assert states(night, episode) == ["met"]
    assert step.episode.rhi_completed_at > step.episode.deadlines[0].due_at


def test_a_further_return_replaces_the_clock(night: Any) -> None:
    """A child who went again before the interview has one clock, from the latest return, in that reporter's name."""
    episode = night.placed()
    night.returned(episode)
    step = night.returned(episode, "2026-11-23T06:00:00Z", by="northmere-police")
    assert states(night, episode) == ["cancelled", "running"]
    assert [(one.data["due_at"], one.controller) for one in step.derived] == [
        ("2026-11-26T06:00:00.000Z", "northmere-police")
    ]
    assert step.episode.returned_at == datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_the_same_return_told_twice_is_one_clock(night: Any) -> None:
    """Home and police report the same return: the clock and its controller stay, nothing is said twice."""
    episode = night.placed()
    first = night.returned(episode)
    second = night.returned(episode, by="northmere-police")
    assert second.derived == ()
    assert second.episode.deadlines == first.episode.deadlines


def test_a_return_after_the_interview_starts_a_new_clock_and_one_before_it_none(night: Any) -> None:
    """The interview covers the returns before it, in whatever order they are reported."""
    episode = night.placed()
    assert completed(night, episode, "2026-11-24T10:00:00Z").episode.deadlines == ()
    assert night.returned(episode).derived == ()
    step = night.returned(episode, "2026-11-25T00:00:00Z")
    assert [one.data["stage"] for one in step.derived] == ["set"]
    assert states(night, episode) == ["running"]


def test_an_interview_from_before_the_latest_return_leaves_its_clock_running(night: Any) -> None:
    """A child who came back again after the interview is still owed one; a corrected return time settles it."""
    episode = night.placed()
    night.returned(episode, "2026-11-23T06:00:00Z")
    step = completed(night, episode, "2026-11-23T05:00:00Z")
    assert [one.code for one in step.warnings if one.code != "time_in_future"] == ["interview_before_return"]
    assert states(night, episode) == ["running"]
    assert night.returned(episode, "2026-11-23T04:00:00Z").derived == ()
    assert states(night, episode) == ["met"]


def test_a_clock_without_an_authority_is_given_to_the_one_confirmed_later(night: Any) -> None:
    """Without a record nobody owns the clock, and no claim is given it; the confirmed authority is."""
    claimed = [{"agency": "westmoor-council", "role": "responsible_authority"}]
    episode = night.open(by="northmere-police", involved=claimed)
    step = night.returned(episode, by="northmere-police")
    assert "responsible" not in step.derived[0].data
    assert step.episode.deadlines[0].owner is None
    step = night.say("northmere-police", "involvement.confirmed", {"involved": claimed}, f"episode/{episode}")
    assert step.episode.deadlines[0].owner == "westmoor-council"
    assert step.joined == ("westmoor-council",)


def test_the_hours_are_configuration(night: Any) -> None:
    """Another jurisdiction's hours are passed in."""
    episode = night.placed()
    document = {
        "specversion": "1.0",
        "id": night.new_id(),
        "source": "/agencies/harbour-house",
        "type": "concordat.child.returned.v1",
        "subject": f"episode/{episode}",
        "data": {"returned_at": "2026-11-22T20:00:00Z", "setting": "placement"},
    }
    step = advance(
        parse_event(document),
        night.agencies["harbour-house"],
        night.episodes[episode],
        None,
        night,
        night.now,
        night.new_id,
        rhi_within=timedelta(hours=24),
    )
    assert step.episode.deadlines[0].due_at == datetime(2026, 11, 23, 20, tzinfo=UTC)


def test_a_return_at_the_end_of_time_harms_nothing(night: Any) -> None:
    """A mistyped year is accepted with a warning, whatever the calendar makes of it."""
    step = night.returned(night.placed(), "2099-12-20T23:00:00Z")
    assert [one.code for one in step.warnings] == ["time_in_future"]
    assert step.episode.deadlines[0].state == "running"

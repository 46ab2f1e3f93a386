"""What falls due when nobody says anything: the interview, and the answer to a handover."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from broker.flows import tick as ticking
from broker.flows.tick import is_anything_due, tick
from contracts.ledger_entry import Operation

RHI = "concordat.rhi.due.v1"
LAPSED = "concordat.handover.lapsed.v1"


def of_type(doors, agency, event_type):
    return [one for one in doors.mail(agency) if one["type"] == event_type]


def back_home(doors):
    episode = doors.open(doors.place()).receipt.episode
    doors.returned("northmere-police", episode)
    return episode


def ticked(doors):
    """As the hub does each second: take a step where something is due."""
    if not is_anything_due(doors.hub.store, doors.hub.parts):
        return 0
    (reached,) = doors.run(lambda draft: tick(draft, doors.hub.parts))
    return reached


def test_the_interview_is_due_at_once_and_again_when_its_time_has_come(doors):
    """The return starts the clock, told as set; 72 hours later it is told as reached, once."""
    back_home(doors)
    assert [one["data"]["stage"] for one in of_type(doors, "eastvale-council", RHI)] == ["set"]
    assert ticked(doors) == 0
    doors.clock.advance(timedelta(hours=73))
    assert ticked(doors) == 1
    assert ticked(doors) == 0
    messages = of_type(doors, "eastvale-council", RHI)
    assert [one["data"]["stage"] for one in messages] == ["set", "reached"]
    assert messages[-1]["source"] == "//hub.northmere.example/hub"
    assert datetime.fromisoformat(messages[-1]["data"]["due_at"]) == datetime(2026, 11, 23, 21, 35, tzinfo=UTC)


def test_an_interview_that_was_held_is_not_due(doors):
    """The authority reports the interview in time: nothing falls due."""
    episode = back_home(doors)
    doors.publish(
        "eastvale-council",
        "concordat.rhi.completed.v1",
        {"completed_at": "2026-11-20T21:39:00Z"},
        subject=f"episode/{episode}",
    )
    doors.clock.advance(timedelta(hours=73))
    assert ticked(doors) == 0
    assert [one["data"]["stage"] for one in of_type(doors, "eastvale-council", RHI)] == ["set"]


def interviewed(doors, agency, episode, *others):
    """Have an interview reported in one episode that covers others too; return the codes of the warnings, by place."""
    data = {"completed_at": "2026-11-20T21:39:00Z", "episodes": [episode, *others]}
    said = doors.publish(agency, "concordat.rhi.completed.v1", data, subject=f"episode/{episode}").receipt.warnings
    return [(one.code, one.pointer) for one in said]


def test_one_interview_meets_the_clock_of_each_episode_that_it_names(doors):
    """The child was missing twice in a day and is talked with once: nothing falls due, and it is told once."""
    handle = doors.place()
    first, second = (doors.open(handle).receipt.episode for _ in range(2))
    for episode in (first, second):
        doors.returned("northmere-police", episode)
    before = len(of_type(doors, "northmere-police", "concordat.rhi.completed.v1"))
    assert interviewed(doors, "eastvale-council", second, first) == []
    assert len(of_type(doors, "northmere-police", "concordat.rhi.completed.v1")) <= before + 1
    doors.clock.advance(timedelta(hours=73))
    assert ticked(doors) == 0


def test_an_interview_counts_for_nobody_elses_episode(doors):
    """An episode that is not there, of another child, or of another authority: its clock runs on, and it is said."""
    mine = back_home(doors)
    elsewhere = doors.open(None).receipt.episode
    doors.returned("northmere-police", elsewhere)
    sibling = doors.open(doors.place(child={"local_reference": "EC-2042"})).receipt.episode
    doors.returned("northmere-police", sibling)
    missing = "01JD6QK3Z8T0V5W2N4Y6B8C0ZZ"
    assert interviewed(doors, "eastvale-council", mine, elsewhere, sibling, missing) == [
        ("episode_not_covered", f"/data/episodes/{place}") for place in (1, 2, 3)
    ]
    doors.clock.advance(timedelta(hours=73))
    assert ticked(doors) == 2


def test_ticks_in_one_batch_reach_a_deadline_once(doors):
    """Two ticks wait together: the second finds what the first has done."""
    back_home(doors)
    doors.clock.advance(timedelta(hours=73))
    step = lambda draft: tick(draft, doors.hub.parts)  # noqa: E731 (the same step twice)
    assert doors.run(step, step) == [1, 0]
    assert len(of_type(doors, "eastvale-council", RHI)) == 2


def test_ticks_of_two_replicas_reach_a_deadline_once(build, database_url):
    """Two hubs on one database look at the clock in the same moment: one of them reaches the deadline."""
    first = build(database_url)
    second = build(database_url, vault=first.hub.parts.vault, clock=first.clock)
    back_home(first)
    first.clock.advance(timedelta(hours=73))
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ticked, (first, second))) == [0, 1]
    assert len(of_type(first, "eastvale-council", RHI)) == 2


def test_a_deadline_outlives_a_restart(build, database_url):
    """The hub was down when the interview fell due: the next one to start reaches it."""
    doors = build(database_url)
    back_home(doors)
    doors.hub.sequencer.close()
    doors.clock.advance(timedelta(hours=100))
    again = build(database_url, vault=doors.hub.parts.vault, clock=doors.clock)
    assert ticked(again) == 1
    assert [one["data"]["stage"] for one in of_type(again, "eastvale-council", RHI)] == ["set", "reached"]


def test_an_offer_that_nobody_answers_lapses(doors):
    """The offering force is told once and keeps the episode; the ledger has it; the asked force hears no more."""
    episode = doors.open(doors.place()).receipt.episode
    doors.offer("northmere-police", episode, "southfold-police", expires_at="2026-11-20T22:40:00Z")
    before = len(doors.mail("southfold-police"))
    doors.clock.advance(timedelta(hours=2))
    assert (ticked(doors), ticked(doors)) == (1, 0)
    (message,) = of_type(doors, "northmere-police", LAPSED)
    assert message["data"] == {"to": "southfold-police", "offered_at": "2026-11-20T21:40:00.000Z"}
    assert len(doors.mail("southfold-police")) == before
    assert doors.operations()[Operation.HANDOVER] == 2
    with doors.view() as view:
        assert view.episode(episode).owner == "northmere-police"


def test_one_deadline_that_cannot_be_reached_stops_no_other(doors, monkeypatch, capfd):
    """Two interviews fall due and one fails: the other is told, and the failed one is tried again at the next tick."""
    broken, sound = back_home(doors), back_home(doors)
    doors.clock.advance(timedelta(hours=73))
    real = ticking.announce

    def announce(draft, notices, case, parts, **more):
        real(draft, notices, case, parts, **more)
        if case.subject == f"episode/{broken}":
            raise ValueError("an invented failure")

    monkeypatch.setattr(ticking, "announce", announce)
    assert ticked(doors) == 1
    assert [one["subject"] for one in of_type(doors, "eastvale-council", RHI)][2:] == [f"episode/{sound}"]
    assert "deadline_failed" in "".join(capfd.readouterr())
    monkeypatch.undo()
    assert ticked(doors) == 1
    assert [one["subject"] for one in of_type(doors, "eastvale-council", RHI)][3:] == [f"episode/{broken}"]


@pytest.mark.parametrize("agency", ["northmere-police", "harbour-house", "westmoor-council"])
def test_what_falls_due_goes_down_the_path_for_the_controller_whose_event_caused_it(doors, agency):
    """Each entitled agency has the notice of the return that the force reported, under the force's protocols."""
    back_home(doors)
    (message,) = of_type(doors, agency, RHI)
    rows = [row for row in doors.disclosures(type=RHI) if row.recipient == agency]
    assert [row.publisher for row in rows] == ["northmere-police"]
    assert message["concordatprotocol"] == rows[0].protocol

"""A bar on an agency, from the door to the mailbox; and what is said of a child rather than of an episode."""

from datetime import timedelta

import pytest

from broker.casework.refusal import Refused
from broker.flows.episodes import episode_as_seen
from broker.flows.tick import tick
from contracts.parse import InvalidEvent

RHI = "concordat.rhi.due.v1"
RESTRICTED, LIFTED = "concordat.access.restricted.v1", "concordat.access.lifted.v1"
BY = {"name": "Alex Placeholder", "post": "head of safeguarding"}


def bar(doors, subject, agency="harbour-house"):
    data = {"agency": agency, "restricted_at": "2026-11-20T21:40:00Z", "ground": "allegation", "restricted_by": BY}
    return doors.publish("eastvale-council", RESTRICTED, data, subject=subject)


def types(doors, agency):
    return [one["type"] for one in doors.mail(agency)]


def test_a_barred_agency_hears_nothing_by_no_way(doors):
    """Not the bar, not what follows, not the hub's own notice of a clock that its own report had started."""
    handle = doors.place()
    episode = doors.open(handle).receipt.episode
    doors.returned("harbour-house", episode)
    before = types(doors, "harbour-house")
    assert before[-1] == RHI
    receipt = bar(doors, f"child/{handle}").receipt
    assert "harbour-house" not in {one.agency for one in (*receipt.told, *receipt.not_told)}
    doors.clock.advance(timedelta(hours=73))
    assert doors.run(lambda draft: tick(draft, doors.hub.parts)) == [1]
    receipt = doors.risk("northmere-police", episode).receipt
    assert "harbour-house" not in {one.agency for one in (*receipt.told, *receipt.not_told)}
    doors.confirm("eastvale-council", episode, "harbour-house", "supported_accommodation")
    assert types(doors, "harbour-house") == before
    assert doors.mail("eastvale-council")[-1]["type"] == "concordat.risk.changed.v1"


def test_whoever_is_let_in_again_gets_the_history(doors):
    """Lifted, the home is given what it missed and hears from then on."""
    episode = doors.open(doors.place()).receipt.episode
    bar(doors, f"episode/{episode}")
    doors.risk("northmere-police", episode)
    assert "concordat.risk.changed.v1" not in types(doors, "harbour-house")
    data = {"agency": "harbour-house", "lifted_at": "2026-11-20T21:50:00Z", "lifted_by": BY}
    doors.publish("eastvale-council", LIFTED, data, subject=f"episode/{episode}")
    history = doors.mail("harbour-house")[-1]
    assert history["type"] == "concordat.episode.history.v1"
    assert "concordat.risk.changed.v1" in [one["type"] for one in history["data"]["events"]]
    doors.located("northmere-police", episode)
    assert types(doors, "harbour-house")[-1] == "concordat.child.located.v1"


def test_an_absence_is_told_of_the_child_and_opens_no_episode(doors):
    """The home says that the child is late: accepted under the child's handle, and no episode stands afterwards."""
    handle = doors.place()
    absent = {"child": {}, "noted_at": "2026-11-20T21:30:00Z"}
    receipt = doors.publish("harbour-house", "concordat.absence.noted.v1", absent, subject=f"child/{handle}").receipt
    assert (receipt.subject, receipt.episode) == (f"child/{handle}", None)
    with pytest.raises(Refused) as caught:
        doors.publish("southfold-police", "concordat.absence.noted.v1", absent, subject=f"child/{handle}")
    assert caught.value.slug == "unknown-child"


@pytest.mark.parametrize(
    ("type_", "word"), [("absence.noted", "child/<handle>"), ("hold.placed", "episode/<id> or child/<handle>")]
)
def test_without_a_subject_the_answer_says_what_to_name(doors, type_, word):
    """What is about a child asks for the child, what may be about either asks for one of them."""
    data = {"child": {}, "noted_at": "2026-11-20T21:30:00Z"}
    if type_ == "hold.placed":
        data = {"hold": "01JD6QK3Z8T0V5W2N4Y6B8C0MA", "placed_at": "2026-11-20T21:30:00Z", "ground": "inquest"}
        data["placed_by"] = BY
    with pytest.raises(InvalidEvent) as caught:
        doors.publish("harbour-house", f"concordat.{type_}.v1", data)
    (fault,) = caught.value.faults
    assert fault.pointer == "/subject"
    assert word in fault.message


@pytest.mark.parametrize(("reason", "status"), [("missing_again", "open"), ("closed_in_error", "located")])
def test_an_episode_that_is_open_again_is_seen_so(doors, reason, status):
    """Whoever looks at an episode that was reopened does not read that it is closed."""
    episode = doors.open(doors.place()).receipt.episode
    subject = f"episode/{episode}"
    doors.located("northmere-police", episode)
    well = {"confirmed_at": "2026-11-20T21:35:00Z"}
    doors.publish("northmere-police", "concordat.wellbeing.confirmed.v1", well, subject=subject)
    doors.clock.advance(timedelta(minutes=1))
    closed = {"closed_at": "2026-11-20T21:40:00Z", "reason": "located_and_well"}
    doors.publish("northmere-police", "concordat.episode.closed.v1", closed, subject=subject)
    doors.clock.advance(timedelta(minutes=1))
    reopened = {"reopened_at": "2026-11-20T21:42:00Z", "reason": reason}
    doors.publish("northmere-police", "concordat.episode.reopened.v1", reopened, subject=subject)
    with doors.view() as view:
        assert episode_as_seen(view, "northmere-police", episode)["status"] == status

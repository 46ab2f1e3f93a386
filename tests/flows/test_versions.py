"""One event type in two versions at the same hub: homes that still send the old, forces that still read it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import orjson
import pytest
from ulid import ULID

from broker.flows.check import read
from broker.flows.enrol import amend
from broker.flows.told import matrix
from broker.flows.versions import marks_in_newest
from broker.ports.records import Position
from contracts.canonical import canonical, unb64url
from contracts.commitment import commit_bytes
from contracts.conversion import Conversion
from contracts.governance import Lifecycle, Status
from contracts.parse import InvalidEvent
from tests.flows.conftest import Doors
from tests.unit.contracts.glimpse import FIRST, NOUN, RETIRED, SECOND, SEEN, V1, V2, down, in_catalogue, up

DRAFT = replace(SECOND, lifecycle=Lifecycle(Status.DRAFT))


@pytest.fixture
def versions() -> Iterator[ExitStack]:
    """Version 2 in use and version 1 deprecated, unless a test has it otherwise."""
    with ExitStack() as stack:
        stack.enter_context(in_catalogue(RETIRED, SECOND))
        yield stack


@pytest.fixture
def missing(versions, doors: Doors) -> str:
    """A child whom Harbour House has reported missing; the episode's id."""
    episode = str(ULID())
    doors.open(doors.place(), episode)
    return episode


def knows(doors: Doors, agency_id: str, major: int = 1) -> None:
    with doors.view() as view:
        agency = next(one for one in view.agencies() if one.id == agency_id)
    doors.run(lambda draft: amend(draft, replace(agency, knows={NOUN: major})))


def glimpsed(doors: Doors, episode: str, event_type: str = V1, data=None, **more):
    return doors.publish("harbour-house", event_type, data or SEEN, subject=f"episode/{episode}", **more).receipt


def last(doors: Doors, agency: str) -> dict:
    return doors.mail(agency)[-1]


def entry_of(doors: Doors, message: dict) -> tuple[dict, dict]:
    """Return the leaf and the opening of a message's ledger entry."""
    with doors.view() as view:
        entry = view.entry(message["id"])
    return orjson.loads(entry.leaf), orjson.loads(entry.opening)


def reasons(receipt) -> dict:
    return {one.agency: (one.reason.value, one.ring) for one in receipt.not_told}


def test_a_deprecated_version_is_accepted_and_decided_as_the_newest(doors, missing):
    """A home that has not changed its system yet is heard by all, and told that it should."""
    receipt = glimpsed(doors, missing)
    message = last(doors, "northmere-police")
    assert (message["type"], message["data"]) == (V2, up(SEEN))
    (warning,) = [one for one in receipt.warnings if one.code == "deprecated_type"]
    assert V2 in warning.detail


def test_the_ledger_says_which_version_was_received(doors, missing):
    """An auditor can tell what the home sent from what was decided on."""
    receipt = glimpsed(doors, missing)
    with doors.view() as view:
        opening = orjson.loads(view.entry(receipt.entry).opening)
    said = opening["full_detail"]["value"]
    assert (said["event_type"], said["received_type"]) == (V2, V1)


def test_a_retry_of_the_older_version_is_answered_with_the_same_receipt(doors, missing):
    """What a retry is compared by is what was sent, not what it was converted to."""
    document = doors.event("harbour-house", V1, SEEN, subject=f"episode/{missing}")
    first = doors.send(document)
    again = doors.send(document)
    assert again.replayed
    assert again.receipt == first.receipt


def test_a_retry_across_a_change_of_the_hub_is_answered_with_the_same_receipt(doors, versions):
    """The home sent version 1 and heard nothing; meanwhile version 2 came into use: its retry is still a retry."""
    episode = str(ULID())
    doors.open(doors.place(), episode)
    with in_catalogue(FIRST, DRAFT):
        document = doors.event("harbour-house", V1, SEEN, subject=f"episode/{episode}")
        first = doors.send(document)
    again = doors.send(document)
    assert again.replayed
    assert again.receipt == first.receipt


def test_an_agency_that_knows_the_older_version_gets_it(doors, missing):
    """A force that reads version 1 gets version 1, on every channel, because its one mailbox holds it."""
    knows(doors, "northmere-police")
    glimpsed(doors, missing, V2, up(SEEN))
    message = last(doors, "northmere-police")
    assert message["type"] == V1
    assert message["data"] == {name: value for name, value in SEEN.items() if name != "slang"}
    assert last(doors, "eastvale-council")["type"] == V2


def test_what_is_lowered_is_what_was_released_and_no_more(doors, missing):
    """The host authority may have what is operational: version 1 of it holds neither the place nor the account."""
    knows(doors, "westmoor-council")
    glimpsed(doors, missing, V2, up(SEEN))
    message = last(doors, "westmoor-council")
    assert (message["type"], message["data"]) == (V1, {"certainty": "certain"})
    assert b"bus station" not in orjson.dumps(doors.mail("westmoor-council"))


def test_the_commitment_is_over_what_was_given(doors, missing):
    """The force can prove what it was given, and its decision says in which version."""
    knows(doors, "northmere-police")
    glimpsed(doors, missing)
    message = last(doors, "northmere-police")
    leaf, opening = entry_of(doors, message)
    key = unb64url(opening["payload"]["key"])
    assert leaf["commitments"]["payload"] == commit_bytes(key, canonical(message["data"]))
    detail = opening["detail"]["value"]
    assert (detail["event_type"], detail["given_as"]) == (V2, V1)
    assert "given_as" not in entry_of(doors, last(doors, "eastvale-council"))[1]["detail"]["value"]


def test_a_disclosure_is_found_under_the_version_that_was_given(doors, missing):
    """A feed's filter, a webhook's subscription and the auditor's search speak of the message as it went out."""
    knows(doors, "northmere-police")
    glimpsed(doors, missing)
    assert {row.recipient for row in doors.disclosures(type=V1)} == {"northmere-police"}
    with doors.view() as view:
        (mail,) = view.mail("northmere-police", Position(1, 0), 500, types=[V1])
        assert view.mail("northmere-police", Position(1, 0), 500, types=[V2]) == ()
    assert orjson.loads(mail.content)["type"] == V1


def test_the_told_matrix_shows_who_was_told_in_whichever_version(doors, versions):
    """The force sees in one matrix that the council was told of the same event, although each reads another version."""
    missing = str(ULID())
    doors.open(doors.place(), missing, involved=[{"agency": "eastvale-council", "role": "responsible_authority"}])
    knows(doors, "eastvale-council")
    glimpsed(doors, missing)
    with doors.view() as view:
        rows = matrix(view, "northmere-police", missing, doors.hub.parts)["items"]
    assert ("eastvale-council", V1) in {(row["agency"], row["event"]["type"]) for row in rows}


def test_who_is_named_in_the_older_version_is_known_to_the_reader(doors, missing):
    """The council reads of Southfold in version 1: it may be shown Southfold in its receipts, as if in version 2."""
    knows(doors, "eastvale-council")
    named = [{"agency": "southfold-police", "role": "receiving_force"}]
    glimpsed(doors, missing, V2, up(SEEN | {"involved": named}))
    assert last(doors, "eastvale-council")["data"]["involved"] == named
    with doors.view() as view:
        assert "southfold-police" in view.knows("eastvale-council", f"episode/{missing}")


def test_what_a_publisher_keeps_back_stays_back_in_the_newer_version(doors, missing):
    """The home keeps `note` back in version 1; version 2 calls it `glimpse.account`, and nobody gets it."""
    glimpsed(doors, missing, concordataudience="-field:note")
    assert last(doors, "northmere-police")["data"] == {"glimpse": {"place": SEEN["place"]}, "sure": "yes"}


@pytest.mark.parametrize(
    ("marks", "followed"),
    [
        ("-field:place", "-field:glimpse.place"),
        ("-field:place.words", "-field:glimpse.place"),
        ("-field:involved", "-field:parties[].agency -field:parties[].role"),
        ("-field:slang", ""),
        ("-agency:bright-path -field:note -field:note", "-agency:bright-path -field:glimpse.account"),
        (None, None),
    ],
)
def test_marks_are_followed(versions, marks, followed):
    """Each mark reads in the newer version as what it kept back in the older."""
    assert marks_in_newest(V1, marks) == followed


def test_a_mark_that_cannot_be_followed_keeps_everything_back(doors, versions):
    """A conversion that does not say where a value went could carry it past the mark: the whole event stays back."""
    silent = Conversion(V1, up, down, {"note": ("glimpse.account",), "certainty": ("sure",), "slang": ()})
    versions.enter_context(in_catalogue(RETIRED, replace(SECOND, converts=silent)))
    episode = str(ULID())
    doors.open(doors.place(), episode)
    receipt = glimpsed(doors, episode, concordataudience="-field:place")
    assert receipt.told == ()
    assert last(doors, "northmere-police")["type"] != V2


def test_a_conversion_that_fails_on_the_way_out_withholds_and_rings(doors, versions):
    """The force that asked for version 1 cannot be given it: it gets nothing, somebody rings, the others are told."""

    def broken(data):
        raise KeyError

    episode = str(ULID())
    doors.open(doors.place(), episode)
    knows(doors, "eastvale-council")
    versions.enter_context(in_catalogue(RETIRED, replace(SECOND, converts=Conversion(V1, up, broken))))
    held = len(doors.mail("eastvale-council"))
    receipt = glimpsed(doors, episode, V2, up(SEEN))
    assert reasons(receipt)["eastvale-council"] == ("hub_error", True)
    assert len(doors.mail("eastvale-council")) == held
    assert last(doors, "northmere-police")["type"] == V2


def test_a_conversion_that_fails_on_the_way_in_refuses_no_report(doors, versions):
    """The hub cannot understand version 1 any more: the report is accepted, nobody is told, everybody is rung."""

    def broken(data):
        raise KeyError

    episode = str(ULID())
    doors.open(doors.place(), episode)
    versions.enter_context(in_catalogue(RETIRED, replace(SECOND, converts=Conversion(V1, broken, down))))
    receipt = glimpsed(doors, episode)
    assert receipt.told == ()
    assert reasons(receipt)["eastvale-council"] == ("hub_error", True)
    assert all(message["type"] not in (V1, V2) for message in doors.mail("northmere-police"))


def test_nothing_that_is_left_of_a_release_is_not_told(doors, versions):
    """What was released has no place in the older version: an empty message would tell nothing, so none is sent."""
    episode = str(ULID())
    doors.open(doors.place(), episode)
    knows(doors, "westmoor-council")
    versions.enter_context(in_catalogue(RETIRED, replace(SECOND, converts=Conversion(V1, up, lambda _: {}))))
    receipt = glimpsed(doors, episode, V2, up(SEEN))
    assert reasons(receipt)["westmoor-council"] == ("nothing_released", True)


def test_history_is_told_in_the_newest_version(doors, versions):
    """The child was glimpsed before version 2 came; the force that takes over reads it in the version of today."""
    episode = str(ULID())
    doors.open(doors.place(), episode)
    with in_catalogue(FIRST, DRAFT):
        glimpsed(doors, episode)
    doors.offer("northmere-police", episode, "southfold-police")
    doors.accept("southfold-police", episode)
    told = [
        past
        for message in doors.mail("southfold-police")
        if message["type"] == "concordat.episode.history.v1"
        for past in message["data"]["events"]
    ]
    assert [past["data"] for past in told if past["type"] == V2] == [up(SEEN)]
    assert V1 not in {past["type"] for past in told}


def test_history_is_told_in_the_version_that_the_joiner_knows(doors, missing):
    """The force that takes over reads version 1 only: so does its history."""
    knows(doors, "southfold-police")
    glimpsed(doors, missing, V2, up(SEEN))
    doors.offer("northmere-police", missing, "southfold-police")
    doors.accept("southfold-police", missing)
    told = {
        past["type"]: past["data"]
        for message in doors.mail("southfold-police")
        if message["type"] == "concordat.episode.history.v1"
        for past in message["data"]["events"]
    }
    assert told[V1]["certainty"] == "certain"
    assert V2 not in told


@pytest.mark.parametrize("lifecycle", [Lifecycle(Status.DRAFT), Lifecycle(Status.WITHDRAWN, RETIRED.lifecycle.since)])
def test_what_is_not_in_use_is_refused_with_a_word(doors, versions, lifecycle):
    """A draft, or a version that was withdrawn: the developer is told which it is and where to look."""
    versions.enter_context(in_catalogue(replace(FIRST, lifecycle=lifecycle)))
    with pytest.raises(InvalidEvent) as refused:
        read(doors.event("harbour-house", V1, SEEN, subject=f"episode/{ULID()}"))
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/type", "not_accepted")
    assert lifecycle.status in fault.message

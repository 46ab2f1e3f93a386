"""Tell it once: what one event does, and what its publisher is answered."""

from dataclasses import replace

import pytest
from ulid import ULID

from broker.casework.refusal import Refused
from broker.flows.enrol import amend
from contracts.agency import Agency
from contracts.disclosure import NotToldReason
from contracts.vocabulary import AgencyKind


def told(receipt):
    return {one.agency for one in receipt.told}


def not_told(receipt):
    return {one.agency: (one.reason.value, one.ring) for one in receipt.not_told}


def amended(doors, agency_id, **changes):
    with doors.view() as view:
        agency = next(one for one in view.agencies() if one.id == agency_id)
    doors.run(lambda draft: amend(draft, replace(agency, **changes)))


def test_one_report_tells_everybody_who_may_know(doors):
    """A home reports a child missing once, and police, both councils and health are told."""
    handle = doors.place()
    receipt = doors.open(handle).receipt
    assert told(receipt) == {"eastvale-council", "westmoor-council", "northmere-health"}
    assert not_told(receipt) == {"bright-path": ("no_clause", True)}
    assert doors.mail("northmere-police")[-1]["type"] == "concordat.episode.opened.v1"
    assert [row.recipient for row in doors.disclosures(type="concordat.episode.opened.v1")] == [
        "westmoor-council",
        "northmere-police",
        "northmere-health",
        "eastvale-council",
        "bright-path",
    ]


def test_a_receipt_counts_the_events_own_fields_by_outcome(doors):
    """What was released, transformed and withheld adds up to the fields that the report had."""
    receipt = doors.open(doors.place()).receipt
    line = next(one for one in receipt.told if one.agency == "westmoor-council")
    assert (line.role, line.protocol) == ("host_authority", "northmere-missing-children@1")
    assert (line.released, line.transformed, line.withheld) == (3, 2, 3)


def test_a_home_that_names_nobody_is_not_shown_who_was_told(doors):
    """Without a placement record the force of the area is told; the home named nobody, so the receipt names nobody."""
    receipt = doors.open(None).receipt
    assert (receipt.told, receipt.not_told) == ((), ())
    assert [one["type"] for one in doors.mail("northmere-police")] == ["concordat.episode.opened.v1"]


def test_a_home_is_shown_the_force_that_it_named_itself(doors):
    """The same report, now naming the force: it stands in the receipt."""
    receipt = doors.open(None, involved=[{"agency": "northmere-police", "role": "owning_force"}]).receipt
    assert told(receipt) == {"northmere-police"}


def test_a_home_that_was_not_told_of_the_record_is_shown_nobody_of_it(doors):
    """The council keeps its record back from the home: the home's report reaches all, its receipt names none."""
    document = doors.event(
        "eastvale-council",
        "concordat.placement.notified.v1",
        {
            "child": {"local_reference": "EC-2041"},
            "placement": {"began_at": "2026-11-01T09:00:00Z"},
            "involved": [
                {"agency": "harbour-house", "role": "care_provider"},
                {"agency": "northmere-health", "role": "health"},
            ],
        },
        concordataudience="-agency:harbour-house",
    )
    receipt = doors.send(document).receipt
    assert not_told(receipt)["harbour-house"] == ("narrowed_by_publisher", False)
    opened = doors.open(receipt.subject.removeprefix("child/")).receipt
    assert (opened.told, opened.not_told) == ((), ())
    assert {row.recipient for row in doors.disclosures(episode=opened.episode, outcome="disclosed")} == {
        "northmere-police",
        "eastvale-council",
        "northmere-health",
    }


def test_a_police_answer_names_those_it_was_told_of(doors):
    """The force heard of the report from the home alone: its own receipt shows the home and nobody else."""
    opened = doors.open(doors.place()).receipt
    assert told(doors.risk("northmere-police", opened.episode).receipt) == {"harbour-house"}
    assert doors.mail("eastvale-council")[-1]["type"] == "concordat.risk.changed.v1"


def test_paperwork_never_refuses_a_report(doors):
    """Strangers, an unknown handle and an unknown NHS number: the report is accepted and says who must be rung."""
    receipt = doors.open(
        str(ULID()),
        child={"handle": str(ULID()), "nhs_number": "9434765919", "local_reference": "nobody-knows"},
        involved=[
            {"agency": "far-away-council", "role": "responsible_authority"},
            {"agency": "northmere-health", "role": "health"},
        ],
    ).receipt
    assert not_told(receipt) == {
        "far-away-council": ("unknown_agency", True),
        "northmere-health": ("not_confirmed", True),
    }
    assert {one.code for one in receipt.warnings} == {"placement_not_linked"}
    assert doors.mail("northmere-health") == []
    leaf = next(row for row in doors.disclosures() if row.recipient == "far-away-council")
    with doors.view() as view:
        assert b"far-away" not in view.entry(leaf.id).leaf


def test_a_report_that_no_force_owns_is_accepted(doors):
    """A charity without an area reports a child: nobody is told, and it is warned that it must ring."""
    data = {"child": {"name": "Robin Example"}}
    receipt = doors.publish("bright-path", "concordat.episode.opened.v1", data, subject=f"episode/{ULID()}").receipt
    assert [one.code for one in receipt.warnings] == ["no_owning_force"]
    assert doors.disclosures(episode=receipt.episode) == ()


def test_an_expired_protocol_refuses_nothing(build):
    """Ten years on nobody has renewed the protocol: the report is accepted and everybody must be rung."""
    doors = build()
    handle = doors.place()
    doors.clock.advance(doors.clock.now().replace(year=2036) - doors.clock.now())
    receipt = doors.open(handle).receipt
    assert receipt.told == ()
    assert not_told(receipt)["eastvale-council"] == ("protocol_expired", True)


def test_an_agency_without_a_system_must_be_rung(doors):
    """An involved agency without a channel is not told; its mailbox stays empty."""
    handle = doors.place()
    amended(doors, "northmere-health", has_channel=False)
    before = len(doors.mail("northmere-health"))
    assert not_told(doors.open(handle).receipt)["northmere-health"] == ("no_channel", True)
    assert len(doors.mail("northmere-health")) == before


def test_a_suspended_agency_is_neither_told_nor_heard(doors):
    """A home whose registration has ended is told no more, and its report is refused and leaves nothing."""
    handle = doors.place()
    opened = doors.open(handle).receipt
    amended(doors, "harbour-house", active=False)
    assert not_told(doors.risk("northmere-police", opened.episode).receipt)["harbour-house"] == ("no_channel", True)
    before = doors.size()
    with pytest.raises(Refused) as refused:
        doors.open(handle)
    assert (refused.value.slug, refused.value.status) == ("not-registered", 403)
    assert doors.size() == before


def test_a_stranger_is_refused(doors):
    """An agency that is not registered publishes nothing."""
    with pytest.raises(Refused) as refused:
        doors.publish("far-away-council", "concordat.episode.opened.v1", {"child": {}}, subject=f"episode/{ULID()}")
    assert refused.value.slug == "not-registered"
    assert doors.disclosures() == ()


@pytest.mark.parametrize("source", ["/agencies/northmere-police", "//another.example/agencies/harbour-house"])
def test_nobody_publishes_in_anothers_name(doors, source):
    """A source of another agency, or of another hub, is refused whatever the token says."""
    document = doors.event("harbour-house", "concordat.episode.opened.v1", {"child": {}}, subject=f"episode/{ULID()}")
    step = doors.step(document | {"source": "/agencies/harbour-house"})
    with pytest.raises(Refused) as refused:
        doors.run(doors.step_as("harbour-house", document | {"source": source}))
    assert (refused.value.slug, refused.value.pointer) == ("source-mismatch", "/source")
    assert doors.disclosures() == ()
    assert doors.run(step)


def test_an_absolute_source_of_this_hub_is_the_same_name(doors):
    """Relative or absolute, the source is stored and answered absolute."""
    document = doors.event("harbour-house", "concordat.episode.opened.v1", {"child": {}}, subject=f"episode/{ULID()}")
    receipt = doors.send(document | {"source": "//hub.northmere.example/agencies/harbour-house"}).receipt
    assert receipt.source == "//hub.northmere.example/agencies/harbour-house"


def test_a_time_in_lower_case_is_a_time(doors):
    """RFC 3339 allows t and z; what is allowed is accepted."""
    data = {"child": {"name": "Robin Example"}}
    document = doors.event("harbour-house", "concordat.episode.opened.v1", data, subject=f"episode/{ULID()}")
    assert doors.send(document | {"time": "2026-11-20t21:40:00z"}).receipt.entry
    assert doors.mail("northmere-police")[-1]["time"] == "2026-11-20t21:40:00z"


def test_an_nhs_number_tells_no_stranger_that_a_child_is_in_care(doors):
    """A charity reports a child by NHS number: its receipt is the same whether or not a council has a record of it."""
    doors.place(
        child={"local_reference": "EC-2041", "nhs_number": "9434765919"},
        involved=[{"agency": "harbour-house", "role": "care_provider"}],
        protected_whereabouts=True,
    )
    data = {"child": {"nhs_number": "9434765919"}, "last_seen": {"place": {"words": "bus station"}}}
    other = {"child": {"nhs_number": "9876543210"}, "last_seen": {"place": {"words": "bus station"}}}
    known, unknown = (
        doors.publish("bright-path", "concordat.episode.opened.v1", one, subject=f"episode/{ULID()}").receipt
        for one in (data, other)
    )
    same = {"warnings", "told", "not_told"}
    assert known.model_dump(include=same) == unknown.model_dump(include=same)


def test_a_hub_that_knows_the_reference_finds_the_record_again(doors):
    """The council opens an episode by its own reference and no handle: its record says who is involved."""
    doors.place()
    data = {"child": {"local_reference": "EC-2041", "name": "Robin Example"}}
    receipt = doors.publish(
        "eastvale-council", "concordat.episode.opened.v1", data, subject=f"episode/{ULID()}"
    ).receipt
    assert "northmere-health" in told(receipt)


def test_every_reason_can_be_said_in_words(doors):
    """Each reason for not telling has a sentence that names no agency."""
    doors.run(amend_new)
    handle = doors.place(involved=[{"agency": "quiet-school", "role": "education"}])
    detail = {
        one.agency: one.detail
        for one in doors.publish(
            "eastvale-council",
            "concordat.episode.opened.v1",
            {"child": {"handle": handle}},
            subject=f"episode/{ULID()}",
        ).receipt.not_told
    }
    assert detail == {"quiet-school": "it has no system that receives from this hub"}
    assert NotToldReason.NO_CHANNEL in {row.reason for row in doors.disclosures()}


def amend_new(draft):
    draft.put_agency(Agency("quiet-school", "Quiet School", AgencyKind.EDUCATION, has_channel=False))

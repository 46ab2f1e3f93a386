"""Sent again: a retry is answered as the first time and changes nothing."""

import pytest
from ulid import ULID

from broker.casework.refusal import Refused
from broker.flows.activate import activate
from broker.ports.records import Scope


def state(doors):
    """Everything that a second taking would change."""
    agencies = ("northmere-police", "eastvale-council", "westmoor-council", "harbour-house", "northmere-health")
    size, told = doors.size(), len(doors.disclosures())
    with doors.view() as view:
        return size, told, [view.mailbox(one) for one in agencies]


def report(doors, handle, **changes):
    data = {"child": {"handle": handle, "name": "Robin Example"}, "risk": {"level": "medium"}}
    return doors.event("harbour-house", "concordat.episode.opened.v1", data, subject=f"episode/{ULID()}") | changes


def test_the_same_report_again_is_answered_with_the_same_receipt(kept_doors):
    """A home whose line broke sends again: same receipt to the byte, no second entry, mail or number."""
    doors = kept_doors
    document = report(doors, doors.place())
    first = doors.send(document)
    before = state(doors)
    again = doors.send(document)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.receipt.model_dump_json() == first.receipt.model_dump_json()
    assert state(doors) == before


def test_twice_in_one_batch_is_once(doors):
    """Both sendings wait together: one event, one receipt."""
    step = doors.step(report(doors, doors.place()))
    before = doors.size()
    first, again = doors.run(step, step)
    assert again.receipt == first.receipt
    assert again.replayed
    assert doors.size() == before + 16


def test_trace_and_form_of_the_source_make_no_other_event(doors):
    """A retry has another trace, and may name its source absolutely or leave null what it does not set."""
    document = report(doors, doors.place(), traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    first = doors.send(document)
    other = document | {
        "traceparent": "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203332-01",
        "tracestate": "a=b",
        "source": "//hub.northmere.example/agencies/harbour-house",
        "dataschema": None,
    }
    again = doors.send(other)
    assert again.replayed
    assert again.receipt == first.receipt


@pytest.mark.parametrize("change", ["data", "time", "concordataudience", "type"])
def test_an_id_for_other_content_is_refused(doors, change):
    """The same id with anything else changed is a mistake that must not pass for a retry, and nothing changes."""
    document = report(doors, doors.place())
    doors.send(document)
    before = state(doors)
    other = {
        "data": document["data"] | {"risk": {"level": "high"}},
        "time": "2026-11-20T21:39:59.000Z",
        "concordataudience": "-agency:westmoor-council",
        "type": "concordat.involvement.added.v1",
    }
    changed = document | {change: other[change]}
    if change == "type":
        changed["data"] = {"involved": [{"agency": "northmere-health", "role": "health"}]}
    with pytest.raises(Refused) as refused:
        doors.send(changed)
    assert (refused.value.slug, refused.value.status) == ("id-reused", 409)
    assert state(doors) == before


def test_the_same_id_of_another_source_is_another_event(doors):
    """Ids are each publisher's own."""
    document = report(doors, doors.place())
    episode = doors.send(document).receipt.episode
    data = {"risk": {"level": "high"}}
    other = doors.event(
        "northmere-police", "concordat.risk.changed.v1", data, subject=f"episode/{episode}", id=document["id"]
    )
    assert not doors.send(other).replayed
    assert doors.mail("eastvale-council")[-1]["type"] == "concordat.risk.changed.v1"


def test_a_retry_after_the_rules_have_changed_is_told_of_the_first_decision(doors):
    """Decisions are made once: a protocol that releases nothing, in force since, does not change the receipt."""
    handle = doors.place()
    document = report(doors, handle)
    first = doors.send(document)
    with doors.view() as view:
        old = view.protocols()[0].document
    newer = old | {"version": 2, "signatures": []}
    doors.run(lambda draft: activate(draft, newer, doors.hub.parts))
    assert doors.send(document).receipt == first.receipt
    fresh = doors.send(report(doors, handle))
    assert fresh.receipt.told == ()


def test_a_retry_after_erasure_is_known_but_has_no_receipt(doors):
    """The content is gone with its key, the mark of it is not: told apart from a new event and from another."""
    document = report(doors, doors.place())
    episode = doors.send(document).receipt.episode
    doors.hub.parts.vault.erase(Scope(f"episode/{episode}", "harbour-house"))
    before = state(doors)
    with pytest.raises(Refused) as refused:
        doors.send(document)
    assert refused.value.status == 410
    with pytest.raises(Refused) as refused:
        doors.send(document | {"data": {"child": {}}})
    assert refused.value.status == 409
    assert state(doors) == before


def test_the_same_protocol_again_is_recorded_once(doors):
    """Bringing a signed protocol into force twice leaves one entry; a step that is run again does no more."""
    with doors.view() as view:
        document = view.protocols()[0].document
    before = doors.size()
    doors.run(lambda draft: activate(draft, document, doors.hub.parts))
    assert doors.size() == before

"""Proof: what an agency was told stands in the log, and a hub that says otherwise is found out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sdk import Evidence, HubClient, Position, check_receipt, gather_evidence, missing_numbers, prove
from adapters.sdk.testing import InMemoryHub, MemoryLog
from contracts.disclosure import Opened, Opening
from contracts.transparency import MalformedError, ProofError, SignatureError, VerificationError

HOME = "harbour-house"
DATA = {"located_at": "2026-11-22T23:10:00Z", "condition": {"text": "Cold, well."}}
Play = Callable[..., Any]


@pytest.fixture
def evidence(hub: InMemoryHub, as_home: Play) -> Evidence:
    """What Harbour House fetched of the third of five disclosures, waiting for the checkpoint that covers it."""
    for _ in range(5):
        hub.deliver(HOME, "concordat.child.located.v1", DATA)
    message = list(hub.mailbox(HOME).messages.values())[2]
    sleep = hub.clock.sleep

    async def until_checkpoint(seconds: float) -> None:
        await sleep(seconds)
        hub.log.publish()

    hub.clock.sleep = until_checkpoint

    async def story(client: HubClient) -> Evidence:
        return await gather_evidence(client, message["id"])

    return as_home(story)


def test_a_disclosure_is_proved_under_the_pinned_key(hub: InMemoryHub, evidence: Evidence) -> None:
    """The home proves to itself that the ledger holds exactly the data that it was given."""
    proved = prove(evidence, hub.log.verifier_key(), received=DATA)

    assert (proved.checkpoint.size, proved.entry["operation"]) == (5, "disclosed")
    assert proved.values["payload"] == DATA
    assert hub.clock.waits == [2.0]


def test_a_log_that_another_key_signed_is_not_believed(evidence: Evidence) -> None:
    """A hub that puts up a second log, with its own key, convinces nobody who pinned the first."""
    other = MemoryLog("hub.northmere.example/ledger").verifier_key()

    with pytest.raises(SignatureError):
        prove(evidence, other)


def test_a_changed_entry_is_refused(hub: InMemoryHub, evidence: Evidence) -> None:
    """An entry rewritten after the event, in good form, is not in the log."""
    rewritten = replace(evidence, entry=evidence.entry.replace(b"harbour-house", b"bright-path"))

    with pytest.raises(ProofError):
        prove(rewritten, hub.log.verifier_key())


def test_a_proof_of_another_entry_is_refused(hub: InMemoryHub, as_home: Play, evidence: Evidence) -> None:
    """The neighbour's proof proves the neighbour."""
    other = next(message for message in hub.mailbox(HOME).messages.values() if message["id"] != evidence.disclosure_id)
    proof = as_home(lambda client: client.proof(other["id"]))

    with pytest.raises(ProofError):
        prove(replace(evidence, proof=proof), hub.log.verifier_key())


def test_data_that_the_ledger_does_not_hold_is_refused(hub: InMemoryHub, evidence: Evidence) -> None:
    """What came through the mailbox differs by a word from what the ledger committed to: found out."""
    with pytest.raises(ProofError):
        prove(evidence, hub.log.verifier_key(), received={**DATA, "condition": {"text": "Cold, unwell."}})


def test_an_opening_that_does_not_fit_is_refused(hub: InMemoryHub, evidence: Evidence) -> None:
    """Neither other data under the right key, nor a disclosure's opening for another, nor none at all is taken."""
    payload = evidence.opening.commitments["payload"]
    forged = Opening(id=evidence.disclosure_id, commitments={"payload": Opened(key=payload.key, value={})})
    borrowed = Opening(id="01JD6QK3Z8T0V5W2N4Y6B8C0D1", commitments=evidence.opening.commitments)
    empty = Opening(id=evidence.disclosure_id, commitments={})

    for opening in (forged, borrowed, empty):
        with pytest.raises(ProofError):
            prove(replace(evidence, opening=opening), hub.log.verifier_key())


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_entry_or_proof_can_change(place: int, bit: int) -> None:
    """Whichever bit of the evidence is flipped, it no longer proves the disclosure."""
    hub = InMemoryHub()
    hub.deliver(HOME, "concordat.child.located.v1", DATA)
    hub.deliver(HOME, "concordat.child.located.v1", DATA)
    hub.log.publish()
    disclosure_id, opened = next(iter(hub._disclosures.items()))
    proof = hub.log.proof(0)
    assert proof is not None
    sound = Evidence(
        disclosure_id,
        hub.log.leaves[0],
        Opening.model_validate({"id": disclosure_id, "commitments": opened.opening}),
        proof,
    )
    prove(sound, hub.log.verifier_key())
    whole = bytearray(sound.entry + proof.encode())
    whole[place % len(whole)] ^= 1 << bit
    entry, text = bytes(whole[: len(sound.entry)]), bytes(whole[len(sound.entry) :]).decode(errors="replace")

    with pytest.raises(VerificationError):
        prove(replace(sound, entry=entry, proof=text), hub.log.verifier_key())


def test_a_receipt_answers_one_event(as_home: Play, report: Play) -> None:
    """A receipt for another event, publisher or episode is not the receipt of this one."""
    event = report()
    receipt = as_home(lambda client: client.publish(event))
    check_receipt(receipt, event)

    for other in (
        receipt.model_copy(update={"event_id": report()["id"]}),
        receipt.model_copy(update={"source": "//hub.northmere.example/agencies/bright-path"}),
        receipt.model_copy(update={"episode": report()["subject"].removeprefix("episode/")}),
    ):
        with pytest.raises(ProofError):
            check_receipt(other, event)
    with pytest.raises(MalformedError):
        check_receipt(receipt.model_copy(update={"accepted_at": "last night"}), event)


@given(st.sets(st.integers(1, 60)))
def test_what_is_missing_and_what_was_received_make_the_whole(received: set[int]) -> None:
    """Between the first and the last number, each was either received or is reported missing."""
    gaps = missing_numbers(Position(3, number) for number in received)
    missing = {number for gap in gaps for number in range(gap.first, gap.last + 1)}

    assert missing.isdisjoint(received)
    assert missing | received == (set(range(min(received), max(received) + 1)) if received else set())

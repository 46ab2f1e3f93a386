"""Many waiting at once: what one submission does to the others, which is nothing."""

import asyncio
from contextlib import contextmanager, suppress

import orjson
import pytest
from ulid import ULID

from broker.casework.refusal import Refused
from broker.flows import history, record, verdict
from broker.flows.check import read
from broker.flows.publish import publish
from broker.ports.records import Scope
from broker.ports.store import StoreUnavailable
from broker.ports.vault import MemoryVault, VaultUnavailable
from contracts.envelope import rfc3339
from contracts.ledger_entry import Operation

RECIPIENTS = ("northmere-police", "eastvale-council", "westmoor-council", "northmere-health")


def report(doors, handle=None, name="Robin Example"):
    child = {"name": name} | ({} if handle is None else {"handle": handle})
    data = {"child": child, "risk": {"level": "medium"}}
    return doors.event("harbour-house", "concordat.episode.opened.v1", data, subject=f"episode/{ULID()}")


def record_of(doors, reference):
    data = {
        "child": {"local_reference": reference},
        "placement": {"began_at": "2026-11-01T09:00:00Z"},
        "involved": [{"agency": "harbour-house", "role": "care_provider"}],
    }
    return doors.event("eastvale-council", "concordat.placement.notified.v1", data)


def numbers(doors, agency):
    return [one["concordatsequence"] for one in doors.mail(agency)]


def failing_after(step):
    def fails(draft):
        step(draft)
        raise RuntimeError("an invented failure after all was decided")

    return fails


def test_a_bad_event_in_the_middle_leaves_nothing(kept_doors):
    """The second of three fails after all its work: no handle, pseudonym, knowledge, entry or number of it is left."""
    doors = kept_doors
    handle = doors.place()
    first, bad, last = report(doors, handle), record_of(doors, "EC-9999"), report(doors, handle)
    doomed = report(doors, handle)
    before = numbers(doors, "eastvale-council")
    outcomes = doors.hub.sequencer.commit(
        [
            doors.step(first),
            failing_after(doors.step(bad)),
            failing_after(doors.step(doomed)),
            doors.step(last),
        ]
    )
    assert [type(one).__name__ for one in outcomes] == ["Published", "RuntimeError", "RuntimeError", "Published"]
    assert numbers(doors, "eastvale-council") == [*before, f"1.{len(before) + 1}", f"1.{len(before) + 2}"]
    with doors.view() as view:
        assert view.episode(doomed["subject"].partition("/")[2]) is None
        assert view.pseudonym(doomed["subject"]) is None
        assert view.knows("northmere-police", doomed["subject"]) == frozenset()
        assert view.events_about(doomed["subject"]) == ()
    assert doors.disclosures(episode=doomed["subject"].partition("/")[2]) == ()
    # The reference of the record that failed was given no handle: the same record, sent again, is a new one.
    assert not doors.send(bad).replayed


def test_a_batch_of_events_is_all_or_nothing(doors):
    """An agency sends three events as one CloudEvents batch, the last against the rules: none of them is taken."""
    handle = doors.place()
    good, against = report(doors, handle), report(doors, handle)
    against["subject"] = good["subject"]
    before = doors.size(), len(doors.disclosures())

    def step(draft):
        return [publish(draft, "harbour-house", read(one), doors.hub.parts) for one in (good, against)]

    with pytest.raises(Refused) as refused:
        doors.run(step)
    assert refused.value.slug == "episode-exists"
    assert (doors.size(), len(doors.disclosures())) == before


def test_a_row_that_the_database_refuses_harms_only_its_own_step(kept_doors):
    """One step writes an entry that is there already: the batch is rolled back, and the others are taken one by one."""
    doors = kept_doors
    handle = doors.place()
    parts, twin = doors.hub.parts, doors.disclosures()[0]

    def duplicate(draft):
        now = doors.clock.now()
        hold = record.entry(
            parts,
            Operation.HOLD,
            entry_id=twin.id,
            at=now,
            actor=parts.own_name,
            scope=Scope("hub", "hub"),
            commitments={"full_detail": record.whole({})},
        )
        draft.entries.append(hold)

    before = numbers(doors, "eastvale-council")
    outcomes = doors.hub.sequencer.commit(
        [doors.step(report(doors, handle)), duplicate, doors.step(report(doors, handle))]
    )
    assert [type(one).__name__ for one in outcomes] == ["Published", "StoreUnavailable", "Published"]
    assert len(numbers(doors, "eastvale-council")) == len(before) + 2


class Unsure:
    """A store whose commits succeed, and which then says that it does not know, as often as it is told to."""

    def __init__(self, store):
        self.store = store
        self.times = 0

    def __getattr__(self, name):
        return getattr(self.store, name)

    @contextmanager
    def writing(self):
        with self.store.writing() as unit:
            yield unit
        if self.times:
            self.times -= 1
            raise StoreUnavailable("the connection broke during the commit")


@pytest.fixture
def unsure(build, database_url):
    """A hub whose database may lose the answer to a commit."""
    return build(database_url, wrapper=Unsure)


def test_a_commit_of_unknown_outcome_doubles_nothing(unsure):
    """The batch was committed and the answer lost: run again, each gets its receipt, and nothing is there twice."""
    handle = unsure.place()
    documents = [report(unsure, handle), report(unsure, handle), report(unsure, handle)]
    before = unsure.size()
    unsure.hub.store.times = 1
    outcomes = unsure.run(*(unsure.step(one) for one in documents))
    assert unsure.size() == before + 32  # 3 acceptances and 15 verdicts
    assert [one.receipt.event_id for one in outcomes] == [one["id"] for one in documents]
    assert {told.agency for one in outcomes for told in one.receipt.told} >= {"eastvale-council"}
    listed = numbers(unsure, "eastvale-council")
    assert listed == [f"1.{number}" for number in range(1, len(listed) + 1)]
    assert len(listed) == 3
    told = [told.disclosure_id for one in outcomes for told in one.receipt.told if told.agency == "eastvale-council"]
    assert [one["id"] for one in unsure.mail("eastvale-council")] == told


def test_a_publisher_who_is_told_of_an_unknown_outcome_may_send_again(unsure):
    """The answer is lost twice: the publisher hears that it must ask again, does, and gets the one receipt there is."""
    handle = unsure.place()
    document = report(unsure, handle)
    unsure.hub.store.times = 2
    with pytest.raises(StoreUnavailable):
        unsure.send(document)
    assert unsure.send(document).replayed
    assert len(numbers(unsure, "eastvale-council")) == 1


def test_mail_of_a_commit_of_unknown_outcome_wakes_those_who_wait(unsure):
    """The first attempt committed the mail and woke nobody; the feeds are woken all the same."""
    woken = []
    unsure.hub.notifier.wake = lambda: woken.append(True)
    step = unsure.step(report(unsure, unsure.place()))
    woken.clear()
    unsure.hub.store.times = 1
    unsure.run(step)
    assert woken


class LockedVault(MemoryVault):
    """A vault that makes no new keys for a while."""

    locked = False

    def key(self, scope):
        if self.locked:
            raise VaultUnavailable("the key store is away")
        return super().key(scope)


def test_the_writer_outlives_a_vault_that_is_away(build):
    """Keys cannot be made while a batch is written: its submitters are told, and the next batch is taken."""
    vault = LockedVault()
    doors = build(vault=vault)
    handle = doors.place()

    async def night():
        sequencer = doors.hub.sequencer
        writer = asyncio.create_task(sequencer.run())
        vault.locked = True
        with pytest.raises(VaultUnavailable):
            await asyncio.wait_for(sequencer.submit(doors.step(report(doors, handle))), 5)
        vault.locked = False
        published = await asyncio.wait_for(sequencer.submit(doors.step(report(doors, handle))), 5)
        writer.cancel()
        with suppress(asyncio.CancelledError):
            await writer
        return published

    assert asyncio.run(night()).receipt.told
    assert len(numbers(doors, "eastvale-council")) == 1


def test_one_recipient_that_cannot_be_redacted_for_must_be_rung(doors, monkeypatch, capfd):
    """The rulebook breaks for one council: it gets nothing and must be rung, all others are told, nothing leaks."""
    handle = doors.place()
    real = verdict.decide

    def broken(event_type, event, case, recipient, parts):
        if recipient.agency_id == "eastvale-council":
            raise ValueError(event.data["child"]["name"])
        return real(event_type, event, case, recipient, parts)

    monkeypatch.setattr(verdict, "decide", broken)
    receipt = doors.send(report(doors, handle, name="Canary Example")).receipt
    (missed,) = [one for one in receipt.not_told if one.agency == "eastvale-council"]
    assert (missed.reason.value, missed.ring) == ("hub_error", True)
    assert {one.agency for one in receipt.told} == {"westmoor-council", "northmere-health"}
    assert doors.mail("eastvale-council") == []
    (row,) = [one for one in doors.disclosures(episode=receipt.episode) if one.recipient == "eastvale-council"]
    with doors.view() as view:
        entry = view.entry(row.id)
    assert (row.outcome, entry.operation) == (Operation.WITHHELD, Operation.WITHHELD)
    assert b"Canary" not in entry.leaf + entry.opening
    said = capfd.readouterr()
    assert "redaction_failed" in said.out + said.err
    assert "Canary" not in said.out + said.err


def test_a_history_that_fails_refuses_nothing(doors, monkeypatch):
    """What went before cannot be redacted for a force that takes over: it owns the episode all the same."""
    episode = doors.open(doors.place()).receipt.episode
    doors.offer("northmere-police", episode, "southfold-police")

    def broken(*_):
        raise ValueError("an invented failure")

    monkeypatch.setattr(history, "decide", broken)
    assert doors.accept("southfold-police", episode).receipt.entry
    rows = doors.disclosures(type="concordat.episode.history.v1")
    assert {row.reason.value for row in rows} == {"hub_error"}
    assert all(one["type"] != "concordat.episode.history.v1" for one in doors.mail("southfold-police"))
    with doors.view() as view:
        assert view.episode(episode).owner == "southfold-police"


def test_every_change_of_a_batch_is_seen_by_the_next_in_it(doors):
    """Placement record, report and risk wait together; each finds what the one before has done."""
    record_ = record_of(doors, "EC-2041") | {"subject": f"child/{ULID()}"}
    opened = report(doors, record_["subject"].removeprefix("child/"))
    risk = doors.event(
        "northmere-police", "concordat.risk.changed.v1", {"risk": {"level": "high"}}, subject=opened["subject"]
    )
    doors.run(*(doors.step(one) for one in (record_, opened, risk)))
    assert [one["type"] for one in doors.mail("harbour-house")] == [
        "concordat.placement.notified.v1",
        "concordat.risk.changed.v1",
    ]
    assert orjson.dumps(doors.mail("harbour-house")[-1]["data"]) == b'{"risk":{"level":"high"}}'
    assert doors.mail("harbour-house")[-1]["time"] == rfc3339(doors.clock.now())

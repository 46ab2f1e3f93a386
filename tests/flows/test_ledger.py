"""The ledger of what was told: every decision has its entry, and whoever is concerned can prove it."""

import sqlite3
from collections import Counter

import orjson
import pytest

from broker.flows.audit import NotYet, opening, proof
from broker.flows.checkpoint import LedgerBehind, require_floor
from broker.flows.consult import Caller
from broker.store.database import SqlStore
from contracts.canonical import unb64url
from contracts.commitment import opens
from contracts.ledger_entry import LedgerEntry, Operation
from contracts.merkle import hash_leaf
from contracts.transparency import TlogProof, open_checkpoint, verify_tlog_proof

AUDIT = frozenset({"publish", "subscribe", "audit"})
HOME = Caller("harbour-house", AUDIT)
COUNCIL = Caller("eastvale-council", AUDIT)
OVERSIGHT = Caller("northmere-hub-oversight", frozenset({"oversight"}))


def leaves(doors):
    with doors.view() as view:
        return view.nodes(0, 0, view.frontier().size)


@pytest.fixture
def night(doors):
    """A placement, a report, and its entry of what one council was told."""
    opened = doors.open(doors.place()).receipt
    row = next(one for one in doors.disclosures(episode=opened.episode) if one.recipient == "eastvale-council")
    return doors, opened, row


def opened_for(doors, caller, entry_id):
    with doors.view() as view:
        found = opening(view, caller, entry_id)
        entry = view.entry(entry_id)
    committed = orjson.loads(entry.leaf)["commitments"]
    for name, one in found.commitments.items():
        assert opens(committed[name], unb64url(one.key), one.value), name
    return {name: one.value for name, one in found.commitments.items()}, committed


@pytest.mark.parametrize(("reports", "size"), [(1, 16), (3, 32), (6, 64)])
def test_a_batch_hides_its_size_among_padding(doors, reports, size):
    """Whether one home reported or six, the tree grows by 16, 32 or 64 and the real leaves lie anywhere."""
    handle = doors.place()
    before = doors.size()
    documents = [
        doors.event(
            "harbour-house",
            "concordat.episode.opened.v1",
            {"child": {"handle": handle}, "reported_at": "2026-11-20T21:40:00Z"},
            subject=f"episode/{doors.hub.parts.new_id()}",
        )
        for _ in range(reports)
    ]
    published = doors.run(*(doors.step(one) for one in documents))
    assert doors.size() == before + size
    rows = [row for row in doors.disclosures() if row.type == "concordat.episode.opened.v1"]
    assert len(rows) == 5 * reports
    with doors.view() as view:
        entries = [view.entry(row.id) for row in rows] + [view.entry(one.receipt.entry) for one in published]
    places = [entry.place for entry in entries]
    assert len(set(places)) == 6 * reports
    assert all(before <= place < before + size for place in places)
    assert Counter(entry.operation for entry in entries) == {
        Operation.ACCEPTED: reports,
        Operation.DISCLOSED: 4 * reports,
        Operation.WITHHELD: reports,
    }
    tree = leaves(doors)
    assert all(hash_leaf(entry.leaf) == tree[entry.place] for entry in entries)
    assert all(LedgerEntry.from_leaf(entry.leaf).operation is entry.operation for entry in entries)


def test_the_order_of_a_batch_is_not_the_order_of_telling(doors):
    """Ten reports one by one: the acceptance is not always at the same place of its batch."""
    handle, places = doors.place(), set()
    for _ in range(10):
        entry_id = doors.open(handle).receipt.entry
        with doors.view() as view:
            places.add(view.entry(entry_id).place % 16)
    assert len(places) > 1


def test_the_recipient_opens_what_it_was_given_and_no_more(night):
    """The council checks its message and its view of the decision; the auditor's view stays closed to it."""
    doors, _, row = night
    values, committed = opened_for(doors, COUNCIL, row.id)
    assert set(values) == {"payload", "detail"}
    assert set(committed) == {"payload", "detail", "full_detail"}
    assert values["payload"] == doors.mail("eastvale-council")[-1]["data"]
    assert {"event_id", "publisher"}.isdisjoint(values["detail"])


def test_the_publisher_opens_the_whole_decision(night):
    """The home's DPO checks what was given and why, field by field."""
    doors, opened, row = night
    values, _ = opened_for(doors, HOME, row.id)
    assert set(values) == {"payload", "full_detail"}
    assert (values["full_detail"]["event_id"], values["full_detail"]["publisher"]) == (opened.event_id, "harbour-house")


def test_oversight_opens_decisions_and_no_values(night):
    """Oversight sees why, never what."""
    doors, opened, row = night
    values, _ = opened_for(doors, OVERSIGHT, row.id)
    assert set(values) == {"detail", "full_detail"}
    assert b"Left after a call" not in orjson.dumps(values)
    accepted, _ = opened_for(doors, OVERSIGHT, opened.entry)
    assert set(accepted) == {"full_detail"}


def test_the_publisher_opens_its_own_acceptance(night):
    """The receipt's entry commits to the event as it was accepted."""
    doors, opened, _ = night
    values, _ = opened_for(doors, HOME, opened.entry)
    assert values["payload"]["circumstances"]["text"] == "Left after a call."
    with doors.view() as view:
        assert opening(view, COUNCIL, opened.entry) is None


def test_an_entry_proves_itself_offline(night):
    """Before the next checkpoint there is no proof yet; after it, leaf and proof verify with the log's key alone."""
    doors, _, row = night
    with doors.view() as view, pytest.raises(NotYet):
        proof(view, COUNCIL, row.id)
    checkpoint = doors.publish_checkpoint()
    key = doors.hub.signer.verifier_key
    assert open_checkpoint(checkpoint.note, key).size == doors.size()
    with doors.view() as view:
        text, leaf = proof(view, COUNCIL, row.id), view.entry(row.id).leaf
        assert proof(view, Caller("westmoor-council", AUDIT), row.id) is None
    assert verify_tlog_proof(TlogProof.parse(text), leaf, key).size == checkpoint.size


def test_checkpoints_grow_and_are_made_only_when_there_is_something_new(doors):
    """A quiet hour publishes nothing; a night of reports publishes ever larger trees."""
    first = doors.publish_checkpoint()
    assert doors.publish_checkpoint() is None
    doors.open(doors.place())
    second = doors.publish_checkpoint()
    assert second.size > first.size
    assert doors.hub.parts.vault.floor() == (second.size, second.root)


def test_a_database_from_an_old_backup_is_refused(build, tmp_path):
    """The hub's file is put back to yesterday's copy: it refuses to start, and to publish, below what it published."""
    path = tmp_path / "hub.sqlite"
    doors = build(f"sqlite:///{path}")
    handle = doors.place()
    with sqlite3.connect(path) as now, sqlite3.connect(tmp_path / "old.sqlite") as old:
        now.backup(old)
    doors.open(handle)
    doors.publish_checkpoint()
    vault = doors.hub.parts.vault
    require_floor(doors.hub.store, vault)
    restored = SqlStore(f"sqlite:///{tmp_path / 'old.sqlite'}", vault)
    with pytest.raises(LedgerBehind):
        require_floor(restored, vault)
    restored.close()


def test_a_fork_of_the_same_size_is_refused(build, tmp_path):
    """An old copy that has since grown to the published size along another way is still not the published tree."""
    path = tmp_path / "hub.sqlite"
    doors = build(f"sqlite:///{path}")
    handle = doors.place()
    with sqlite3.connect(path) as now, sqlite3.connect(tmp_path / "old.sqlite") as old:
        now.backup(old)
    doors.open(handle)
    doors.publish_checkpoint()
    vault = doors.hub.parts.vault
    fork = build(f"sqlite:///{tmp_path / 'old.sqlite'}", vault=vault)
    fork.open(handle)
    assert fork.size() == doors.size()
    with pytest.raises(LedgerBehind):
        require_floor(fork.hub.store, vault)
    # A failover under a running hub: it must not sign the other tree either.
    with pytest.raises(LedgerBehind):
        fork.publish_checkpoint()


def test_what_is_remembered_is_never_less_than_what_is_published(doors, monkeypatch):
    """The hub dies between remembering a checkpoint and publishing it: nothing has been published that is forgotten."""
    vault = doors.hub.parts.vault

    def dies(*_):
        raise RuntimeError("an invented power cut")

    monkeypatch.setattr(vault, "raise_floor", dies)
    with pytest.raises(RuntimeError):
        doors.publish_checkpoint()
    with doors.view() as view:
        assert view.latest_checkpoint() is None


def test_a_handover_leaves_its_stages(doors):
    """Offered, lapsed by the clock, offered again, accepted: four handover entries, however the stage was reached."""
    episode = doors.open(doors.place()).receipt.episode
    doors.offer("northmere-police", episode, "southfold-police", expires_at="2026-11-20T22:40:00Z")
    doors.pass_hours(2)
    doors.offer("northmere-police", episode, "southfold-police")
    doors.accept("southfold-police", episode)
    assert doors.operations()[Operation.HANDOVER] == 4

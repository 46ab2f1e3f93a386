"""Contents at rest: nowhere in clear, nowhere but in their own place, gone with their key."""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from broker.casework.episode import Episode
from broker.ports.records import Scope
from broker.ports.store import StoreUnavailable
from broker.ports.vault import MemoryVault
from broker.store import tables
from broker.store.database import SqlStore
from broker.store.keystore import SqlVault
from broker.store.sealing import SealBroken, Seals, bound
from contracts.vocabulary import AcknowledgementAction, Jurisdiction, RiskLevel

CANARY = b"Robin Inventedchild-canary"
SUBJECT = "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX"
SCOPE = Scope(SUBJECT, "northmere-police")


def _raw_bytes(url: str) -> bytes:
    """Everything that the database holds, as it lies there."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return b"".join(path.read_bytes() for path in file.parent.glob(file.name + "*"))
    dumped = []
    with psycopg.connect(url) as connection:
        for name in tables.metadata.tables:
            with connection.cursor().copy(f"COPY {name} TO STDOUT (FORMAT binary)") as copied:
                dumped += [bytes(block) for block in copied]
    return b"".join(dumped)


def test_canary_is_found_nowhere(
    store: SqlStore, night: Any, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A child's name in content, receipt, opening, message and note is in no file, log or error text."""
    caplog.set_level(logging.DEBUG)
    with store.writing() as unit:
        event, (told,) = night.publish(unit, content=CANARY)
        night.acknowledge(unit, told, AcknowledgementAction.SEEN, note=CANARY)
        unit.put_episodes([Episode(CANARY.decode()[:4], "x", night.now, Jurisdiction.ENGLAND, risk=RiskLevel.HIGH)])
    with pytest.raises(StoreUnavailable) as refused, store.writing() as unit:
        unit.add_events([event])
    raw = _raw_bytes(database_url)
    assert event.id.encode() in raw
    assert CANARY not in raw
    assert b'"high"' not in raw
    text = "".join(traceback.format_exception(refused.value)) + caplog.text
    assert CANARY.decode() not in text
    assert event.id not in text
    with store.reading() as view:
        assert view.events_about(SUBJECT)[0].content == CANARY


@pytest.mark.parametrize("flipped", [30, -1])
def test_changed_content_does_not_open(store: SqlStore, night: Any, flipped: int) -> None:
    """One bit changed in the ciphertext or its tag, and nothing is shown."""
    with store.writing() as unit:
        event, (told,) = night.publish(unit)
    with store._database.writing() as connection:
        sealed = bytearray(connection.execute(select(tables.mail.c.content)).scalar_one())
        sealed[flipped] ^= 1
        connection.execute(update(tables.mail).values(content=bytes(sealed)))
    with store.reading() as view:
        with pytest.raises(SealBroken):
            view.mail_of(told.id)
        assert view.events_about(SUBJECT)[0].content == event.content


def test_content_moved_to_another_row_or_field_does_not_open(store: SqlStore, night: Any) -> None:
    """One recipient's message put in another's mailbox, or a receipt in place of a content, stays shut."""
    with store.writing() as unit:
        _, (full, reduced) = night.publish(unit, tell=["eastvale-council", "harbour-house"])
    with store._database.writing() as connection:
        rows = connection.execute(select(tables.mail.c.recipient, tables.mail.c.content))
        contents = {row.recipient: row.content for row in rows}
        theirs = update(tables.mail).where(tables.mail.c.recipient == "harbour-house")
        connection.execute(theirs.values(content=contents["eastvale-council"]))
        connection.execute(update(tables.events).values(content=tables.events.c.receipt))
    with store.reading() as view:
        assert view.mail_of(full.id) is not None
        with pytest.raises(SealBroken):
            view.mail_of(reduced.id)
        with pytest.raises(SealBroken):
            view.events_about(SUBJECT)


def test_erased_scope_reads_as_none_and_all_else_still_reads(
    open_store: Callable[[], SqlStore], night: Any, vault: SqlVault
) -> None:
    """Erasing one controller's key of one episode takes its contents, not its ids, and nobody else's."""
    store = open_store()
    with store.writing() as unit:
        _, (told,) = night.publish(unit)
        unit.put_episodes([Episode(SUBJECT[8:], "x", night.now, Jurisdiction.ENGLAND)])
        other, (kept,) = night.publish(unit, publisher="eastvale-council", tell=["harbour-house"])
    vault.erase(SCOPE)
    for after in (store, open_store()):
        with after.reading() as view:
            first, second = view.events_about(SUBJECT)
            assert (first.content, first.receipt) == (None, None)
            assert second.content == other.content
            message, entry, kept_message = view.mail_of(told.id), view.entry(told.id), view.mail_of(kept.id)
            assert message is not None
            assert (message.content, message.number) == (None, 1)
            assert entry is not None
            assert entry.opening is None
            assert entry.leaf
            assert kept_message is not None
            assert kept_message.content == other.content
            assert view.disclosure(told.id) == told
            assert view.episode(SUBJECT[8:]) is not None


def test_event_after_an_erasure_is_sealed_anew_and_the_erased_stays_erased(
    store: SqlStore, night: Any, vault: SqlVault
) -> None:
    """A late report in an erased episode is accepted; it opens, and what was erased does not come back or break."""
    with store.writing() as unit:
        night.publish(unit)
    vault.erase(SCOPE)
    with store.writing() as unit:
        late, _ = night.publish(unit, content=b"late")
    with store.reading() as view:
        assert [event.content for event in view.events_about(SUBJECT)] == [None, late.content]


def test_key_is_durable_before_the_commit(open_store: Callable[[], SqlStore], night: Any, vault_url: str) -> None:
    """While a unit is still open the key store, read by another process's eyes, holds the key already."""
    with open_store().writing() as unit:
        night.publish(unit)
        other_eyes = SqlVault(vault_url, bytes(range(32)))
        assert other_eyes.find(SCOPE) is not None
        other_eyes.close()


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(60)])
def test_bytes_of_another_shape_are_refused(sealed: bytes) -> None:
    """Cut off, or of a version that is not known: an error, never a guess."""
    with pytest.raises(SealBroken):
        Seals(MemoryVault()).open(SCOPE, "use", ("row",), sealed)


@given(st.binary(max_size=300), st.text(max_size=20), st.text(max_size=20))
def test_sealed_content_opens_in_its_own_place_alone(content: bytes, row: str, other: str) -> None:
    """Any content, empty too: it opens where it was sealed, and in no other row, use or scope."""
    vault = MemoryVault()
    sealed = Seals(vault).seal(SCOPE, "use", (row,), content)
    assert Seals(vault).open(SCOPE, "use", (row,), sealed) == content
    with pytest.raises(SealBroken):
        Seals(vault).open(SCOPE, "use", (row, other), sealed)
    with pytest.raises(SealBroken):
        Seals(vault).open(SCOPE, "use of another", (row,), sealed)
    elsewhere = Scope(SUBJECT, "eastvale-council")
    vault.key(elsewhere)
    assert Seals(vault).open(elsewhere, "use", (row,), sealed) is None


@given(st.lists(st.text()), st.lists(st.text()))
def test_bound_parts_are_told_apart(some: list[str], others: list[str]) -> None:
    """No two lists of parts give the same associated data."""
    assert (bound(*some) == bound(*others)) == (some == others)

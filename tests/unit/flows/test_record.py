"""An entry that is written piece by piece is the entry that everybody else reads and would write."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.flows import record
from broker.flows.detail import Form
from broker.flows.parts import Parts
from broker.flows.registry import Registry
from broker.ports.chance import new_id
from broker.ports.clock import SetClock
from broker.ports.records import Scope
from broker.ports.vault import MemoryVault
from contracts.canonical import canonical
from contracts.commitment import opens
from contracts.disclosure import Detail
from contracts.ledger_entry import LedgerEntry, Operation
from contracts.merkle import hash_leaf
from contracts.verification_error import MalformedError

NOW = datetime(2026, 11, 22, 21, 40, 1, 120_999, tzinfo=UTC)
PARTS = Parts("hub.northmere.example", SetClock(NOW), MemoryVault(), Registry(), new_id)
SCOPE = Scope("episode/one", "harbour-house")
IDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
AGENCIES = st.text(st.characters(exclude_categories=["Cs", "Z", "C"], exclude_characters="/"), min_size=1)
NAMES = AGENCIES.map(lambda agency: f"//hub.northmere.example/agencies/{agency}")
VALUES = st.dictionaries(TEXTS, TEXTS | st.integers(0, 10) | st.floats(0, 1))


@st.composite
def details(draw: st.DrawFn) -> tuple[record.Content, dict[str, Any]]:
    """A detail by its form and its ids, and the whole of it. Of text in it nothing is promised but that it is text."""
    own: dict[str, Any] = {"disclosure_id": draw(IDS), "episode": draw(IDS)}
    ids = own | draw(st.just({}) | st.fixed_dictionaries({"event_id": IDS, "publisher": IDS}))
    detail = Detail(
        **ids,
        event_type="concordat.risk.changed.v1",
        outcome=Operation.DISCLOSED,
        clauses=tuple(draw(st.lists(TEXTS, max_size=2))),
        purposes=tuple(draw(st.lists(TEXTS, max_size=2))),
        protocol=draw(st.none() | TEXTS),
        reason=draw(st.none() | TEXTS),
    )
    return record.filled(Form.of(detail), ids), detail.model_dump(mode="json", exclude_none=True)


@given(
    st.sampled_from([one for one in Operation if one is not Operation.PADDING]),
    NAMES,
    st.none() | NAMES,
    st.none() | VALUES,
    st.none() | VALUES | details(),
    st.none() | details(),
    st.timedeltas(timedelta(0), timedelta(days=20_000)),
)
def test_a_leaf_is_canonical_and_opens(operation, actor, recipient, data, full_detail, detail, later):
    """Whoever reads the leaf finds what was recorded, in RFC 8785's own bytes; each commitment opens to its value."""
    values: dict[str, Any] = {}
    contents = {}
    for name, given_value in (("full_detail", full_detail), ("payload", data), ("detail", detail)):
        if isinstance(given_value, tuple):
            contents[name], values[name] = given_value
        elif given_value is not None:
            make = record.payload if name == "payload" else record.whole
            contents[name], values[name] = make(given_value), given_value
    made = record.entry(
        PARTS,
        operation,
        entry_id="one",
        at=NOW + later,
        actor=actor,
        recipient=recipient,
        scope=SCOPE,
        commitments=contents,
    )
    said = orjson.loads(made.leaf)
    assert made.leaf == canonical(said)
    assert made.leaf_hash == hash_leaf(made.leaf)
    read = LedgerEntry.from_leaf(made.leaf)
    assert (read.operation, read.actor, read.recipient) == (operation, actor, recipient)
    opening = orjson.loads(made.opening)
    assert set(said["commitments"]) == set(opening) == set(values)
    keys = {name: bytes.fromhex(kept["key"]) for name, kept in opening.items()}
    assert all(opens(said["commitments"][name], keys[name], value) for name, value in values.items())
    assert len(set(keys.values())) == len(keys), "no key is used twice"
    if isinstance(detail, tuple):
        assert opening["detail"]["value"].items() <= values["detail"].items()
        assert bytes.fromhex(opening["detail"]["form"])
    assert set(opening.get("payload", {})) <= {"key"}


def test_padding_is_a_leaf_of_its_own_each_time():
    """Canonical, dated, and with nothing that could be guessed."""
    make = record.padding(PARTS)
    leaves = {make() for _ in range(100)}
    assert len(leaves) == 100
    assert {LedgerEntry.from_leaf(leaf).operation for leaf in leaves} == {Operation.PADDING}
    assert {orjson.loads(leaf)["time"] for leaf in leaves} == {"2026-11-22T21:40:01.120Z"}


def test_a_leaf_fits_an_entry_bundle():
    """What the 16-bit length of a bundle cannot say is refused before it is committed."""
    with pytest.raises(MalformedError, match="65535"):
        record.entry(
            PARTS,
            Operation.ACCEPTED,
            entry_id="one",
            at=NOW,
            actor="//hub.northmere.example/agencies/" + "a" * 65_000,
            recipient="//hub.northmere.example/agencies/" + "b" * 65_000,
            scope=SCOPE,
            commitments={},
        )

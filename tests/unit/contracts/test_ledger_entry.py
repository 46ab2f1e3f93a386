"""Ledger entries: one content, one byte string."""

import pytest

from contracts.canonical import b64url, canonical
from contracts.commitment import commit
from contracts.ledger_entry import LedgerEntry, Operation
from contracts.transparency import MalformedError

CONTENT = {
    "format": "concordat-entry/1",
    "operation": "disclosed",
    "time": "2026-11-22T21:40:01.120Z",
    "actor": "//hub.northmere.example/agencies/harbour-house",
    "recipient": "//hub.northmere.example/agencies/northmere-police",
    "commitments": {"payload": commit(bytes(32), {}), "detail": commit(bytes(32), [])},
    "nonce": b64url(bytes(16)),
}
PADDING = {key: CONTENT[key] for key in ("format", "time", "nonce")} | {"operation": "padding"}


@pytest.mark.parametrize("content", [CONTENT, PADDING], ids=["disclosed", "padding"])
def test_entries_there_and_back(content: dict[str, object]) -> None:
    """What the hub writes, a verifier reads to the byte."""
    leaf = canonical(content)
    assert LedgerEntry.from_leaf(leaf).leaf() == leaf


def test_the_operations_are_those_of_the_public_interface() -> None:
    """The closed list, in the order in which INTERFACES §5 states it."""
    assert " ".join(Operation) == (
        "accepted disclosed withheld delivered acknowledged consulted corrected recalled erased hold "
        "emergency_released protocol_activated protocol_ended handover refused restored padding"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"operation": "forgotten"},
        {"format": "concordat-entry/2"},
        {"time": "2026-11-22T21:40:01Z"},
        {"time": "2026-02-30T21:40:01.120Z"},
        {"time": "2026-11-22T21:40:01.120+00:00"},
        {"actor": None},
        {"actor": "harbour-house"},
        {"recipient": "//hub.northmere.example/agencies/a/b"},
        {"recipient": None},
        {"commitments": {"payload": "short"}},
        {"commitments": {"secret": CONTENT["nonce"]}},
        {"nonce": b64url(bytes(15))},
        {"nonce": "=" * 22},
        {"nonce": 1},
        {"child": "Wren Ashdown"},
        {"operation": "padding"},
        {"checkpoint": "x"},
        {"operation": "restored", "checkpoint": "x"},
        {"recipient": "//hub.northmere.example/agencies/" + "x" * 70_000},
    ],
)
def test_what_is_no_entry(change: dict[str, object]) -> None:
    """A leaf outside the format is refused, and the error quotes neither values nor invented names."""
    with pytest.raises(MalformedError) as refused:
        LedgerEntry.from_leaf(canonical({**CONTENT, **change}))
    assert "Wren" not in str(refused.value)
    assert "child" not in str(refused.value)
    assert "forgotten" not in str(refused.value)


def test_another_spelling_of_the_same_content_is_refused() -> None:
    """Blanks or another order make other bytes, so another leaf: only the canonical one is an entry."""
    leaf = canonical(CONTENT)
    for other in (b" " + leaf, leaf + b"\n", leaf.replace(b",", b", "), b'{"nonce":"","' + leaf[2:], b"\xff", b"[]"):
        with pytest.raises(MalformedError):
            LedgerEntry.from_leaf(other)

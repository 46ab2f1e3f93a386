"""Ledger entries: an exact leaf that commits to what happened, and the keys and details that open it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from broker.flows.parts import Parts
from broker.ports.records import EntryRecord, Scope
from contracts.canonical import b64url
from contracts.commitment import KEY_BYTES, commit
from contracts.envelope import rfc3339
from contracts.ledger_entry import MIN_NONCE_BYTES, Commitments, LedgerEntry, Operation
from contracts.merkle import hash_leaf

PAYLOAD = "payload"
"""The one commitment whose value is kept with the message it was made over, so that it can expire before the rest."""


def entry(
    parts: Parts,
    operation: Operation,
    *,
    entry_id: str,
    at: datetime,
    actor: str,
    recipient: str | None = None,
    scope: Scope,
    commitments: Mapping[str, Any],
) -> EntryRecord:
    """Make an entry. `actor` and `recipient` are absolute names; `commitments` has a value for each name it is given.

    Names are payload, detail and full_detail. Raises MalformedError if the leaf would exceed 64 KiB.
    """
    keys = {name: parts.random_bytes(KEY_BYTES) for name in commitments}
    leaf = LedgerEntry(
        operation=operation,
        time=rfc3339(at),
        actor=actor,
        recipient=recipient,
        commitments=Commitments(**{name: commit(keys[name], value) for name, value in commitments.items()}),
        nonce=b64url(parts.random_bytes(MIN_NONCE_BYTES)),
    ).leaf()
    opening = {
        name: {"key": b64url(keys[name])} | ({} if name == PAYLOAD else {"value": value})
        for name, value in commitments.items()
    }
    return EntryRecord(
        id=entry_id,
        operation=operation,
        leaf=leaf,
        leaf_hash=hash_leaf(leaf),
        scope=scope,
        opening=orjson.dumps(opening),
    )


def padding(parts: Parts) -> bytes:
    """Return a padding leaf: nothing happened, and only its holder could tell it from a hash of something."""
    nonce = b64url(parts.random_bytes(MIN_NONCE_BYTES))
    return LedgerEntry(operation=Operation.PADDING, time=rfc3339(parts.clock.now()), nonce=nonce).leaf()

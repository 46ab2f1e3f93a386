"""Ledger entries: an exact leaf that commits to what happened, and the keys and details that open it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from contracts.canonical import b64url, canonical
from contracts.commitment import KEY_BYTES, commit
from contracts.merkle import hash_leaf

from broker.flows.parts import Parts
from broker.ports.records import EntryRecord, Scope
from contracts.disclosure import ENTRY_FORMAT, MAX_ENTRY_BYTES, Operation
from contracts.envelope import rfc3339

NONCE_BYTES = 16
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
    """Make an entry. `actor` and `recipient` are absolute names; `commitments` maps payload, detail, full_detail to values.

    Raises ValueError if the leaf would exceed the 64 KiB of a tile entry (C2SP tlog-tiles).
    """
    keys = {name: parts.random_bytes(KEY_BYTES) for name in commitments}
    leaf: dict[str, Any] = {
        "format": ENTRY_FORMAT,
        "operation": operation.value,
        "time": rfc3339(at),
        "actor": actor,
        "commitments": {name: commit(keys[name], value) for name, value in commitments.items()},
        "nonce": b64url(parts.random_bytes(NONCE_BYTES)),
    }
    if recipient is not None:
        leaf["recipient"] = recipient
    opening = {
        name: {"key": b64url(keys[name])} | ({} if name == PAYLOAD else {"value": value})
        for name, value in commitments.items()
    }
    exact = _leaf(leaf)
    return EntryRecord(
        id=entry_id,
        operation=operation,
        leaf=exact,
        leaf_hash=hash_leaf(exact),
        scope=scope,
        opening=orjson.dumps(opening),
    )


def padding(parts: Parts) -> bytes:
    """Return a padding leaf: nothing happened, and only its holder could tell it from a hash of something."""
    at = parts.clock.now()
    nonce = b64url(parts.random_bytes(NONCE_BYTES))
    return _leaf({"format": ENTRY_FORMAT, "operation": Operation.PADDING.value, "time": rfc3339(at), "nonce": nonce})


def _leaf(members: dict[str, Any]) -> bytes:
    leaf = canonical(members)
    if len(leaf) > MAX_ENTRY_BYTES:
        raise ValueError("a ledger entry must stay below 64 KiB")
    return leaf

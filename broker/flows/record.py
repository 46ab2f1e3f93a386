"""Ledger entries: an exact leaf that commits to what happened, and the keys and details that open it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import orjson

from broker.flows.detail import Form
from broker.flows.parts import Parts
from broker.ledger.canonical import canonical_bytes, composed_bytes
from broker.ports.records import EntryRecord, Scope
from contracts.canonical import b64url
from contracts.commitment import KEY_BYTES, commit_bytes
from contracts.envelope import rfc3339
from contracts.ledger_entry import FORMAT, MAX_LEAF_BYTES, MIN_NONCE_BYTES, Operation
from contracts.merkle import hash_leaf
from contracts.verification_error import MalformedError

PAYLOAD = "payload"
"""The one commitment whose value is kept with the message it was made over, so that it can expire before the rest."""


@dataclass(frozen=True, slots=True)
class Content:
    """A value that an entry commits to."""

    written: bytes
    """Its canonical JSON."""
    kept: Mapping[str, Any]
    """What is kept beside the key, to give the value again."""


def whole(value: Any) -> Content:
    """Commit to a value that is kept as it is."""
    written = canonical_bytes(value)
    return Content(written, {"value": orjson.Fragment(written)})


def payload(data: Any, *, fractions: bool | None = None) -> Content:
    """Commit to data that is kept elsewhere; `fractions` as for `canonical_bytes`."""
    return Content(canonical_bytes(data, fractions=fractions), {})


def filled(form: Form, ids: Mapping[str, str]) -> Content:
    """Commit to a detail, of which only the ids are kept here, and the form once for all."""
    return Content(form.filled(ids), {"form": form.id.hex(), "value": ids})


def entry(
    parts: Parts,
    operation: Operation,
    *,
    entry_id: str,
    at: datetime,
    actor: str,
    recipient: str | None = None,
    scope: Scope,
    commitments: Mapping[str, Content],
) -> EntryRecord:
    """Make an entry. `actor` and `recipient` are absolute names; `commitments` has a content for each name it is given.

    Names are payload, detail and full_detail. Raises MalformedError if the leaf would exceed 64 KiB.
    """
    chance = parts.random_bytes(KEY_BYTES * len(commitments) + MIN_NONCE_BYTES)
    keys = {name: chance[place : place + KEY_BYTES] for place, name in zip(count(0, KEY_BYTES), commitments)}
    leaf = _leaf(
        {
            "format": FORMAT,
            "operation": operation.value,
            "time": rfc3339(at),
            "actor": actor,
            "commitments": {name: commit_bytes(keys[name], one.written) for name, one in commitments.items()},
            "nonce": b64url(chance[-MIN_NONCE_BYTES:]),
        }
        | ({} if recipient is None else {"recipient": recipient})
    )
    opening = {name: {"key": keys[name].hex(), **one.kept} for name, one in commitments.items()}
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
    return _leaf(
        {
            "format": FORMAT,
            "operation": Operation.PADDING.value,
            "time": rfc3339(parts.clock.now()),
            "nonce": nonce,
        }
    )


def _leaf(entry: Mapping[str, object]) -> bytes:
    """Write a leaf. Its members are the hub's own and need no check: what is read from a ledger is checked in full."""
    leaf = composed_bytes(entry)
    if len(leaf) > MAX_LEAF_BYTES:
        raise MalformedError(f"an entry has at most {MAX_LEAF_BYTES} bytes")
    return leaf

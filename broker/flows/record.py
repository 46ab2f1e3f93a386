"""Ledger entries: an exact leaf that commits to what happened, and the keys and details that open it.

Both are written piece by piece, in canonical order: an entry is made for every recipient of every event.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

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


class Content(NamedTuple):
    """A value that an entry commits to."""

    written: bytes
    """Its canonical JSON."""
    kept: str
    """What is kept beside the key, to give the value again: further members of a JSON object."""


def whole(value: Any) -> Content:
    """Commit to a value that is kept as it is."""
    written = canonical_bytes(value)
    return Content(written, f',"value":{written.decode()}')


def payload(data: Any, *, fractions: bool | None = None) -> Content:
    """Commit to data that is kept elsewhere; `fractions` as for `canonical_bytes`."""
    return Content(canonical_bytes(data, fractions=fractions), "")


def filled(form: Form, ids: Mapping[str, str]) -> Content:
    """Commit to a detail, of which only the ids are kept here, and the form once for all.

    The ids are printable ASCII.
    """
    written = composed_bytes(ids)
    return Content(form.filled(written), f',"form":"{form.name}","value":{written.decode()}')


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
    end = MIN_NONCE_BYTES
    chance = parts.random_bytes(end + KEY_BYTES * len(commitments))
    nonce, committed, opened = b64url(chance[:end]), [], []
    for name in sorted(commitments):
        content = commitments[name]
        key = chance[end : end + KEY_BYTES]
        end += KEY_BYTES
        committed.append(f'"{name}":"{commit_bytes(key, content.written)}"')
        opened.append(f'"{name}":{{"key":"{key.hex()}"{content.kept}}}')
    told = "" if recipient is None else f',"recipient":{_text(recipient)}'
    leaf = _leaf(
        f'{{"actor":{_text(actor)},"commitments":{{{",".join(committed)}}},"format":"{FORMAT}","nonce":"{nonce}",'
        f'"operation":"{operation}"{told},"time":"{rfc3339(at)}"}}'
    )
    opening = f"{{{','.join(opened)}}}".encode()
    return EntryRecord(entry_id, operation, leaf, hash_leaf(leaf), scope, opening)


def padding(parts: Parts) -> Callable[[], bytes]:
    """Return what makes a batch's padding leaves: nothing happened, and only a leaf's holder could tell it from a hash
    of something."""
    before = f'{{"format":"{FORMAT}","nonce":"'
    after = f'","operation":"{Operation.PADDING}","time":"{rfc3339(parts.clock.now())}"}}'
    return lambda: _leaf(before + b64url(parts.random_bytes(MIN_NONCE_BYTES)) + after)


# Few names come back in every entry.
@lru_cache(1024)
def _text(name: str) -> str:
    return orjson.dumps(name).decode()


def _leaf(written: str) -> bytes:
    """Give a leaf. Its members are the hub's own and need no check: what is read from a ledger is checked in full."""
    leaf = written.encode()
    if len(leaf) > MAX_LEAF_BYTES:
        raise MalformedError(f"an entry has at most {MAX_LEAF_BYTES} bytes")
    return leaf

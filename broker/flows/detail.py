"""What is recorded of a decision, written once for every way in which it can fall out.

Of a thousand disclosures under one clause the details differ in their ids and in nothing else. What they share is a
*form*: it is written canonically once, kept once, and filled with the ids of each.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from broker.ledger.canonical import canonical_bytes
from broker.sharing.decide import Decision, Grounds
from broker.sharing.explain import auditor_view, recipient_view
from broker.sharing.plan import Plan
from broker.sharing.redact import Redaction
from broker.sharing.ruling import Ruling
from contracts.disclosure import Detail, FieldOutcome, NotToldReason, Outcome

FORM_ID_BYTES = 16
_IDS = frozenset({"disclosure_id", "episode", "event_id", "publisher"})
_FIRST, _LAST = "disclosure_id", "publisher"
"""In canonical order the other two stand directly behind the first."""
_BEFORE_LAST = b',"publisher":'
_KEPT = 4096
"""Accounts in memory: one for each plan and way in which its fields can fall out. One takes about 10 KiB."""


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """A detail without its ids. Nothing in it is of one event or one child: paths, clauses, purposes, bases."""

    id: bytes
    """The first 16 octets of the SHA-256 of `content`."""
    name: str
    """The same in hexadecimal digits, as openings cite it."""
    content: bytes
    """Canonical JSON (RFC 8785)."""
    pieces: tuple[bytes, bytes, bytes]
    """The content, cut where ids belong."""

    @classmethod
    def of(cls, detail: Detail) -> "Form":
        """Take the ids out of a detail."""
        dumped = detail.model_dump(mode="json", exclude_none=True)
        rest = {name: value for name, value in dumped.items() if name not in _IDS}
        content = canonical_bytes(rest)
        digest = hashlib.sha256(content).digest()[:FORM_ID_BYTES]
        members = [(name, b'"%b":%b' % (name.encode(), canonical_bytes(rest[name]))) for name in sorted(rest)]
        start = b"".join([member + b"," for name, member in members if name < _FIRST])
        middle = b"".join([b"," + member for name, member in members if _FIRST < name < _LAST])
        end = b"".join([b"," + member for name, member in members if name > _LAST])
        return cls(digest, digest.hex(), content, (b"{" + start, middle, end + b"}"))

    def filled(self, ids: bytes) -> bytes:
        """Return the canonical JSON of the detail with these ids, of which that is given too."""
        # Within a text a quotation mark has a backslash before it: only a member's name is found.
        others, before_last, last = ids[1:-1].partition(_BEFORE_LAST)
        start, middle, end = self.pieces
        return b"".join((start, others, middle, before_last, last, end))


@dataclass(frozen=True, eq=False, slots=True)
class Account:
    """Everything that is said of a decision, but for the ids."""

    full: Form
    """The auditor's view."""
    shown: Form | None
    """The recipient's view; None if it was told nothing."""
    released: tuple[str, ...]
    """Paths released or transformed, each once, in the event's order."""
    withheld: tuple[str, ...]
    counts: Mapping[Outcome, int]
    """The number of the event's leaf values by outcome."""

    @classmethod
    def of(cls, full: Detail, shown: Detail | None) -> "Account":
        """Make one of the two views."""
        return cls(
            Form.of(full),
            None if shown is None else Form.of(shown),
            _paths(field for field in full.fields if field.outcome is not Outcome.WITHHELD),
            _paths(field for field in full.fields if field.outcome is Outcome.WITHHELD),
            Counter(field.outcome for field in full.fields),
        )


def account_of(decision: Decision, redaction: Redaction, given_as: str | None = None) -> Account:
    """Return what is said of a decision on one event. `given_as`: the version that was given, where it is another."""
    return _account(
        decision.plan,
        decision.grounds,
        decision.shown,
        decision.reason,
        bool(redaction.data),
        redaction.rulings,
        given_as,
    )


# Keyed by all that the views depend on, and by nothing of the event itself.
@lru_cache(_KEPT)
def _account(
    plan: Plan,
    grounds: Grounds,
    shown: Grounds,
    reason: NotToldReason | None,
    told: bool,
    rulings: tuple[Ruling, ...],
    given_as: str | None,
) -> Account:
    decision = Decision(reason, grounds, shown, plan, "", date.min)
    anything: dict[str, Any] = {"": None} if told else {}
    redaction = Redaction(anything, rulings)
    full = auditor_view(decision, redaction, disclosure="", episode=None, event_id="", publisher="", given_as=given_as)
    if reason is not None or not told:
        return Account.of(full, None)
    return Account.of(full, recipient_view(decision, redaction, disclosure="", episode=None, given_as=given_as))


def _paths(fields: Iterable[FieldOutcome]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(field.path for field in fields))

"""Steps 3 to 5: what each involved agency is told of one event, and the ledger entries that say so.

Nothing is read here but what is given, and nothing is kept: it can be done in another process as well as in this one.
"""

from collections.abc import Iterable
from typing import NamedTuple

import orjson

from broker.casework.naming import named_agencies
from broker.casework.recipient import Recipient
from broker.flows import record
from broker.flows.acceptance import acceptance
from broker.flows.detail import Account
from broker.flows.occurrence import Case, Occurrence
from broker.flows.parts import Parts
from broker.flows.verdict import Verdict, reach_verdict
from broker.ports.records import EntryRecord
from contracts.disclosure import NotToldReason
from contracts.ledger_entry import Operation


class Telling(NamedTuple):
    """What one agency is told of one event, complete but for its place in the mailbox."""

    disclosure: str
    type: str
    """The event type in the version in which the recipient is told; of a withholding, the one that was decided on."""
    recipient: Recipient
    reason: NotToldReason | None
    """Why it is told nothing; None if it is told."""
    protocol: str | None
    account: Account
    entry: EntryRecord
    named: frozenset[str]
    """Agencies that the message lets the recipient know of."""
    message: tuple[bytes, bytes] | None
    """The CloudEvent as it gets it, before and after its number in the mailbox; None if it is told nothing."""


class Said(NamedTuple):
    """What is recorded of one event and told of it."""

    acceptance: EntryRecord
    """The entry that says that it was accepted."""
    tellings: list[Telling]
    """One for each agency that is involved, the publisher aside, in the order in which they were given."""


def tell_all(event: Occurrence, case: Case, involved: Iterable[Recipient], entry_id: str, parts: Parts) -> Said:
    """Tell everybody involved what they may know of one event. `entry_id` is that of its acceptance."""
    return Said(acceptance(event, entry_id, parts), [tell(event, case, one, parts) for one in involved])


def tell(event: Occurrence, case: Case, recipient: Recipient, parts: Parts) -> Telling:
    """Decide, redact and record one event for one involved agency. Never raises for this recipient's sake."""
    return telling_of(event, reach_verdict(event, case, recipient, parts), parts)


def telling_of(event: Occurrence, verdict: Verdict, parts: Parts) -> Telling:
    """Write out a verdict: its ledger entry, whether it is told or not, and its message."""
    recipient = verdict.recipient
    return Telling(
        disclosure=verdict.disclosure,
        type=verdict.type,
        recipient=recipient,
        reason=verdict.reason,
        protocol=verdict.protocol,
        account=verdict.account,
        entry=_entry(event, verdict, parts),
        named=named_to(recipient.agency_id, event, verdict),
        message=None if verdict.reason is not None else _message(event, verdict),
    )


def named_to(reader: str, event: Occurrence, verdict: Verdict) -> frozenset[str]:
    """Return the agencies that a reader is told of: those in its data, and the source that it sees.

    A notice of the hub's own names no publisher, and neither does an event whose source was hidden from the reader.
    """
    if not verdict.data:
        return frozenset()
    shown = {event.controller.id} if verdict.source == event.source and not event.is_derived else frozenset()
    return (named_agencies(verdict.data, verdict.type) | shown) - {reader}


def _entry(event: Occurrence, verdict: Verdict, parts: Parts) -> EntryRecord:
    """Step 5: a ledger entry for what was disclosed or withheld, whichever it was."""
    told = verdict.reason is None
    full, shown = verdict.account.full, verdict.account.shown
    ids = {"disclosure_id": verdict.disclosure, "episode": event.pseudonym}
    commitments = {"full_detail": record.filled(full, {**ids, "event_id": event.id, "publisher": event.controller.id})}
    if shown is not None:
        commitments["detail"] = record.filled(shown, ids)
    if told:
        # Told in another version, it may hold what its conversion has made.
        fractions = event.fractions if verdict.type == event.type else None
        commitments[record.PAYLOAD] = record.payload(verdict.data, fractions=fractions)
    known = parts.registry.agency(verdict.recipient.agency_id) is not None
    return record.entry(
        parts,
        Operation.DISCLOSED if told else Operation.WITHHELD,
        entry_id=verdict.disclosure,
        at=event.accepted_at,
        # The recipient may read the leaf: it names no other source than the message does.
        actor=verdict.source,
        # An unknown agency's name is the reporter's own text: it stands in the sealed detail, not in the leaf.
        recipient=parts.name_of(verdict.recipient.agency_id) if known else None,
        scope=event.scope,
        commitments=commitments,
    )


def _message(event: Occurrence, verdict: Verdict) -> tuple[bytes, bytes]:
    """Write the CloudEvent as this recipient gets it. Nothing in it depends on what was withheld."""
    before = orjson.dumps(
        {
            "specversion": "1.0",
            "id": verdict.disclosure,
            "source": verdict.source,
            "type": verdict.type,
            "subject": event.subject,
            "time": event.time,
            "datacontenttype": "application/json",
        }
    )
    after = orjson.dumps({"concordatprotocol": verdict.protocol, "data": verdict.data})
    return before[:-1] + b',"concordatsequence":"', b'",' + after[1:]

"""Steps 5 and 6: the ledger entry of a verdict, and the numbered message that carries it out."""

from typing import Any

import orjson

from broker.flows import record
from broker.flows.draft import Draft
from broker.flows.occurrence import Case, Occurrence
from broker.flows.parts import Parts
from broker.flows.verdict import Verdict
from broker.ports.records import DisclosureRecord, Mailbox, MailRecord, Position
from contracts.ledger_entry import Operation


def record_verdict(draft: Draft, event: Occurrence, verdict: Verdict, parts: Parts) -> None:
    """Step 5: a ledger entry for what was disclosed or withheld, whichever it was."""
    told = verdict.reason is None
    full, shown = verdict.account.full, verdict.account.shown
    ids = {"disclosure_id": verdict.disclosure, "episode": event.pseudonym}
    commitments = {"full_detail": record.filled(full, {**ids, "event_id": event.id, "publisher": event.controller.id})}
    draft.add_form(full)
    if shown is not None:
        commitments["detail"] = record.filled(shown, ids)
        draft.add_form(shown)
    if told:
        # Told in another version, it may hold what its conversion has made.
        fractions = event.fractions if verdict.type == event.type else None
        commitments[record.PAYLOAD] = record.payload(verdict.data, fractions=fractions)
    known = parts.registry.agency(verdict.recipient.agency_id) is not None
    draft.entries.append(
        record.entry(
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
    )


def enqueue(draft: Draft, event: Occurrence, case: Case, verdict: Verdict) -> None:
    """Step 6: one numbered mailbox row if there is something to tell, and the disclosure that the DPO will find."""
    told = verdict.reason is None
    number = generation = None
    if told:
        mailbox = draft.mailbox(verdict.recipient.agency_id)
        mailbox = Mailbox(mailbox.recipient, mailbox.generation, mailbox.top + 1, mailbox.kept_from, mailbox.confirmed)
        generation, number = mailbox.generation, mailbox.top
        message = _message(event, verdict, Position(generation, number))
        draft.add_mail(
            MailRecord(
                recipient=mailbox.recipient,
                generation=generation,
                number=number,
                disclosure=verdict.disclosure,
                type=verdict.type,
                subject=event.subject,
                scope=event.scope,
                content=orjson.dumps(message),
                at=event.accepted_at,
            ),
            mailbox,
        )
    draft.add_disclosure(
        DisclosureRecord(
            id=verdict.disclosure,
            event_source=event.source,
            event_id=event.id,
            type=verdict.type,
            subject=event.subject,
            child=case.child,
            publisher=event.controller.id,
            recipient=verdict.recipient.agency_id,
            roles=tuple(sorted(verdict.recipient.roles)),
            outcome=Operation.DISCLOSED if told else Operation.WITHHELD,
            reason=verdict.reason,
            at=event.accepted_at,
            event_time=event.moment,
            protocol=verdict.protocol,
            released=verdict.account.released,
            withheld=verdict.account.withheld,
            generation=generation,
            number=number,
            trace=event.trace,
        )
    )


def _message(event: Occurrence, verdict: Verdict, position: Position) -> dict[str, Any]:
    """Return the CloudEvent as this recipient gets it. Nothing in it depends on what was withheld."""
    return {
        "specversion": "1.0",
        "id": verdict.disclosure,
        "source": verdict.source,
        "type": verdict.type,
        "subject": event.subject,
        "time": event.time,
        "datacontenttype": "application/json",
        "concordatsequence": str(position),
        "concordatprotocol": verdict.protocol,
        "data": verdict.data,
    }

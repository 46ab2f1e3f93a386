"""Step 6: what was decided takes its place: in the ledger, in the mailbox, and where the DPO will find it."""

from broker.flows.draft import Draft
from broker.flows.occurrence import Case, Occurrence
from broker.flows.tell import Telling
from broker.ports.records import DisclosureRecord, Mailbox, MailRecord, Position
from contracts.ledger_entry import Operation


def disclose(draft: Draft, event: Occurrence, case: Case, telling: Telling) -> None:
    """Keep one telling: its entry, a numbered mailbox row if there is something to tell, and the disclosure."""
    account, recipient = telling.account, telling.recipient.agency_id
    draft.add_form(account.full)
    if account.shown is not None:
        draft.add_form(account.shown)
    draft.entries.append(telling.entry)
    if telling.named:
        draft.learn(recipient, event.subject, telling.named)
    place = None if telling.message is None else _enqueue(draft, event, telling, *telling.message)
    draft.add_disclosure(
        DisclosureRecord(
            id=telling.disclosure,
            event_source=event.source,
            event_id=event.id,
            type=telling.type,
            subject=event.subject,
            child=case.child,
            publisher=event.controller.id,
            recipient=recipient,
            roles=tuple(sorted(telling.recipient.roles)),
            outcome=Operation.DISCLOSED if telling.reason is None else Operation.WITHHELD,
            reason=telling.reason,
            at=event.accepted_at,
            event_time=event.moment,
            protocol=telling.protocol,
            released=account.released,
            withheld=account.withheld,
            generation=None if place is None else place.generation,
            number=None if place is None else place.number,
            trace=event.trace,
        )
    )


def _enqueue(draft: Draft, event: Occurrence, telling: Telling, before: bytes, after: bytes) -> Position:
    """Give a message the next number of its mailbox; return its place."""
    mailbox = draft.mailbox(telling.recipient.agency_id)
    mailbox = Mailbox(mailbox.recipient, mailbox.generation, mailbox.top + 1, mailbox.kept_from, mailbox.confirmed)
    place = Position(mailbox.generation, mailbox.top)
    draft.add_mail(
        MailRecord(
            recipient=mailbox.recipient,
            generation=place.generation,
            number=place.number,
            disclosure=telling.disclosure,
            type=telling.type,
            subject=event.subject,
            scope=event.scope,
            content=b"%b%b%b" % (before, str(place).encode(), after),
            at=event.accepted_at,
        ),
        mailbox,
    )
    return place

"""The one path: check, advance, decide, redact, record, enqueue. Nothing leaves before this has been committed."""

from dataclasses import dataclass, replace

import orjson

from broker.casework.advance import advance
from broker.casework.codes import unknown_codes
from broker.casework.outcome import Advance, Derived
from broker.casework.recipient import recipients
from broker.flows import record
from broker.flows.acknowledge import AcknowledgementRequest, acknowledge
from broker.flows.answer import Answer, answer_for
from broker.flows.check import Checked, Incoming, check, identifier_mark, reference_mark
from broker.flows.disclose import enqueue, record_verdict
from broker.flows.draft import Draft
from broker.flows.history import reach_history_verdicts
from broker.flows.interviews import meet_elsewhere
from broker.flows.knowledge import as_known_to, learn
from broker.flows.occurrence import Case, Occurrence
from broker.flows.parts import Parts
from broker.flows.verdict import Verdict, reach_verdict
from broker.flows.versions import on_version
from broker.ports.records import EventRecord
from broker.sharing.rulebook import LONDON
from contracts.catalogue import ACKNOWLEDGEMENT
from contracts.disclosure import Receipt
from contracts.envelope import rfc3339
from contracts.events.prevention import PlacementNotified
from contracts.events.report import EpisodeOpened
from contracts.ledger_entry import Operation


@dataclass(frozen=True)
class Published:
    """The receipt, and whether it is the one of an earlier sending."""

    receipt: Receipt
    replayed: bool


def publish(draft: Draft, publisher: str, incoming: Incoming, parts: Parts) -> Published:
    """Take one event through the six steps.

    Raises Refused or InvalidEvent, and then the draft is worth nothing: whoever gave it drops it.
    """
    # 1 check: schema, publisher's authority, idempotency key
    checked = check(draft, publisher, incoming, parts)
    if isinstance(checked, Receipt):
        return Published(checked, replayed=True)

    # 2 advance: who is involved in which role, risk, clocks, owner
    now = parts.clock.now()
    moved = advance(
        checked.event, checked.publisher, checked.episode, checked.placement, parts.registry, now, parts.new_id
    )
    unknown = unknown_codes(checked.event, parts.words, now.astimezone(LONDON).date())
    elsewhere = meet_elsewhere(draft, checked, moved.episode, parts)
    moved = replace(moved, warnings=moved.warnings + unknown + elsewhere)
    case = _keep(draft, moved, checked, incoming, parts)
    event = Occurrence.of(incoming, checked, case, now)
    entry_id = _accept(draft, event, parts)
    if moved.handover_changed:
        _record_handover(draft, event, case, parts)
    if event.type == ACKNOWLEDGEMENT:
        acknowledge(draft, publisher, AcknowledgementRequest.of(entry_id, incoming.event), parts)

    # 3 decide, 4 redact, 5 record, 6 enqueue: the event itself, then what follows from it
    verdicts = _tell(draft, event, case, parts)
    announce(draft, moved.derived, case, parts)
    for joiner in moved.joined:
        _catch_up(draft, joiner, event, case, parts)

    answer = answer_for(draft, event, case, verdicts)
    receipt = _receipt(event, entry_id, answer, moved)
    draft.add_event(_row(event, checked.mac, entry_id, receipt))
    return Published(receipt, replayed=False)


def announce(
    draft: Draft, notices: tuple[Derived, ...], case: Case, parts: Parts, *, handover_changed: bool = False
) -> None:
    """Send what the hub itself has to say down the same path, for the controller whose event caused it.

    `handover_changed` says that the clock, and no event before this one, has changed the handover.
    """
    for notice in notices:
        event = Occurrence.derived(notice, case, parts)
        entry_id = _accept(draft, event, parts)
        if handover_changed:
            _record_handover(draft, event, case, parts)
        _tell(draft, event, case, parts)
        draft.add_event(_row(event, b"", entry_id, None))


def _tell(draft: Draft, event: Occurrence, case: Case, parts: Parts) -> list[Verdict]:
    """Tell every involved agency but the publisher what it may know of one event."""
    if not event.is_derived:
        learn(draft, event.controller.id, event, event.data, event.source)
    if event.type == ACKNOWLEDGEMENT:
        return []  # It updates the told matrix and is not mailed round.
    verdicts = []
    involved = recipients(case.file, parts.registry)
    draft.mailboxes_of(one.agency_id for one in involved)
    for recipient in involved:
        given = event
        if recipient.agency_id == event.controller.id:
            if not event.is_derived:
                continue
            given = as_known_to(draft, recipient.agency_id, event, case)
        verdict = reach_verdict(given, case, recipient, parts)  # 3 decide, 4 redact
        record_verdict(draft, event, verdict, parts)  # 5 record
        enqueue(draft, event, case, verdict)  # 6 enqueue
        learn(draft, recipient.agency_id, event, verdict.data, verdict.source, verdict.type)
        verdicts.append(verdict)
    return verdicts


def _catch_up(draft: Draft, joiner: str, event: Occurrence, case: Case, parts: Parts) -> None:
    """Give a late joiner the history that it is entitled to: one message for each controller."""
    for past, verdict in reach_history_verdicts(draft, joiner, event, case, parts):
        record_verdict(draft, past, verdict, parts)
        enqueue(draft, past, case, verdict)
        learn(draft, joiner, past, verdict.data, verdict.source)


def _keep(draft: Draft, moved: Advance, checked: Checked, incoming: Incoming, parts: Parts) -> Case:
    """Keep the new state of episode or placement, and the marks by which it will be found again."""
    subject = str(checked.subject)
    data = incoming.event.data
    if moved.episode is not None:
        draft.put_episode(moved.episode)
    if moved.placement is not None and moved.placement != checked.placement:
        draft.put_placement(moved.placement)
    pseudonym = draft.pseudonym(subject)
    if pseudonym is None:
        pseudonym = parts.new_id()
        draft.add_pseudonym(subject, pseudonym)
    case = Case(subject, pseudonym, moved.episode, moved.placement or checked.placement)
    if case.child is not None and isinstance(data, PlacementNotified | EpisodeOpened):
        _mark(draft, case.child, data, checked.publisher.id, parts)
    return case


def _mark(draft: Draft, handle: str, data: PlacementNotified | EpisodeOpened, publisher: str, parts: Parts) -> None:
    """Keep the keyed marks by which the publisher's own reference, and the NHS number, lead to the child again."""
    if data.child.local_reference is not None:
        mark = reference_mark(publisher, data.child.local_reference, parts)
        if draft.handle(publisher, mark) is None:
            draft.add_handle(handle, publisher, mark)
    if data.child.nhs_number is not None and isinstance(data, PlacementNotified):
        draft.add_identifier(handle, identifier_mark(data.child.nhs_number, parts))


def _accept(draft: Draft, event: Occurrence, parts: Parts) -> str:
    """Record that the event was accepted."""
    entry_id = parts.new_id()
    draft.entries.append(
        record.entry(
            parts,
            Operation.ACCEPTED,
            entry_id=entry_id,
            at=event.accepted_at,
            actor=event.source,
            scope=event.scope,
            commitments={
                record.PAYLOAD: record.payload(event.data, fractions=event.fractions),
                "full_detail": record.whole(_said(event)),
            },
        )
    )
    return entry_id


def _record_handover(draft: Draft, event: Occurrence, case: Case, parts: Parts) -> None:
    """Record that the handover has come to another stage."""
    handover = None if case.episode is None else case.episode.handover
    stage = {} if handover is None else {"stage": handover.stage.value, "to": handover.to}
    draft.entries.append(
        record.entry(
            parts,
            Operation.HANDOVER,
            entry_id=parts.new_id(),
            at=event.accepted_at,
            actor=event.source,
            scope=event.scope,
            commitments={"full_detail": record.whole(_said(event) | stage)},
        )
    )


def _said(event: Occurrence) -> dict[str, str]:
    said = {"event_id": event.id, "event_type": event.type, "episode": event.pseudonym, "source": event.source}
    return said if event.received_type is None else said | {"received_type": event.received_type}


def _receipt(event: Occurrence, entry_id: str, answer: Answer, moved: Advance) -> Receipt:
    return Receipt(
        event_id=event.id,
        source=event.source,
        accepted_at=rfc3339(event.accepted_at),
        subject=event.subject,
        episode=None if moved.episode is None else moved.episode.id,
        entry=entry_id,
        told=answer.told,
        not_told=answer.not_told,
        warnings=moved.warnings + on_version(event.received_type or event.type),
    )


def _row(event: Occurrence, mac: bytes, entry_id: str, receipt: Receipt | None) -> EventRecord:
    return EventRecord(
        source=event.source,
        id=event.id,
        type=event.type,
        subject=event.subject,
        controller=event.controller.id,
        mac=mac,
        accepted_at=event.accepted_at,
        entry=entry_id,
        content=orjson.dumps(event.document),
        receipt=None if receipt is None else receipt.model_dump_json(exclude_none=True).encode(),
    )

"""The ledger entries of an event itself, whoever is told of it: that it was accepted, and what it did to a handover."""

from broker.flows import record
from broker.flows.occurrence import Case, Occurrence
from broker.flows.parts import Parts
from broker.ports.records import EntryRecord
from contracts.ledger_entry import Operation


def acceptance(event: Occurrence, entry_id: str, parts: Parts) -> EntryRecord:
    """Return the entry that says that an event was accepted."""
    return record.entry(
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


def handover(event: Occurrence, case: Case, parts: Parts) -> EntryRecord:
    """Return the entry that says that the handover has come to another stage."""
    now = None if case.episode is None else case.episode.handover
    stage = {} if now is None else {"stage": now.stage.value, "to": now.to}
    return record.entry(
        parts,
        Operation.HANDOVER,
        entry_id=parts.new_id(),
        at=event.accepted_at,
        actor=event.source,
        scope=event.scope,
        commitments={"full_detail": record.whole(_said(event) | stage)},
    )


def _said(event: Occurrence) -> dict[str, str]:
    said = {"event_id": event.id, "event_type": event.type, "episode": event.pseudonym, "source": event.source}
    return said if event.received_type is None else said | {"received_type": event.received_type}

"""A person at the recipient has seen it, or acts on it: delivery is not awareness."""

from dataclasses import dataclass
from typing import Any

import orjson

from broker.casework.refusal import Refused
from broker.flows import record
from broker.flows.deliver import deliver
from broker.flows.draft import Draft
from broker.flows.parts import Parts
from broker.ports.records import AcknowledgementRecord, DisclosureRecord, Position, Scope
from contracts.envelope import rfc3339
from contracts.events.governance import AcknowledgementGiven
from contracts.ledger_entry import Operation
from contracts.parse import Fault, InvalidEvent, ParsedEvent
from contracts.vocabulary import AcknowledgementAction


@dataclass(frozen=True)
class AcknowledgementRequest:
    """What a person acknowledges: one disclosure, or all of an episode up to a place in the mailbox."""

    id: str
    """Minted before the step, so that a step run twice acknowledges once."""
    disclosure_id: str | None
    episode: str | None
    up_to: Position | None
    action: AcknowledgementAction
    by_name: str
    by_role: str
    note: str | None = None

    @classmethod
    def of(cls, request_id: str, event: ParsedEvent) -> "AcknowledgementRequest":
        """Read an acknowledgement that was published as an event.

        Raises InvalidEvent if it does not say what is acknowledged, or if its place in the mailbox is none.
        """
        data, about = event.data, event.envelope.about()
        assert isinstance(data, AcknowledgementGiven)  # noqa: S101 (the caller asks for this type alone)
        if data.disclosure_id is None and data.up_to_sequence is None:
            words = "say what is acknowledged: disclosure_id, or up_to_sequence for all of the episode up to there"
            raise InvalidEvent((Fault("/data/disclosure_id", "missing", words),))
        try:
            up_to = None if data.up_to_sequence is None else Position.parse(data.up_to_sequence)
        except ValueError as error:
            raise InvalidEvent((Fault("/data/up_to_sequence", "invalid", str(error)),)) from None
        return cls(
            id=request_id,
            disclosure_id=data.disclosure_id,
            episode=None if about is None else about.id,
            up_to=up_to,
            action=data.action,
            by_name=data.by.name,
            by_role=data.by.role,
            note=data.note,
        )


def acknowledge(
    draft: Draft, agency: str, request: AcknowledgementRequest, parts: Parts
) -> tuple[AcknowledgementRecord, ...]:
    """Record an acknowledgement of everything it covers; return one record per disclosure.

    Raises Refused 404 when the agency has received nothing of the kind, whether or not somebody else has.
    """
    covered = _covered(draft, agency, request)
    if not covered:
        raise Refused("unknown-disclosure", 404, "this agency has received no such disclosure")
    return tuple(
        _record(draft, disclosure, f"{request.id}.{place}", request, parts) for place, disclosure in enumerate(covered)
    )


def _covered(draft: Draft, agency: str, request: AcknowledgementRequest) -> tuple[DisclosureRecord, ...]:
    if request.disclosure_id is not None:
        one = draft.disclosure(request.disclosure_id)
        received = one is not None and one.recipient == agency and one.outcome is Operation.DISCLOSED
        return (one,) if received and one is not None else ()
    if request.episode is None or request.up_to is None:
        return ()
    return draft.received(agency, f"episode/{request.episode}", request.up_to)


def _record(
    draft: Draft, disclosure: DisclosureRecord, row_id: str, request: AcknowledgementRequest, parts: Parts
) -> AcknowledgementRecord:
    earlier = draft.acknowledgement(row_id)
    if earlier is not None:
        return earlier
    now = parts.clock.now()
    scope = Scope(disclosure.subject, disclosure.publisher)
    said: dict[str, Any] = {"by": {"name": request.by_name, "role": request.by_role}}
    if request.note is not None:
        said["note"] = request.note
    row = AcknowledgementRecord(
        row_id, disclosure.id, disclosure.recipient, request.action, now, scope, orjson.dumps(said)
    )
    draft.add_acknowledgement(row)
    if draft.is_undelivered(disclosure):
        deliver(draft, disclosure, "acknowledgement", parts)  # What a person has seen has arrived.
    draft.entries.append(
        record.entry(
            parts,
            Operation.ACKNOWLEDGED,
            entry_id=parts.new_id(),
            at=now,
            actor=parts.name_of(disclosure.recipient),
            scope=scope,
            commitments={
                "full_detail": record.whole(
                    said
                    | {"disclosure": disclosure.id, "action": request.action.value, "acknowledged_at": rfc3339(now)}
                )
            },
        )
    )
    return row

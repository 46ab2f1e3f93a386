"""The one path: check, advance, decide, redact, record, enqueue. Nothing leaves before this has been committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import orjson

from broker.casework.outcome import Advance, Derived
from broker.casework.refusal import Refused
from broker.flows.accept import Accepted, accept
from broker.flows.acceptance import acceptance, handover
from broker.flows.answer import Answer, answer_for
from broker.flows.check import Incoming
from broker.flows.disclose import disclose
from broker.flows.draft import Draft
from broker.flows.history import reach_history_verdicts
from broker.flows.knowledge import as_known_to, learn_own
from broker.flows.occurrence import Case, Occurrence
from broker.flows.order import Desk
from broker.flows.parts import Parts
from broker.flows.tell import Said, tell, telling_of
from broker.flows.tellers import Shift, Tellers, tell_each
from broker.flows.versions import on_version
from broker.ports.records import EventRecord
from broker.ports.store import Unit
from contracts.catalogue import ACKNOWLEDGEMENT
from contracts.disclosure import Receipt
from contracts.envelope import rfc3339
from contracts.parse import InvalidEvent


@dataclass(frozen=True)
class Published:
    """The receipt, and whether it is the one of an earlier sending."""

    written: bytes
    """The receipt as it is sent and kept."""
    told: int
    """How many agencies it says have been told."""
    replayed: bool = False

    @classmethod
    def of(cls, receipt: Receipt, *, replayed: bool = False) -> "Published":
        """Answer with a receipt: `replayed` if it is a retry."""
        return cls(written(receipt), len(receipt.told), replayed)

    @cached_property
    def receipt(self) -> Receipt:
        """The receipt, read again."""
        return Receipt.model_validate_json(self.written)


def written(receipt: Receipt) -> bytes:
    """Return a receipt as it is sent: JSON in UTF-8, members without a value left out."""
    return receipt.model_dump_json(exclude_none=True).encode()


@dataclass
class RefusedInBatch(Exception):
    """One event of a batch is refused, and so all are."""

    place: int
    reason: Refused | InvalidEvent


@dataclass(frozen=True)
class Publish:
    """An order: take events through the six steps, all or none. Answered with a list of Published."""

    publisher: str
    incoming: Sequence[Incoming]
    patient: ClassVar[bool] = False

    @property
    def size(self) -> int:
        return len(self.incoming)

    def foresee(self, unit: Unit, parts: Parts) -> None:
        if len(self.incoming) == 1:
            envelope = self.incoming[0].event.envelope
            unit.expect_background(parts.name_of(self.publisher), envelope.id, self.publisher, envelope.subject or "")

    def run(self, draft: Draft, desk: Desk, _most: int) -> list[Published]:
        """Raises RefusedInBatch."""
        return publish_all(draft, self.publisher, self.incoming, desk.parts, desk.tellers)


def publish(draft: Draft, publisher: str, incoming: Incoming, parts: Parts) -> Published:
    """Take one event through the six steps.

    Raises Refused or InvalidEvent, and then the draft is worth nothing: whoever gave it drops it.
    """
    _prepare(draft, publisher, (incoming,), parts)
    accepted = accept(draft, publisher, incoming, parts)  # 1 check, 2 advance
    if isinstance(accepted, Receipt):
        return Published.of(accepted, replayed=True)
    return _finish(draft, accepted, tell_each(accepted, parts), parts)


def publish_all(
    draft: Draft, publisher: str, incoming: Sequence[Incoming], parts: Parts, tellers: Tellers
) -> list[Published]:
    """Take events through the six steps in their order, all or none; what each is told may be worked out together.

    Raises RefusedInBatch, and then the draft is worth nothing.
    """
    published: list[Published] = []
    _prepare(draft, publisher, incoming, parts)
    with tellers.shift(len(incoming), parts) as shift:
        batch = _Batch(draft, parts, shift)
        for place, one in enumerate(incoming):
            if batch.must_end_before(one):
                published += batch.end()
            try:
                accepted = accept(draft, publisher, one, parts)
            except (Refused, InvalidEvent) as error:
                raise RefusedInBatch(place, error) from None
            if isinstance(accepted, Receipt):
                published += [*batch.end(), Published.of(accepted, replayed=True)]
            elif accepted.stands_alone:
                batch.add(accepted)
            else:
                published += [*batch.end(), _finish(draft, accepted, tell_each(accepted, parts), parts)]
        return published + batch.end()


def _prepare(draft: Draft, publisher: str, incoming: Sequence[Incoming], parts: Parts) -> None:
    """Have read in one go what the taking in of these events will ask for."""
    envelopes = [one.event.envelope for one in incoming]
    draft.prepare(
        parts.name_of(publisher), publisher, [one.id for one in envelopes], [one.subject or "" for one in envelopes]
    )


class _Batch:
    """Events that have been accepted and not yet told: none of them can be seen by those that come after."""

    def __init__(self, draft: Draft, parts: Parts, shift: Shift) -> None:
        self._draft = draft
        self._parts = parts
        self._shift = shift
        self._waiting: list[Accepted] = []
        self._ids: set[str] = set()

    def add(self, accepted: Accepted) -> None:
        self._waiting.append(accepted)
        self._ids.add(accepted.event.id)
        self._shift.give(accepted)

    def must_end_before(self, incoming: Incoming) -> bool:
        """Say whether an event may ask what became of those that wait: it repeats one, or it says who has seen one."""
        return incoming.event.envelope.id in self._ids or incoming.event.contract.type == ACKNOWLEDGEMENT

    def end(self) -> list[Published]:
        """Keep what those that wait are told, in their order."""
        # Each is kept as soon as it has been told, while others still are.
        said = self._shift.said()
        done = [_finish(self._draft, one, this, self._parts) for one, this in zip(self._waiting, said, strict=True)]
        self._waiting.clear()
        self._ids.clear()
        return done


def _finish(draft: Draft, accepted: Accepted, said: Said, parts: Parts) -> Published:
    """Keep what an event's recipients are told, then what follows from the event; answer its publisher."""
    event, case, moved = accepted.event, accepted.case, accepted.moved
    draft.entries.append(said.acceptance)
    learn_own(draft, event)
    for telling in said.tellings:
        disclose(draft, event, case, telling)
    announce(draft, moved.derived, case, parts)
    for joiner in moved.joined:
        for past, verdict in reach_history_verdicts(draft, joiner, event, case, parts):
            disclose(draft, past, case, telling_of(past, verdict, parts))
    receipt = _receipt(event, accepted.entry, answer_for(draft, event, case, said.tellings), moved)
    published = Published.of(receipt)
    draft.add_event(_row(event, accepted.mac, accepted.content, accepted.entry, published.written))
    return published


def announce(
    draft: Draft, notices: tuple[Derived, ...], case: Case, parts: Parts, *, handover_changed: bool = False
) -> None:
    """Send what the hub itself has to say down the same path, for the controller whose event caused it.

    `handover_changed` says that the clock, and no event before this one, has changed the handover.
    """
    for notice in notices:
        event = Occurrence.derived(notice, case, parts)
        accepted = acceptance(event, parts.new_id(), parts)
        draft.entries.append(accepted)
        if handover_changed:
            draft.entries.append(handover(event, case, parts))
        involved = parts.registry.recipients(case.file)
        draft.fetch_mailboxes(one.agency_id for one in involved)
        for one in involved:
            # The controller's event caused the notice, but it may not be shown everybody whom the notice names.
            given = as_known_to(draft, one.agency_id, event, case) if one.agency_id == event.controller.id else event
            disclose(draft, event, case, tell(given, case, one, parts))
        draft.add_event(_row(event, b"", orjson.dumps(event.document), accepted.id, None))


def _receipt(event: Occurrence, entry_id: str, answer: Answer, moved: Advance) -> Receipt:
    # Validated in one go: a model made for each line and then for the whole costs several times as much.
    return Receipt.model_validate(
        {
            "event_id": event.id,
            "source": event.source,
            "accepted_at": rfc3339(event.accepted_at),
            "subject": event.subject,
            "episode": None if moved.episode is None else moved.episode.id,
            "entry": entry_id,
            "told": answer.told,
            "not_told": answer.not_told,
            "warnings": moved.warnings + on_version(event.received_type or event.type),
        }
    )


def _row(event: Occurrence, mac: bytes, content: bytes, entry_id: str, receipt: bytes | None) -> EventRecord:
    return EventRecord(
        source=event.source,
        id=event.id,
        type=event.type,
        subject=event.subject,
        controller=event.controller.id,
        mac=mac,
        accepted_at=event.accepted_at,
        entry=entry_id,
        content=content,
        receipt=receipt,
    )

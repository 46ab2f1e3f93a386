"""Steps 1 and 2: check what was sent, and advance the case that it is about."""

from dataclasses import dataclass, replace

import orjson

from broker.casework.advance import advance
from broker.casework.codes import unknown_codes
from broker.casework.outcome import Advance
from broker.casework.recipient import Recipient
from broker.flows.acceptance import handover
from broker.flows.acknowledge import AcknowledgementRequest, acknowledge
from broker.flows.check import Checked, Incoming, check, identifier_mark, reference_mark
from broker.flows.draft import Draft
from broker.flows.interviews import meet_elsewhere
from broker.flows.occurrence import Case, Occurrence
from broker.flows.parts import Parts
from broker.sharing.rulebook import LONDON
from contracts.catalogue import ACKNOWLEDGEMENT
from contracts.disclosure import Receipt
from contracts.events.prevention import PlacementNotified
from contracts.events.report import EpisodeOpened


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that has been accepted and is now to be told."""

    event: Occurrence
    case: Case
    moved: Advance
    mac: bytes
    content: bytes
    """The CloudEvent as it is kept."""
    entry: str
    """Id of the ledger entry that will say so."""
    involved: tuple[Recipient, ...]
    """Who is to be told, the publisher aside."""

    @property
    def stands_alone(self) -> bool:
        """Whether nothing follows from it but the telling: no notice of the hub's own, no history for a late joiner."""
        return not (self.moved.derived or self.moved.joined)


def accept(draft: Draft, publisher: str, incoming: Incoming, parts: Parts) -> Accepted | Receipt:
    """Take one event in; the receipt of the first time if it is a retry.

    Raises Refused or InvalidEvent, and then the draft is worth nothing: whoever gave it drops it.
    """
    # 1 check: schema, publisher's authority, idempotency key
    checked = check(draft, publisher, incoming, parts)
    if isinstance(checked, Receipt):
        return checked

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
    entry_id = parts.new_id()
    if moved.handover_changed:
        draft.entries.append(handover(event, case, parts))
    if event.type == ACKNOWLEDGEMENT:
        acknowledge(draft, publisher, AcknowledgementRequest.of(entry_id, incoming.event), parts)
    content = orjson.dumps(event.document)
    return Accepted(event, case, moved, checked.mac, content, entry_id, _involved(draft, event, case, parts))


def _involved(draft: Draft, event: Occurrence, case: Case, parts: Parts) -> tuple[Recipient, ...]:
    if event.type == ACKNOWLEDGEMENT:
        return ()  # It updates the told matrix and is not mailed round.
    involved = parts.registry.recipients(case.file)
    draft.fetch_mailboxes(one.agency_id for one in involved)
    return tuple([one for one in involved if one.agency_id != event.controller.id])


def _keep(draft: Draft, moved: Advance, checked: Checked, incoming: Incoming, parts: Parts) -> Case:
    """Keep the new state of episode or placement, and the marks by which it will be found again."""
    subject = str(checked.subject)
    data = incoming.event.data
    if moved.episode is not None and moved.episode != checked.episode:
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

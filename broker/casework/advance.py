"""Event in; new state, derived events and who is owed the history out. The whole of casework passes here."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from broker.casework import access, confirmation, interview, journey, offer, offering, reopening
from broker.casework import placement as record
from broker.casework.arrival import Arrival
from broker.casework.authority import check_open, check_part, check_role, subject_of
from broker.casework.caution import cautions
from broker.casework.codes import unmapped_codes
from broker.casework.deadline import Deadline, DeadlineKind, DeadlineState
from broker.casework.directory import Directory
from broker.casework.episode import Episode
from broker.casework.interview import RHI_WITHIN
from broker.casework.involvement import current
from broker.casework.link import linked
from broker.casework.opening import opened
from broker.casework.outcome import Advance
from broker.casework.placement import Placement
from broker.casework.refusal import unknown_child
from contracts.agency import Agency
from contracts.events.access import AccessLifted, AccessRestricted
from contracts.events.base import EventData
from contracts.events.episode import EpisodeCancelled, EpisodeReopened
from contracts.events.handover import HandoverAccepted, HandoverDeclined, HandoverOffered
from contracts.events.interview import RhiCompleted
from contracts.events.involvement import InvolvementAdded, InvolvementConfirmed, InvolvementEnded
from contracts.events.prevention import PlacementNotified
from contracts.events.report import EpisodeOpened, RiskChanged
from contracts.events.returning import ChildLocated, ChildReturned, EpisodeClosed, WellbeingConfirmed
from contracts.events.rhi_offer import RhiAccepted, RhiAttempted, RhiDeclined, RhiOffered
from contracts.events.whereabouts import ChildAdmitted, ChildDetained, ChildDied, ChildLocatedNotReturning
from contracts.parse import ParsedEvent
from contracts.vocabulary import Role

_MOVES: dict[type[EventData], Callable[[Any, Episode, Arrival], Advance]] = {
    InvolvementAdded: confirmation.added,
    InvolvementConfirmed: confirmation.confirmed,
    InvolvementEnded: confirmation.ended,
    RiskChanged: journey.risk_changed,
    HandoverOffered: offer.offered,
    HandoverAccepted: offer.accepted,
    HandoverDeclined: offer.declined,
    ChildLocated: journey.located,
    WellbeingConfirmed: journey.well,
    ChildReturned: journey.returned,
    EpisodeClosed: journey.closed,
    EpisodeReopened: reopening.reopened,
    EpisodeCancelled: journey.cancelled,
    ChildLocatedNotReturning: journey.not_returning,
    ChildDetained: journey.detained,
    ChildAdmitted: journey.admitted,
    ChildDied: journey.died,
    RhiOffered: offering.offered,
    RhiAccepted: offering.accepted,
    RhiDeclined: offering.declined,
    RhiAttempted: offering.attempted,
    RhiCompleted: interview.completed,
}


def advance(
    event: ParsedEvent,
    publisher: Agency,
    episode: Episode | None,
    placement: Placement | None,
    directory: Directory,
    now: datetime,
    new_id: Callable[[], str],
    *,
    rhi_within: timedelta = RHI_WITHIN,
) -> Advance:
    """Advance what the event is about; Refused, with nothing changed, if it is against the rules.

    `publisher` is the authenticated agency. `episode` is the one of the event's subject, `placement` the record of the
    child's handle (for an opening: of `data.child.handle`; later: of `episode.child`), each None if there is none.
    `new_id` mints ids (ULIDs).
    """
    subject = subject_of(event)
    arrival = Arrival(event.envelope.id, subject, publisher, directory, now, new_id, rhi_within)
    warnings = cautions(event, now) + unmapped_codes(event)
    if isinstance(event.data, PlacementNotified):
        made = record.notified(event.data, placement, arrival)
        return Advance(placement=made, warnings=warnings)
    if isinstance(event.data, EpisodeOpened) and subject is not None:
        step = opened(event.data, subject.id, episode, placement, arrival)
        return replace(step, warnings=warnings + step.warnings)
    if subject is not None and subject.kind == "child":
        return replace(_about_child(event, placement, arrival), warnings=warnings)
    before = None if episode is None else linked(episode, placement, directory, now)
    before = check_part(event, publisher, before)
    if isinstance(event.data, HandoverAccepted | HandoverDeclined):
        offer.check_answer(before, publisher)
    check_role(event.contract, publisher, before.involvements)
    check_open(event, before)
    if isinstance(event.data, AccessRestricted | AccessLifted):
        step = access.decided(event.data, before, placement, arrival)
        return replace(step, joined=_joined(episode, step), warnings=warnings)
    # A type that is not here says something and changes nothing of the case.
    move = _MOVES.get(type(event.data))
    step = Advance(episode=before) if move is None else move(event.data, before, arrival)
    return replace(step, joined=_joined(episode, step), warnings=warnings + step.warnings)


def _about_child(event: ParsedEvent, placement: Placement | None, arrival: Arrival) -> Advance:
    """Take an event about a child: from whoever stands in the placement record, by the roles that the record gives."""
    if placement is None or not placement.names(arrival.publisher.id):
        raise unknown_child()
    check_role(event.contract, arrival.publisher, placement.parts(arrival.directory))
    if isinstance(event.data, AccessRestricted | AccessLifted):
        return access.decided(event.data, None, placement, arrival)
    return Advance(placement=placement)


def reach(deadline: Deadline, episode: Episode, now: datetime) -> Advance:
    """Let the clock come to a deadline. Unchanged if its time has not come or it no longer runs, so it can be repeated.

    The episode's own record of the deadline counts, not the copy that the clock was set by.
    """
    clock = next((one for one in episode.deadlines if one.id == deadline.id), None)
    if clock is None or clock.state is not DeadlineState.RUNNING or now < clock.due_at:
        return Advance(episode=episode)
    if clock.kind is DeadlineKind.RHI:
        return interview.overdue(clock, episode)
    return offer.lapsed(episode, DeadlineState.REACHED, now, clock.due_at)


def _joined(before: Episode | None, step: Advance) -> tuple[str, ...]:
    """Return those that are owed the history: they may hear now and could not before.

    A force that is only offered the episode hears the offer, not the history; one that accepts is owed it.
    """
    # Most events leave everybody's part as it was.
    newly = frozenset[str]() if step.episode is before else _hearing(step.episode) - _hearing(before)
    return tuple(sorted(newly.union(step.joined)))


def _hearing(episode: Episode | None) -> frozenset[str]:
    return frozenset(
        one.agency
        for one in current(() if episode is None else episode.involvements)
        if one.confirmed and one.role is not Role.RECEIVING_FORCE and episode and one.agency not in episode.barred
    )

"""The clock of the return home interview."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from broker.casework.arrival import Arrival
from broker.casework.deadline import Deadline, DeadlineKind, DeadlineState, running, settled
from broker.casework.episode import Episode
from broker.casework.involvement import holder_of, roles_of
from broker.casework.outcome import Advance, Derived
from contracts.agency import Agency
from contracts.disclosure import Caution
from contracts.envelope import rfc3339
from contracts.events.base import Contract
from contracts.events.interview import RhiCompleted
from contracts.vocabulary import ClosingReason, DueStage, Role

RHI_WITHIN = timedelta(hours=72)
"""Elapsed hours from the child's return to their home or care setting.

Source: Department for Education, Statutory guidance on children who run away or go missing from home or care (2014).
"""
RHI_DUE = "concordat.rhi.due.v1"
_NO_INTERVIEW = frozenset({ClosingReason.REPORTED_IN_ERROR, ClosingReason.DIED})
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def returned(returned_at: datetime, episode: Episode, arrival: Arrival) -> Advance:
    """Start the clock of a return, in place of a running one; told at once as `rhi.due`, stage `set`.

    The same return reported by a second agency leaves the clock as it is. No clock starts where an interview was held
    after this return already, or where there is none to hold: the report was an error, or the child has died.
    """
    if _leaves_none(episode):
        return Advance(episode)
    if episode.rhi_completed_at is not None and episode.rhi_completed_at >= returned_at:
        return Advance(_settled(episode, DeadlineState.MET))
    clock = running(episode.deadlines, DeadlineKind.RHI)
    if clock is not None and clock.began_at == returned_at:
        return Advance(episode)
    clock = Deadline(
        id=arrival.new_id(),
        kind=DeadlineKind.RHI,
        due_at=returned_at + arrival.rhi_within if returned_at <= _END_OF_TIME - arrival.rhi_within else _END_OF_TIME,
        controller=arrival.publisher.id,
        set_by_event=arrival.event_id,
        owner=holder_of(episode.involvements, Role.RESPONSIBLE_AUTHORITY),
        state=DeadlineState.RUNNING,
        began_at=returned_at,
    )
    episode = _settled(episode, DeadlineState.CANCELLED)
    episode = replace(episode, deadlines=(*episode.deadlines, clock))
    return Advance(episode, derived=(due(clock, DueStage.SET, arrival.now),))


def completed(data: RhiCompleted, episode: Episode, _arrival: Arrival) -> Advance:
    """Record the interview: it meets the clocks of all returns before it, in time or late.

    An interview from before the latest return leaves that return's clock running: the child has come back since.
    """
    episode = held(data.completed_at, episode)
    if running(episode.deadlines, DeadlineKind.RHI) is None:
        return Advance(episode)
    caution = Caution(
        code="interview_before_return",
        pointer="/data/completed_at",
        detail="held before the latest return on record, so the interview after that return is still due: "
        "if the time is wrong, publish it again",
    )
    return Advance(episode, warnings=(caution,))


def held(completed_at: datetime, episode: Episode) -> Episode:
    """Return the episode with the interview on record, and the clocks of all returns before it met."""
    met = tuple(
        replace(one, state=DeadlineState.MET)
        if one.kind is DeadlineKind.RHI
        and one.state in (DeadlineState.RUNNING, DeadlineState.REACHED)
        and one.began_at <= completed_at
        else one
        for one in episode.deadlines
    )
    latest = max(filter(None, (episode.rhi_completed_at, completed_at)))
    return replace(episode, rhi_completed_at=latest, deadlines=met)


def covers(contract: Contract, publisher: Agency, here: Episode, other: Episode) -> bool:
    """Say whether an interview that is reported in one episode may count for another.

    It may where the publisher could have reported it there too, and no placement record says that it is another child.
    """
    if here.child is not None and other.child is not None and here.child != other.child:
        return False
    return bool(roles_of(other.involvements, publisher.id, confirmed=True) & contract.publishers.roles)


def without_interview(episode: Episode) -> Episode:
    """Cancel a running clock if there is no interview left to hold."""
    return _settled(episode, DeadlineState.CANCELLED) if _leaves_none(episode) else episode


def overdue(clock: Deadline, episode: Episode) -> Advance:
    """Record that the clock has run out, and tell of it: `rhi.due`, stage `reached`."""
    return Advance(_settled(episode, DeadlineState.REACHED), derived=(due(clock, DueStage.REACHED, clock.due_at),))


def due(clock: Deadline, stage: DueStage, time: datetime) -> Derived:
    """Return the event that tells of the clock."""
    data = {"stage": stage.value, "returned_at": rfc3339(clock.began_at), "due_at": rfc3339(clock.due_at)}
    if clock.owner is not None:
        data["responsible"] = clock.owner
    return Derived(type=RHI_DUE, data=data, controller=clock.controller, time=time)


def _leaves_none(episode: Episode) -> bool:
    return episode.died or episode.closing_reason in _NO_INTERVIEW


def _settled(episode: Episode, state: DeadlineState) -> Episode:
    return replace(episode, deadlines=settled(episode.deadlines, DeadlineKind.RHI, state))

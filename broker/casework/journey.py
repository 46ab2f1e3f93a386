"""The way of an episode: risk, located, well, returned, closed, cancelled; and found without being back."""

from dataclasses import replace
from datetime import datetime

from broker.casework import interview
from broker.casework.arrival import Arrival
from broker.casework.deadline import DeadlineState
from broker.casework.episode import Episode
from broker.casework.offer import lapsed
from broker.casework.outcome import Advance
from broker.casework.refusal import NOT_CLOSABLE, conflict
from contracts.coded import known
from contracts.events.episode import EpisodeCancelled
from contracts.events.report import RiskChanged
from contracts.events.returning import ChildLocated, ChildReturned, EpisodeClosed, WellbeingConfirmed
from contracts.events.whereabouts import ChildAdmitted, ChildDetained, ChildDied, ChildLocatedNotReturning
from contracts.vocabulary import ClosingReason, EpisodeStatus

# Reasons to close that need neither fact: there was nobody to find, or nobody to find well.
_WITHOUT_FACTS = frozenset({ClosingReason.REPORTED_IN_ERROR, ClosingReason.DIED})


def risk_changed(data: RiskChanged, episode: Episode, _arrival: Arrival) -> Advance:
    """Take over the new assessment as it is: a repeat is never ranked lower (DOMAIN.md section 1).

    A level without a code leaves the risk not known: to go on with the one before would be to guess.
    """
    level = episode.intervention_level if data.intervention_level is None else data.intervention_level
    return Advance(replace(episode, risk=known(data.risk.level), intervention_level=level))


def located(data: ChildLocated, episode: Episode, _arrival: Arrival) -> Advance:
    """Note that the child is found. Reports come out of order: the earliest time stands; returned stays so."""
    return found(data.located_at, episode)


def found(moment: datetime, episode: Episode) -> Advance:
    """Note that the child is found and not back: they stay away, are held or are in hospital. No clock starts.

    A closed episode stays closed, and takes it all the same: found is not returned, whoever closed what.
    """
    status = EpisodeStatus.LOCATED if episode.status is EpisodeStatus.OPEN else episode.status
    return Advance(replace(episode, status=status, located_at=_earliest(episode.located_at, moment)))


def not_returning(data: ChildLocatedNotReturning, episode: Episode, _arrival: Arrival) -> Advance:
    """Note that the child is found and does not go back."""
    return found(data.located_at, episode)


def detained(data: ChildDetained, episode: Episode, _arrival: Arrival) -> Advance:
    """Note that the child is found because they are held."""
    return found(data.detained_at, episode)


def admitted(data: ChildAdmitted, episode: Episode, _arrival: Arrival) -> Advance:
    """Note that the child is found because they are in hospital."""
    return found(data.admitted_at, episode)


def died(data: ChildDied, episode: Episode, arrival: Arrival) -> Advance:
    """Stop the interview's clock and start none any more, once it is certain that it is this child; until then wait."""
    if not data.identified:
        return Advance(episode)
    step = found(data.found_at or data.died_at or arrival.now, episode)
    return Advance(interview.without_interview(replace(step.episode or episode, died=True)))


def well(data: WellbeingConfirmed, episode: Episode, _arrival: Arrival) -> Advance:
    """Note the second fact that closing needs, whenever it comes."""
    return Advance(replace(episode, wellbeing_confirmed_at=data.confirmed_at))


def returned(data: ChildReturned, episode: Episode, arrival: Arrival) -> Advance:
    """Note that the child is back, which also says that they are found, and start the interview's clock.

    A closed episode stays closed: its clock starts all the same, for it runs from the return and from nothing else.
    """
    status = EpisodeStatus.CLOSED if episode.status is EpisodeStatus.CLOSED else EpisodeStatus.RETURNED
    located_at = data.returned_at if episode.located_at is None else episode.located_at
    episode = replace(episode, status=status, returned_at=data.returned_at, located_at=located_at)
    return interview.returned(data.returned_at, episode, arrival)


def closed(data: EpisodeClosed, episode: Episode, arrival: Arrival) -> Advance:
    """Close the search; Refused 409 while the child is not both located and confirmed well, or otherwise.

    Source: College of Policing definition of missing: until located, and their well-being or otherwise confirmed.
    A reason without a code excuses from neither fact. An offer still open lapses: a closed episode is handed to
    nobody, and the force that was asked hears no more of it.
    """
    missing = [
        fact
        for fact, moment in (
            ("the child is not reported located (concordat.child.located.v1)", episode.located_at),
            ("their well-being is not confirmed (concordat.wellbeing.confirmed.v1)", episode.wellbeing_confirmed_at),
        )
        if moment is None
    ]
    if missing and data.reason not in _WITHOUT_FACTS:
        raise conflict(NOT_CLOSABLE, f"this episode cannot be closed yet: {' and '.join(missing)}")
    return _over(episode, data.closed_at, known(data.reason), arrival)


def cancelled(data: EpisodeCancelled, episode: Episode, arrival: Arrival) -> Advance:
    """End an episode that should never have been: it counts as reported in error, whatever is known of the child."""
    return _over(episode, data.cancelled_at, ClosingReason.REPORTED_IN_ERROR, arrival)


def _over(episode: Episode, at: datetime, reason: ClosingReason | None, arrival: Arrival) -> Advance:
    episode = replace(episode, status=EpisodeStatus.CLOSED, closed_at=at, closing_reason=reason)
    episode = interview.without_interview(episode)
    if episode.handover is not None and episode.handover.is_open():
        return lapsed(episode, DeadlineState.CANCELLED, arrival.now, arrival.now)
    return Advance(episode)


def _earliest(known: datetime | None, told: datetime) -> datetime:
    return told if known is None else min(known, told)

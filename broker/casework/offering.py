"""Offers of the return home interview, and what came of them: recorded, and the clock runs on."""

from dataclasses import replace

from broker.casework.arrival import Arrival
from broker.casework.deadline import DeadlineKind, DeadlineState
from broker.casework.episode import Episode
from broker.casework.involvement import current, holder_of
from broker.casework.outcome import Advance
from contracts.events.interview_duty import InterviewDuty
from contracts.events.rhi_offer import RhiAccepted, RhiAttempted, RhiDeclined, RhiOffered
from contracts.vocabulary import Role


def offered(data: RhiOffered, episode: Episode, arrival: Arrival) -> Advance:
    """Count the offer. Where the responsible authority says whose the interview is, the clock is theirs from here.

    An offer to a child who has died is taken as any other: a refusal would tell of the death.
    """
    episode = replace(episode, approaches=episode.approaches.offered(data.offered_at))
    return Advance(_owned(episode, data.duty, arrival))


def accepted(data: RhiAccepted, episode: Episode, _arrival: Arrival) -> Advance:
    """Note that the child said yes; nothing has been held yet."""
    return Advance(replace(episode, approaches=episode.approaches.accepted(data.accepted_at)))


def declined(data: RhiDeclined, episode: Episode, _arrival: Arrival) -> Advance:
    """Count the no: the interview stays due, and can be offered again."""
    return Advance(replace(episode, approaches=episode.approaches.declined(data.offer_again_at)))


def attempted(_data: RhiAttempted, episode: Episode, _arrival: Arrival) -> Advance:
    """Count the attempt: the interview stays due."""
    return Advance(replace(episode, approaches=episode.approaches.attempted()))


def _owned(episode: Episode, duty: InterviewDuty | None, arrival: Arrival) -> Episode:
    """Give the running clock to whom the responsible authority names: its duty passes by nobody else's word."""
    responsible = holder_of(episode.involvements, Role.RESPONSIBLE_AUTHORITY)
    if duty is None or arrival.publisher.id != responsible:
        return episode
    if all(one.agency != duty.owner or not one.confirmed for one in current(episode.involvements)):
        return episode
    return replace(
        episode,
        deadlines=tuple(
            replace(one, owner=duty.owner)
            if one.kind is DeadlineKind.RHI and one.state is DeadlineState.RUNNING
            else one
            for one in episode.deadlines
        ),
    )

"""An episode that is open again."""

from dataclasses import replace

from broker.casework import interview
from broker.casework.arrival import Arrival
from broker.casework.deadline import DeadlineKind, DeadlineState, settled
from broker.casework.episode import Episode
from broker.casework.outcome import Advance
from broker.casework.refusal import NOT_REOPENABLE, conflict
from contracts.events.episode import EpisodeReopened
from contracts.vocabulary import EpisodeStatus, ReopeningReason


def reopened(data: EpisodeReopened, episode: Episode, arrival: Arrival) -> Advance:
    """Open the episode again; Refused 409 if it is open, or the child had come back and went anew.

    Missing again before the return: the finding no longer counts, nor that the child was well, or had died. Located in
    error: neither does a return that was reported, nor its clock. Closed in error: the facts stand, and the clock that
    closing had stopped runs on.
    """
    if episode.status is EpisodeStatus.OPEN:
        raise conflict(NOT_REOPENABLE, "this episode is open: there is nothing to open again")
    if data.reason is ReopeningReason.MISSING_AGAIN and episode.returned_at is not None:
        raise conflict(
            NOT_REOPENABLE,
            "the child had come back in this episode: open another with concordat.episode.opened.v1, so that the "
            "interview after this return stays due",
        )
    episode = replace(episode, closed_at=None, closing_reason=None)
    if data.reason is ReopeningReason.CLOSED_IN_ERROR:
        return _as_before(episode, arrival)
    episode = replace(
        episode,
        status=EpisodeStatus.OPEN,
        located_at=None,
        wellbeing_confirmed_at=None,
        last_seen_at=data.missing_since or episode.last_seen_at,
        died=False,
    )
    if data.reason is ReopeningReason.LOCATED_IN_ERROR:
        deadlines = settled(episode.deadlines, DeadlineKind.RHI, DeadlineState.CANCELLED)
        episode = replace(episode, returned_at=None, deadlines=deadlines)
    return Advance(episode)


def _as_before(episode: Episode, arrival: Arrival) -> Advance:
    returned_at = episode.returned_at
    if returned_at is None:
        status = EpisodeStatus.OPEN if episode.located_at is None else EpisodeStatus.LOCATED
        return Advance(replace(episode, status=status))
    episode = replace(episode, status=EpisodeStatus.RETURNED)
    counted = (DeadlineState.RUNNING, DeadlineState.REACHED, DeadlineState.MET)
    if any(
        one.kind is DeadlineKind.RHI and one.began_at == returned_at and one.state in counted
        for one in episode.deadlines
    ):
        return Advance(episode)
    return interview.returned(returned_at, episode, arrival)

"""One interview for several episodes: it meets the clock of each that it names."""

from broker.casework.episode import Episode
from broker.casework.interview import covers, held
from broker.casework.link import linked
from broker.flows.check import Checked
from broker.flows.draft import Draft
from broker.flows.parts import Parts
from contracts.disclosure import Caution
from contracts.events.interview import RhiCompleted

_DETAIL = (
    "the interview does not count for this episode: no episode of this id about this child has your agency in a "
    "confirmed role that may report an interview"
)


def meet_elsewhere(draft: Draft, checked: Checked, here: Episode | None, parts: Parts) -> tuple[Caution, ...]:
    """Meet the clocks of the other episodes that an interview covers; return a warning for each where it cannot.

    Nobody there is told of the interview: the event is about the episode of its subject, and goes to those in it.
    """
    data = checked.event.data
    if not isinstance(data, RhiCompleted) or here is None:
        return ()
    missed = []
    for place, named in enumerate(data.episodes):
        if named == here.id:
            continue
        other = draft.episode(named)
        if other is None or not covers(
            checked.event.contract, checked.publisher, here, _as_linked(draft, other, parts)
        ):
            missed.append(Caution(code="episode_not_covered", pointer=f"/data/episodes/{place}", detail=_DETAIL))
        else:
            # Not as linked: what the record says takes hold, and is owed its history, with the next event there.
            draft.put_episode(held(data.completed_at, other))
    return tuple(missed)


def _as_linked(draft: Draft, episode: Episode, parts: Parts) -> Episode:
    placement = None if episode.child is None else draft.placement(episode.child)
    return linked(episode, placement, parts.registry, parts.clock.now())

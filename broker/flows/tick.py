"""The hub's clock has moved on: what has fallen due goes down the same path as everything else."""

from broker.casework.advance import reach
from broker.flows.draft import Draft
from broker.flows.occurrence import Case
from broker.flows.parts import Parts
from broker.flows.publish import announce

MOST = 100
"""Deadlines in one step; the rest are taken by the next."""


def tick(draft: Draft, parts: Parts) -> int:
    """Reach every deadline that has come; return how many were. Reaching one twice changes nothing."""
    now = parts.clock.now()
    reached = 0
    for due in draft.due(now, MOST):
        episode = draft.episode(due.episode)
        if episode is None:
            continue
        deadline = next((one for one in episode.deadlines if one.id == due.id), None)
        if deadline is None:
            continue
        moved = reach(deadline, episode, now)
        if moved.episode is None or moved.episode == episode:
            continue
        draft.put_episode(moved.episode)
        subject = f"episode/{episode.id}"
        placement = None if episode.child is None else draft.placement(episode.child)
        case = Case(subject, draft.pseudonym(subject) or "", moved.episode, placement)
        announce(draft, moved.derived, case, parts)
        reached += 1
    return reached

"""The hub's clock has moved on: what has fallen due goes down the same path as everything else."""

from datetime import datetime

import structlog

from broker.casework.access import under_bars
from broker.casework.advance import reach
from broker.flows.draft import Draft
from broker.flows.occurrence import Case
from broker.flows.parts import Parts
from broker.flows.publish import announce
from broker.ports.records import DueDeadline
from broker.ports.store import Store, StoreUnavailable
from broker.ports.vault import VaultUnavailable

log = structlog.get_logger(__name__)

MOST = 100
"""Deadlines in one step; the rest are taken by the next."""


def is_anything_due(store: Store, parts: Parts) -> bool:
    """Say whether some deadline has come. As a rule none has, and nobody need wait for a step that finds that out."""
    with store.reading() as view:
        return bool(view.due(parts.clock.now(), 1))


def tick(draft: Draft, parts: Parts) -> int:
    """Reach every deadline that has come; return how many were. Reaching one twice changes nothing.

    One that cannot be reached is left for the next tick and holds up no other.
    """
    now = parts.clock.now()
    reached = 0
    for due in draft.due(now, MOST):
        alone = Draft(draft)
        try:
            moved = _reach(alone, due, now, parts)
        except (StoreUnavailable, VaultUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 (one episode's trouble must not stop the clocks of the others)
            log.error("deadline_failed", deadline=due.id, error=type(error).__name__)  # noqa: TRY400 (values)
            continue
        draft.absorb(alone)
        reached += moved
    return reached


def _reach(draft: Draft, due: DueDeadline, now: datetime, parts: Parts) -> bool:
    """Reach one deadline; return whether that changed anything."""
    episode = draft.episode(due.episode)
    deadline = None if episode is None else next((one for one in episode.deadlines if one.id == due.id), None)
    if episode is None or deadline is None:
        return False
    placement = None if episode.child is None else draft.placement(episode.child)
    # An agency may have been barred from the child since the episode's last event.
    episode = under_bars(episode, placement)
    moved = reach(deadline, episode, now)
    if moved.episode is None or moved.episode == episode:
        return False
    draft.put_episode(moved.episode)
    subject = f"episode/{episode.id}"
    case = Case(subject, draft.pseudonym(subject) or "", moved.episode, placement)
    announce(draft, moved.derived, case, parts, handover_changed=moved.handover_changed)
    return True

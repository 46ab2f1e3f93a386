"""The link from an episode to the child's placement record: what the record says is confirmed."""

from dataclasses import replace
from datetime import datetime

from broker.casework.access import under_bars
from broker.casework.directory import Directory
from broker.casework.episode import Episode
from broker.casework.involvement import HUB, claim, confirm, may_hold
from broker.casework.ownership import named_force
from broker.casework.placement import Placement
from contracts.disclosure import Caution
from contracts.vocabulary import Role

# One wording for a handle that nobody has and one that the publisher does not stand in: neither may be told apart.
NOT_LINKED = Caution(
    code="placement_not_linked",
    pointer="/data/child/handle",
    detail="no placement record of this handle names your agency: the episode is open without one; "
    "ask the responsible authority to confirm who is involved",
)


def linked(episode: Episode, placement: Placement | None, directory: Directory, now: datetime) -> Episode:
    """Return the episode with what its placement record now says; unchanged if it is linked to none, or to another.

    The record is read at every event, so that a flag or a carer recorded during the search counts from the next one.
    Its bars apart, it adds and never takes away: an agency that has heard of an episode does not unhear it. A part that
    has been ended in this episode stays ended whatever the record says, until it is confirmed anew. It names an owning
    force only for an episode that has none; from one force to another ownership passes by handover.
    """
    if placement is None or episode.child != placement.handle:
        return episode
    said = placement.responsible
    over = {(one.agency, one.role) for one in episode.involvements if one.until is not None}
    involvements = confirm(episode.involvements, said, Role.RESPONSIBLE_AUTHORITY, now, said)
    for agency, role in placement.involved:
        if role is Role.OWNING_FORCE or (agency, role) in over:
            continue
        settle = confirm if may_hold(directory.agency(agency), role) else claim
        involvements = settle(involvements, agency, role, now, said)
    updated = replace(episode, involvements=involvements, flagged=episode.flagged or placement.flagged)
    force = named_force(placement, directory)
    if updated.owner is None and force is not None:
        updated = owned(updated, force, now, said)
    for agency, role in placement.involved:
        if role is Role.OWNING_FORCE and agency != updated.owner:
            updated = replace(updated, involvements=claim(updated.involvements, agency, role, now, said))
    return under_bars(updated, placement)


def owned(episode: Episode, force: str, now: datetime, named_by: str = HUB) -> Episode:
    """Return an episode that had no owner with its owning force, which no bar keeps from hearing."""
    involvements = confirm(episode.involvements, force, Role.OWNING_FORCE, now, named_by)
    return replace(episode, owner=force, involvements=involvements, barred=episode.barred - {force})

"""Whom an event concerns, and the facts on which the decision about each may rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.casework.directory import Directory
from broker.casework.episode import Episode
from broker.casework.involvement import Involvement, Involvements, current, may_hold
from broker.casework.placement import Placement
from contracts.events.base import CARERS
from contracts.facts import Facts
from contracts.vocabulary import Role, Standing

_STANDING_OF_ROLE = {
    Role.RESPONSIBLE_AUTHORITY: Standing.RESPONSIBLE,
    Role.HOST_AUTHORITY: Standing.HOSTING,
    Role.REPORTING: Standing.REPORTING,
    **dict.fromkeys(CARERS, Standing.CARING),
}
_STANDING_IN_EPISODE = _STANDING_OF_ROLE | {
    Role.OWNING_FORCE: Standing.OWNING,
    Role.RECEIVING_FORCE: Standing.OFFERED,
}


@dataclass(frozen=True)
class Recipient:
    """One agency currently involved."""

    agency_id: str
    roles: frozenset[Role]
    """Its confirmed roles, and no claimed one beside them: a claim must not open a clause. If none is confirmed, those
    that it claims or that are claimed for it."""
    confirmed: bool
    standing: frozenset[Standing]
    """How it stands to the episode, by confirmed roles alone."""


def recipients(subject: Episode | Placement, directory: Directory) -> tuple[Recipient, ...]:
    """Return everybody currently involved, by agency id: claimed ones and agencies unknown to the hub too.

    An agency that is barred from the child is none of them, and is not spoken of.

    A role of power counts as confirmed only while the directory has the agency as a body that can hold it.
    """
    if isinstance(subject, Placement):
        return _recipients(subject.parts(directory), subject.barred, directory, _STANDING_OF_ROLE)
    return parties(subject.involvements, subject.barred, directory)


def parties(involvements: Involvements, barred: frozenset[str], directory: Directory) -> tuple[Recipient, ...]:
    """Return everybody currently involved in an episode, as `recipients` does."""
    return _recipients(current(involvements), barred, directory, _STANDING_IN_EPISODE)


def _recipients(
    involvements: Involvements, barred: frozenset[str], directory: Directory, standings: Mapping[Role, Standing]
) -> tuple[Recipient, ...]:
    parts: dict[str, list[Involvement]] = {}
    for one in involvements:
        if one.agency not in barred:
            parts.setdefault(one.agency, []).append(one)
    return tuple(_recipient(agency, own, standings, directory) for agency, own in sorted(parts.items()))


def facts_for(episode: Episode | None, recipient: Recipient, now: datetime) -> Facts:
    """Return what a clause's `when` may read for this recipient; without an episode, little more than the time."""
    if episode is None:
        return Facts(now=now, recipient_is=recipient.standing)
    return Facts(
        now=now,
        episode=episode.status,
        risk=episode.risk,
        intervention_level=episode.intervention_level,
        jurisdiction=episode.jurisdiction,
        last_seen_at=episode.last_seen_at,
        handover=None if episode.handover is None else episode.handover.stage,
        recipient_is=recipient.standing,
    )


def _recipient(
    agency: str, own: Sequence[Involvement], standings: Mapping[Role, Standing], directory: Directory
) -> Recipient:
    known = directory.agency(agency)
    roles = frozenset(one.role for one in own if one.confirmed and may_hold(known, one.role))
    return Recipient(
        agency_id=agency,
        roles=roles or frozenset(one.role for one in own),
        confirmed=bool(roles),
        standing=frozenset(standings[role] for role in roles if role in standings),
    )

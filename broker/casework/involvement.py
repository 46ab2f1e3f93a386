"""An agency's part in an episode: claimed by anybody, confirmed by a record holder, never by the agency itself."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from broker.casework.moment import read, written
from contracts.agency import Agency
from contracts.events.base import AUTHORITIES, SEARCHERS
from contracts.vocabulary import AgencyKind, Role

HUB = ""
"""`named_by` of an involvement that follows from the hub's configuration."""

# Roles that carry a power over the episode, and the only kind of body that can hold them confirmed.
_FITTING_KIND = {
    **dict.fromkeys(SEARCHERS, AgencyKind.POLICE_FORCE),
    **dict.fromkeys(AUTHORITIES, AgencyKind.LOCAL_AUTHORITY),
}


@dataclass(frozen=True)
class Involvement:
    """One agency in one role of one episode. It is current while `until` is None."""

    agency: str
    role: Role
    confirmed: bool
    since: datetime
    """When it was claimed, or when it was confirmed if it is."""
    until: datetime | None = None
    named_by: str = HUB
    """Whose word it is: the claimant, or who confirmed it."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "agency": self.agency,
            "role": self.role.value,
            "confirmed": self.confirmed,
            "since": written(self.since),
            "until": written(self.until),
            "named_by": self.named_by,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Involvement":
        """Read what `to_json` wrote."""
        return cls(
            agency=stored["agency"],
            role=Role(stored["role"]),
            confirmed=stored["confirmed"],
            since=read(stored["since"]),
            until=read(stored["until"]),
            named_by=stored["named_by"],
        )


Involvements = tuple[Involvement, ...]


def is_power(role: Role) -> bool:
    """Say whether the role carries a power that only one kind of body can hold."""
    return role in _FITTING_KIND


def misfits(agency: Agency | None, role: Role) -> bool:
    """Say whether a registered agency is of the wrong kind for the role. An unregistered one is not judged."""
    return agency is not None and is_power(role) and agency.kind is not _FITTING_KIND[role]


def may_hold(agency: Agency | None, role: Role) -> bool:
    """Say whether the role can stand confirmed: a power only with a registered agency of the fitting kind."""
    return not is_power(role) or (agency is not None and agency.kind is _FITTING_KIND[role])


def current(involvements: Iterable[Involvement]) -> Involvements:
    """Return the involvements that have not ended."""
    return tuple(one for one in involvements if one.until is None)


def roles_of(involvements: Iterable[Involvement], agency: str, *, confirmed: bool) -> frozenset[Role]:
    """Return the current roles of an agency; with `confirmed`, those alone that are confirmed."""
    return frozenset(
        one.role for one in current(involvements) if one.agency == agency and (one.confirmed or not confirmed)
    )


def holder_of(involvements: Iterable[Involvement], role: Role) -> str | None:
    """Return the agency that holds the role confirmed, or None; the first by name if several do."""
    return min((one.agency for one in current(involvements) if one.confirmed and one.role is role), default=None)


def claim(involvements: Involvements, agency: str, role: Role, now: datetime, named_by: str) -> Involvements:
    """Add a claim, unless the agency is already current in the role."""
    if role in roles_of(involvements, agency, confirmed=False):
        return involvements
    return (*involvements, Involvement(agency, role, confirmed=False, since=now, named_by=named_by))


def confirm(involvements: Involvements, agency: str, role: Role, now: datetime, named_by: str) -> Involvements:
    """Confirm the agency in the role, whether or not it was claimed; unchanged if it is confirmed already."""
    if role in roles_of(involvements, agency, confirmed=True):
        return involvements
    confirmed = Involvement(agency, role, confirmed=True, since=now, named_by=named_by)
    claimed = [one for one in current(involvements) if (one.agency, one.role) == (agency, role)]
    return (*(one for one in involvements if one not in claimed), confirmed)


def end(involvements: Involvements, agency: str, role: Role, now: datetime) -> Involvements:
    """End the agency's current part in the role; what it was stays on record."""
    return tuple(
        replace(one, until=now) if one.until is None and (one.agency, one.role) == (agency, role) else one
        for one in involvements
    )

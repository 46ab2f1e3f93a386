"""The standing placement record: the responsible authority says who is who for a child before anything happens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.casework.arrival import Arrival
from broker.casework.directory import Directory
from broker.casework.involvement import HUB, Involvement, Involvements, may_hold, misfits
from broker.casework.moment import read, written
from broker.casework.refusal import PLACEMENT_EXISTS, conflict, invalid, not_entitled
from contracts.events.prevention import PlacementNotified
from contracts.vocabulary import AgencyKind, Role


@dataclass(frozen=True)
class Placement:
    """One child's placement record: ids, codes and times, no personal data."""

    handle: str
    """The child's random handle at this hub."""
    responsible: str
    """The authority whose record it is, and which alone may replace it."""
    involved: tuple[tuple[str, Role], ...]
    area: str | None
    """ONS GSS code of the area that the placement lies in."""
    flagged: bool
    """Whether the child's or carer's whereabouts are protected."""
    since: datetime
    """When the placement began."""
    barred: frozenset[str] = frozenset()
    """Agencies that may not be told of this child."""

    def parts(self, directory: Directory) -> Involvements:
        """Return who is involved by this record: confirmed, a power only with a body that can hold it."""
        named = ((self.responsible, Role.RESPONSIBLE_AUTHORITY), *self.involved)
        return tuple(
            Involvement(
                agency, role, confirmed=may_hold(directory.agency(agency), role), since=self.since, named_by=HUB
            )
            for agency, role in named
        )

    def names(self, agency: str) -> bool:
        """Say whether the agency stands in this record."""
        return agency == self.responsible or any(agency == named for named, _ in self.involved)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "handle": self.handle,
            "responsible": self.responsible,
            "involved": [[agency, role.value] for agency, role in self.involved],
            "area": self.area,
            "flagged": self.flagged,
            "since": written(self.since),
            "barred": sorted(self.barred),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Placement":
        """Read what `to_json` wrote."""
        return cls(
            handle=stored["handle"],
            responsible=stored["responsible"],
            involved=tuple((agency, Role(role)) for agency, role in stored["involved"]),
            area=stored["area"],
            flagged=stored["flagged"],
            since=read(stored["since"]),
            barred=frozenset(stored.get("barred", ())),
        )


def notified(data: PlacementNotified, existing: Placement | None, arrival: Arrival) -> Placement:
    """Return the record that the event makes, in place of any older one of the same handle.

    Refused: 403 if the publisher is no local authority, 409 if the handle's record is another authority's, 422 if it
    names another responsible authority, a second owning force, a receiving force or a body unfit for a power.
    """
    publisher = arrival.publisher
    if publisher.kind is not AgencyKind.LOCAL_AUTHORITY:
        raise not_entitled(
            "a placement record is published by the child's responsible local authority: ask it to do so"
        )
    if existing is not None and existing.responsible != publisher.id:
        raise conflict(
            PLACEMENT_EXISTS,
            "this handle is of a record that your agency does not keep: leave the subject out to be given a new one",
        )
    owners = set()
    for index, one in enumerate(data.involved):
        pointer = f"/data/involved/{index}/role"
        if one.role is Role.RESPONSIBLE_AUTHORITY and one.agency != publisher.id:
            raise invalid("the publisher of a placement record is the responsible authority: name no other", pointer)
        if one.role is Role.RECEIVING_FORCE:
            raise invalid("a force becomes the receiving force by a handover offer, not by a record", pointer)
        if misfits(arrival.directory.agency(one.agency), one.role):
            raise invalid("an agency of this kind cannot have this role: name a police force or an authority", pointer)
        if one.role is Role.OWNING_FORCE:
            owners.add(one.agency)
            if len(owners) > 1:
                raise invalid("an episode has one owning force: name one", pointer)
    handle = arrival.new_id() if arrival.subject is None else arrival.subject.id
    named = dict.fromkeys((one.agency, one.role) for one in data.involved)
    return Placement(
        handle=handle if existing is None else existing.handle,
        responsible=publisher.id,
        involved=tuple(pair for pair in named if pair[1] is not Role.RESPONSIBLE_AUTHORITY),
        area=data.placement.area,
        flagged=data.protected_whereabouts,
        since=data.placement.began_at,
        barred=frozenset() if existing is None else existing.barred,
    )

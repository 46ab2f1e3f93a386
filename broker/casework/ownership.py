"""Which force owns an episode: by the placement record or by configured areas, never by the reporter's word."""

from broker.casework.directory import Directory
from broker.casework.involvement import may_hold
from broker.casework.placement import Placement
from contracts.agency import Agency
from contracts.disclosure import Caution
from contracts.vocabulary import AgencyKind, Role

NO_OWNING_FORCE = Caution(
    code="no_owning_force",
    detail="no police force is configured for this episode: ring the force; the responsible authority can name it "
    "with concordat.involvement.confirmed.v1",
)
AMBIGUOUS_OWNING_FORCE = Caution(
    code="ambiguous_owning_force",
    detail="your agency's areas are policed by several forces and one of them was taken: ring it to make sure",
)


def owner_of(
    placement: Placement | None, publisher: Agency, directory: Directory
) -> tuple[str | None, tuple[Caution, ...]]:
    """Return the force that owns an episode at its opening, and what to warn of.

    In this order: the force that the linked record names; the force of the record's area; the force of the publisher's
    own areas as the hub has them configured (a force polices its own).
    """
    if placement is not None:
        named = named_force(placement, directory) or _force_of(placement.area, directory)
        if named is not None:
            return named, ()
    if publisher.kind is AgencyKind.POLICE_FORCE and publisher.areas:
        return publisher.id, ()
    found = [force for area in sorted(publisher.areas) if (force := _force_of(area, directory)) is not None]
    if not found:
        return None, (NO_OWNING_FORCE,)
    return found[0], (AMBIGUOUS_OWNING_FORCE,) if len(set(found)) > 1 else ()


def named_force(placement: Placement, directory: Directory) -> str | None:
    """Return the owning force that the record names, if the hub knows it as a police force."""
    return next(
        (
            agency
            for agency, role in placement.involved
            if role is Role.OWNING_FORCE and may_hold(directory.agency(agency), role)
        ),
        None,
    )


def _force_of(area: str | None, directory: Directory) -> str | None:
    force = None if area is None else directory.force_for(area)
    return force if force is not None and may_hold(directory.agency(force), Role.OWNING_FORCE) else None

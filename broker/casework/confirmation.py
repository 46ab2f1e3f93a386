"""Who is involved: anybody may claim it; the responsible authority or the owning force confirms it, or ends it."""

from dataclasses import replace

from broker.casework.arrival import Arrival
from broker.casework.deadline import DeadlineKind, Deadlines, DeadlineState
from broker.casework.directory import Directory
from broker.casework.episode import Episode
from broker.casework.involvement import claim, confirm, end, holder_of, is_power, misfits, roles_of
from broker.casework.link import owned
from broker.casework.outcome import Advance
from broker.casework.refusal import invalid, not_entitled
from contracts.agency import Agency
from contracts.disclosure import Caution
from contracts.events.base import Involved
from contracts.events.involvement import InvolvementAdded, InvolvementConfirmed, InvolvementEnded
from contracts.vocabulary import Role

_HOLDERS = frozenset({Role.RESPONSIBLE_AUTHORITY, Role.OWNING_FORCE})


def added(data: InvolvementAdded, episode: Episode, arrival: Arrival) -> Advance:
    """Record claims. What the placement record confirms has been confirmed before, and stays so."""
    involvements = episode.involvements
    for one in data.involved:
        involvements = claim(involvements, one.agency, one.role, arrival.now, arrival.publisher.id)
    return Advance(episode=replace(episode, involvements=involvements))


def confirmed(data: InvolvementConfirmed, episode: Episode, arrival: Arrival) -> Advance:
    """Confirm whom the record holder names. Its authority to do so is checked before.

    Naming itself, or an unregistered body in a role of power, leaves a claim and a warning: the others must not wait.
    Refused 422: a body unfit for its role, a second owning force or responsible authority, a receiving force.
    """
    publisher, directory, now = arrival.publisher, arrival.directory, arrival.now
    warnings = []
    for index, one in enumerate(data.involved):
        pointer = f"/data/involved/{index}"
        _check(one, episode, directory, f"{pointer}/role")
        caution = _doubt(one, publisher, directory, f"{pointer}/agency")
        involvements = episode.involvements
        if caution is not None and one.role not in roles_of(involvements, one.agency, confirmed=True):
            warnings.append(caution)
            episode = replace(episode, involvements=claim(involvements, one.agency, one.role, now, publisher.id))
        elif one.role is Role.OWNING_FORCE and episode.owner is None:
            episode = owned(episode, one.agency, now, publisher.id)
        else:
            episode = replace(episode, involvements=confirm(involvements, one.agency, one.role, now, publisher.id))
    return Advance(episode=_with_interview_owner(episode), warnings=tuple(warnings))


def ended(data: InvolvementEnded, episode: Episode, arrival: Arrival) -> Advance:
    """End parts: the agency hears no more of the episode once it has none. A part that is not current changes nothing.

    Refused: 403 for another's part without being responsible authority or owning force; 422 for a part that passes in
    another way (owning force, an open offer, the authority of the placement record).
    """
    publisher, now = arrival.publisher.id, arrival.now
    holds = roles_of(episode.involvements, publisher, confirmed=True) & _HOLDERS
    for index, one in enumerate(data.involved):
        if one.agency != publisher and not holds:
            raise not_entitled(
                "the part of another agency is ended by the responsible authority or the owning force: ask either"
            )
        _check_end(one, episode, f"/data/involved/{index}/role")
        involvements = end(episode.involvements, one.agency, one.role, now)
        episode = replace(episode, involvements=involvements, deadlines=_without_owner(episode, one))
    return Advance(episode=_with_interview_owner(episode))


def _check_end(one: Involved, episode: Episode, pointer: str) -> None:
    if one.role not in roles_of(episode.involvements, one.agency, confirmed=True):
        return
    if one.role is Role.OWNING_FORCE:
        raise invalid("the owning force's part passes to another by a handover: offer it", pointer)
    if one.role is Role.RECEIVING_FORCE:
        raise invalid("the part of a force that was asked ends with its answer: decline the offer", pointer)
    if one.role is Role.RESPONSIBLE_AUTHORITY and episode.child is not None:
        raise invalid("the authority whose placement record this is stays responsible for the child", pointer)


def _without_owner(episode: Episode, one: Involved) -> Deadlines:
    """Return the deadlines, a running interview clock without its owner if that is whose part has ended."""
    return tuple(
        replace(clock, owner=None)
        if clock.kind is DeadlineKind.RHI and clock.state is DeadlineState.RUNNING and clock.owner == one.agency
        else clock
        for clock in episode.deadlines
    )


def _check(one: Involved, episode: Episode, directory: Directory, pointer: str) -> None:
    if one.role is Role.RECEIVING_FORCE:
        raise invalid("a force becomes the receiving force by a handover offer: publish that instead", pointer)
    if misfits(directory.agency(one.agency), one.role):
        raise invalid("an agency of this kind cannot have this role: name a police force or an authority", pointer)
    if one.role is Role.OWNING_FORCE and episode.owner not in (None, one.agency):
        raise invalid(
            "the episode has an owning force: it passes to another by a handover, not by confirmation", pointer
        )
    holder = holder_of(episode.involvements, Role.RESPONSIBLE_AUTHORITY)
    if one.role is Role.RESPONSIBLE_AUTHORITY and holder not in (None, one.agency):
        raise invalid("the episode has a responsible authority already, and there is one only", pointer)


def _doubt(one: Involved, publisher: Agency, directory: Directory, pointer: str) -> Caution | None:
    if one.agency == publisher.id:
        return Caution(
            code="own_word",
            pointer=pointer,
            detail="no agency confirms itself: noted as a claim for the other record holder to confirm",
        )
    if is_power(one.role) and directory.agency(one.agency) is None:
        return Caution(
            code="unknown_agency",
            pointer=pointer,
            detail="not registered at this hub, so its kind is unknown: noted as a claim, and it must be rung",
        )
    return None


def _with_interview_owner(episode: Episode) -> Episode:
    """Give a running interview clock that nobody owned to the responsible authority that is now known."""
    responsible = holder_of(episode.involvements, Role.RESPONSIBLE_AUTHORITY)
    return replace(
        episode,
        deadlines=tuple(
            replace(one, owner=responsible)
            if one.kind is DeadlineKind.RHI and one.state is DeadlineState.RUNNING and one.owner is None
            else one
            for one in episode.deadlines
        ),
    )

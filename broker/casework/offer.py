"""The moves of a handover: offered, accepted, declined, lapsed."""

from dataclasses import replace
from datetime import datetime

from broker.casework.arrival import Arrival
from broker.casework.deadline import Deadline, DeadlineKind, DeadlineState, settled
from broker.casework.episode import Episode
from broker.casework.handover import Handover
from broker.casework.involvement import confirm, end
from broker.casework.outcome import Advance, Derived
from broker.casework.refusal import HANDOVER_PENDING, NO_OPEN_OFFER, conflict, invalid
from contracts.agency import Agency
from contracts.envelope import rfc3339
from contracts.events.handover import HandoverAccepted, HandoverDeclined, HandoverOffered
from contracts.vocabulary import AgencyKind, HandoverStage, Role

LAPSED = "concordat.handover.lapsed.v1"


def offered(data: HandoverOffered, episode: Episode, arrival: Arrival) -> Advance:
    """Offer the episode to another force, which hears of the offer alone until it accepts.

    Refused: 409 while another offer waits; 422 if it is made to no other registered police force, to one that is barred
    from the child, or has expired.
    """
    publisher, now = arrival.publisher, arrival.now
    if episode.handover is not None and episode.handover.is_open():
        raise conflict(HANDOVER_PENDING, "an offer of this episode waits for its answer: wait until it is settled")
    force = arrival.directory.agency(data.to)
    if force is None or not force.active or force.kind is not AgencyKind.POLICE_FORCE or force.id == publisher.id:
        raise invalid("an episode is offered to another police force that is registered at this hub", "/data/to")
    if force.id in episode.barred:
        raise invalid("this force may not be told of the child: offer to another, or have the bar lifted", "/data/to")
    deadlines = episode.deadlines
    if data.expires_at is not None:
        if data.expires_at <= now:
            raise invalid("the offer has expired before it was made: give a later time, or none", "/data/expires_at")
        clock = Deadline(
            id=arrival.new_id(),
            kind=DeadlineKind.HANDOVER_OFFER,
            due_at=data.expires_at,
            controller=publisher.id,
            set_by_event=arrival.event_id,
            owner=force.id,
            state=DeadlineState.RUNNING,
            began_at=now,
        )
        deadlines = (*deadlines, clock)
    handover = Handover(publisher.id, force.id, HandoverStage.OFFERED, offered_at=now, expires_at=data.expires_at)
    involvements = confirm(episode.involvements, force.id, Role.RECEIVING_FORCE, now, publisher.id)
    episode = replace(episode, handover=handover, involvements=involvements, deadlines=deadlines)
    return Advance(episode=episode, handover_changed=True)


def check_answer(episode: Episode, publisher: Agency) -> None:
    """Refused 409 for an answer that comes too late from a force that once had an offer, or has been barred since.

    Everybody else is answered by the roles alone: whether an offer waits is not theirs to learn.
    """
    once = any(
        one.agency == publisher.id and one.role is Role.RECEIVING_FORCE and one.confirmed
        for one in episode.involvements
    )
    handover = episode.handover
    waits = handover is not None and handover.is_open() and handover.to == publisher.id not in episode.barred
    if once and not waits:
        raise conflict(
            NO_OPEN_OFFER, "no offer of this episode waits for your answer: ask the owning force to offer it anew"
        )


def accepted(_data: HandoverAccepted, episode: Episode, arrival: Arrival) -> Advance:
    """Make the accepting force the owner, owed the history whatever it knew, and the old owner the home force."""
    episode, handover = _settled(episode, HandoverStage.ACCEPTED, DeadlineState.MET, arrival.now)
    involvements = end(episode.involvements, handover.by, Role.OWNING_FORCE, arrival.now)
    involvements = confirm(involvements, handover.by, Role.HOME_FORCE, arrival.now, arrival.publisher.id)
    involvements = confirm(involvements, handover.to, Role.OWNING_FORCE, arrival.now, handover.by)
    episode = replace(episode, owner=handover.to, involvements=involvements)
    return Advance(episode=episode, joined=(handover.to,), handover_changed=True)


def declined(_data: HandoverDeclined, episode: Episode, arrival: Arrival) -> Advance:
    """End the offer; the offering force keeps the episode."""
    return Advance(_settled(episode, HandoverStage.DECLINED, DeadlineState.MET, arrival.now)[0], handover_changed=True)


def lapsed(episode: Episode, state: DeadlineState, now: datetime, time: datetime) -> Advance:
    """End an open offer that nobody answered, and tell of it; its deadline comes to `state`."""
    episode, handover = _settled(episode, HandoverStage.LAPSED, state, now)
    told = Derived(
        type=LAPSED,
        data={"to": handover.to, "offered_at": rfc3339(handover.offered_at)},
        controller=handover.by,
        time=time,
    )
    return Advance(episode=episode, derived=(told,), handover_changed=True)


def _settled(episode: Episode, stage: HandoverStage, state: DeadlineState, now: datetime) -> tuple[Episode, Handover]:
    """Close the open offer: what the asked force was told as such ends here."""
    if episode.handover is None:
        raise ValueError("there is no handover to settle")
    handover = replace(episode.handover, stage=stage, settled_at=now)
    involvements = end(episode.involvements, handover.to, Role.RECEIVING_FORCE, now)
    deadlines = settled(episode.deadlines, DeadlineKind.HANDOVER_OFFER, state)
    return replace(episode, handover=handover, involvements=involvements, deadlines=deadlines), handover

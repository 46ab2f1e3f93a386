"""The opening of an episode."""

from dataclasses import replace

from broker.casework.arrival import Arrival
from broker.casework.episode import Episode
from broker.casework.involvement import HUB, claim
from broker.casework.link import NOT_LINKED, linked, owned
from broker.casework.outcome import Advance
from broker.casework.ownership import owner_of
from broker.casework.placement import Placement
from broker.casework.refusal import EPISODE_EXISTS, conflict
from contracts.coded import known
from contracts.disclosure import Caution
from contracts.events.report import EpisodeOpened
from contracts.vocabulary import Role


def opened(
    data: EpisodeOpened, episode_id: str, existing: Episode | None, placement: Placement | None, arrival: Arrival
) -> Advance:
    """Open an episode; Refused 409 if its id is in use.

    Whom the reporter names is claimed. What is confirmed comes from the placement record, if the reporter stands in it,
    and from configured areas: a reporter that could link any record could hear of any child.
    """
    if existing is not None:
        raise conflict(
            EPISODE_EXISTS, "an episode of this id is open already: mint a new id, or publish about that one"
        )
    warnings: tuple[Caution, ...] = ()
    publisher, directory, now = arrival.publisher, arrival.directory, arrival.now
    record = placement if placement is not None and placement.names(publisher.id) else None
    if record is None and (placement is not None or data.child.handle is not None):
        warnings = (NOT_LINKED,)
    episode = Episode(
        id=episode_id,
        opened_by=publisher.id,
        opened_at=now,
        jurisdiction=data.jurisdiction,
        child=None if record is None else record.handle,
        risk=None if data.risk is None else known(data.risk.level),
        intervention_level=data.intervention_level,
        last_seen_at=None if data.last_seen is None else data.last_seen.at,
        flagged=data.protected_whereabouts,
    )
    owner, doubts = owner_of(record, publisher, directory)
    if owner is not None:
        by_record = record is not None and (owner, Role.OWNING_FORCE) in record.involved
        episode = owned(episode, owner, now, record.responsible if record is not None and by_record else HUB)
    episode = linked(episode, record, directory, now)
    return Advance(episode=_with_claims(episode, data, arrival), warnings=warnings + doubts)


def _with_claims(episode: Episode, data: EpisodeOpened, arrival: Arrival) -> Episode:
    involvements, publisher, now = episode.involvements, arrival.publisher.id, arrival.now
    for one in data.involved:
        involvements = claim(involvements, one.agency, one.role, now, publisher)
    return replace(episode, involvements=claim(involvements, publisher, Role.REPORTING, now, publisher))

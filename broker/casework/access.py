"""Agencies that may not be told of a child: they hear nothing from the moment that the bar is accepted."""

from dataclasses import replace

from broker.casework.arrival import Arrival
from broker.casework.episode import Episode
from broker.casework.involvement import Involvements, current
from broker.casework.outcome import Advance
from broker.casework.placement import Placement
from broker.casework.refusal import invalid
from contracts.events.access import AccessLifted, AccessRestricted
from contracts.vocabulary import Role

_ANSWERABLE = frozenset({Role.RESPONSIBLE_AUTHORITY, Role.OWNING_FORCE})


def decided(
    data: AccessRestricted | AccessLifted, episode: Episode | None, placement: Placement | None, arrival: Arrival
) -> Advance:
    """Bar an agency, or let it in again. A bar is on the child: with a record it holds in every linked episode.

    Refused 422: the publisher itself, and whoever answers for the child as responsible authority or owning force.
    """
    record = placement if episode is None or (placement is not None and placement.handle == episode.child) else None
    if isinstance(data, AccessRestricted):
        parts = () if record is None else record.parts(arrival.directory)
        _check(data, (*parts, *current(() if episode is None else episode.involvements)), arrival)
    if record is not None:
        record = replace(record, barred=_after(data, record.barred))
    if episode is not None:
        episode = under_bars(replace(episode, barred=_after(data, episode.barred)), record)
    return Advance(episode=episode, placement=record)


def under_bars(episode: Episode, placement: Placement | None) -> Episode:
    """Return the episode with the bars that its placement record now has; unchanged if it is linked to none.

    No bar reaches the force that owns the episode: while the child is missing somebody must hear and search.
    """
    if placement is None or placement.handle != episode.child:
        return episode
    return replace(episode, barred=placement.barred - {episode.owner})


def _check(data: AccessRestricted, involvements: Involvements, arrival: Arrival) -> None:
    if data.agency == arrival.publisher.id:
        raise invalid("an agency does not bar itself: end its part with concordat.involvement.ended.v1", "/data/agency")
    if any(one.agency == data.agency and one.confirmed and one.role in _ANSWERABLE for one in involvements):
        raise invalid(
            "the responsible authority and the owning force answer for the child and cannot be barred: keep single "
            "events back with concordataudience, or have the part pass to another body first",
            "/data/agency",
        )


def _after(data: AccessRestricted | AccessLifted, barred: frozenset[str]) -> frozenset[str]:
    return barred | {data.agency} if isinstance(data, AccessRestricted) else barred - {data.agency}

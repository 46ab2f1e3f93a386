"""One night at an invented hub: its agencies, its clock, and what the core made of each event."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from broker.casework import Advance, Episode, Placement, Refused, advance, reach, recipients
from contracts.agency import Agency
from contracts.catalogue import contract_of
from contracts.parse import parse_data, parse_event
from contracts.vocabulary import AgencyKind

NORTHMERE, SOUTHFOLD = "northmere-police", "southfold-police"
EASTVALE, WESTMOOR = "eastvale-council", "westmoor-council"
HOME, HEALTH, CHARITY, STRANGER = "harbour-house", "northmere-health", "bright-path", "tall-trees"
NORTH_AREA, SOUTH_AREA = "E06000901", "E06000902"
NINE_PM = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)

AGENCIES = {
    agency.id: agency
    for agency in (
        Agency(NORTHMERE, "Northmere Police", AgencyKind.POLICE_FORCE, areas=frozenset({NORTH_AREA})),
        Agency(SOUTHFOLD, "Southfold Police", AgencyKind.POLICE_FORCE, areas=frozenset({SOUTH_AREA})),
        Agency(EASTVALE, "Eastvale Council", AgencyKind.LOCAL_AUTHORITY, areas=frozenset({NORTH_AREA})),
        Agency(WESTMOOR, "Westmoor Council", AgencyKind.LOCAL_AUTHORITY, areas=frozenset({SOUTH_AREA})),
        Agency(HOME, "Harbour House", AgencyKind.CHILDRENS_HOME, areas=frozenset({NORTH_AREA})),
        Agency(HEALTH, "Northmere Health", AgencyKind.HEALTH),
        Agency(CHARITY, "Bright Path", AgencyKind.CHARITY),
        Agency(STRANGER, "Tall Trees", AgencyKind.CHILDRENS_HOME),
    )
}


@dataclass
class Night:
    """The hub's state by hand: what a flow would load, pass in, and store again."""

    agencies: dict[str, Agency] = field(default_factory=lambda: dict(AGENCIES))
    forces: dict[str, str] = field(default_factory=lambda: {NORTH_AREA: NORTHMERE, SOUTH_AREA: SOUTHFOLD})
    now: datetime = NINE_PM
    episodes: dict[str, Episode] = field(default_factory=dict)
    placements: dict[str, Placement] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def agency(self, agency_id: str) -> Agency | None:
        return self.agencies.get(agency_id)

    def force_for(self, area: str) -> str | None:
        return self.forces.get(area)

    def new_id(self) -> str:
        return f"01JD6QK3Z8{next(self.numbers):016d}"

    def later(self, **span: float) -> "Night":
        self.now += timedelta(**span)
        return self

    def say(self, agency: str, type_: str, data: dict[str, Any], subject: str | None, **more: Any) -> Advance:
        """Publish one event as an agency, and keep what comes of it."""
        document = {
            "specversion": "1.0",
            "id": self.new_id(),
            "source": f"/agencies/{agency}",
            "type": f"concordat.{type_}.v1",
            "data": data,
            **({} if subject is None else {"subject": subject}),
            **more,
        }
        kind, _, id_ = (subject or "").partition("/")
        episode = self.episodes.get(id_) if kind == "episode" else None
        handle = id_ if kind == "child" else data.get("child", {}).get("handle") or (episode and episode.child)
        step = advance(
            parse_event(document),
            self.agencies[agency],
            episode,
            self.placements.get(handle or ""),
            self,
            self.now,
            self.new_id,
        )
        self.keep(step)
        return step

    def tick(self, episode_id: str) -> tuple[Advance, ...]:
        """Let the clock come to every deadline of the episode."""
        steps = []
        for deadline in self.episodes[episode_id].deadlines:
            steps.append(reach(deadline, self.episodes[episode_id], self.now))
            self.keep(steps[-1])
        return tuple(steps)

    def keep(self, step: Advance) -> None:
        if step.episode is not None:
            self.episodes[step.episode.id] = step.episode
        if step.placement is not None:
            self.placements[step.placement.handle] = step.placement
        for one in step.derived:
            parse_data(contract_of(one.type), one.data)

    def refused(self, agency: str, type_: str, data: dict[str, Any], subject: str | None, **more: Any) -> Refused:
        """Publish what must be refused, and see that nothing has changed and no submitted name is said back."""
        before = dict(self.episodes), dict(self.placements)
        with pytest.raises(Refused) as caught:
            self.say(agency, type_, data, subject, **more)
        assert (self.episodes, self.placements) == before
        assert not [known for known in self.agencies if known in str(caught.value) + str(caught.value.pointer)]
        return caught.value

    def place(self, *involved: tuple[str, str], by: str = EASTVALE, area: str | None = NORTH_AREA, **more: Any) -> str:
        """Have the responsible authority record a placement; return the child's handle."""
        placement = {"began_at": "2026-09-01T00:00:00Z", **({"area": area} if area else {})}
        data = {
            "child": {"local_reference": "invented-7"},
            "placement": placement,
            "involved": [{"agency": agency, "role": role} for agency, role in involved],
            **more,
        }
        step = self.say(by, "placement.notified", data, None)
        assert step.placement is not None
        return step.placement.handle

    def open(self, by: str = HOME, handle: str | None = None, **data: Any) -> str:
        """Have an agency open an episode; return its id."""
        episode = self.new_id()
        self.say(by, "episode.opened", {"child": {"handle": handle} if handle else {}, **data}, f"episode/{episode}")
        return episode

    def placed(self) -> str:
        """Open an episode of a placed child: Eastvale is responsible, Harbour House cares, Northmere Police owns."""
        return self.open(handle=self.place((HOME, "care_provider"), (HEALTH, "health")))

    def told(self, episode: str) -> dict[str, tuple[set[str], bool, set[str]]]:
        """Return roles, confirmed and standing by agency."""
        return {
            one.agency_id: (set(one.roles), one.confirmed, set(one.standing))
            for one in recipients(self.episodes[episode], self)
        }

    def confirmed(self, episode: str) -> set[str]:
        return {agency for agency, (_, confirmed, _) in self.told(episode).items() if confirmed}

    def located(self, episode: str) -> Advance:
        return self.say(HOME, "child.located", {"located_at": "2026-11-22T23:00:00Z"}, f"episode/{episode}")

    def well(self, episode: str) -> Advance:
        return self.say(HOME, "wellbeing.confirmed", {"confirmed_at": "2026-11-22T23:10:00Z"}, f"episode/{episode}")

    def returned(self, episode: str, at: str = "2026-11-23T00:00:00Z", by: str = HOME) -> Advance:
        return self.say(by, "child.returned", {"returned_at": at, "setting": "placement"}, f"episode/{episode}")

    def close(self, episode: str, reason: str = "located_and_well", by: str = NORTHMERE) -> Advance:
        data = {"closed_at": "2026-11-23T01:00:00Z", "reason": reason}
        return self.say(by, "episode.closed", data, f"episode/{episode}")

    def offer(self, episode: str, to: str = SOUTHFOLD, by: str = NORTHMERE, **data: Any) -> Advance:
        return self.say(by, "handover.offered", {"to": to, **data}, f"episode/{episode}")


@pytest.fixture
def night() -> Night:
    return Night()


@pytest.fixture
def new_night() -> Callable[[], Night]:
    return Night

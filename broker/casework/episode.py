"""One episode of one child: who is involved, how it stands, what is due. No personal data: ids, codes and times."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from broker.casework.approaches import Approaches
from broker.casework.deadline import Deadline
from broker.casework.handover import Handover
from broker.casework.involvement import Involvement
from broker.casework.moment import read, written
from contracts.vocabulary import ClosingReason, EpisodeStatus, Jurisdiction, RiskLevel


@dataclass(frozen=True)
class Episode:
    """How an episode stands after the events accepted so far."""

    id: str
    opened_by: str
    """The agency that published the opening."""
    opened_at: datetime
    """When the hub accepted the opening."""
    jurisdiction: Jurisdiction
    child: str | None = None
    """Handle of the placement record that it is linked to."""
    status: EpisodeStatus = EpisodeStatus.OPEN
    risk: RiskLevel | None = None
    intervention_level: int | None = None
    last_seen_at: datetime | None = None
    flagged: bool = False
    """Whether the child's or carer's whereabouts are protected. Once set it stays."""
    located_at: datetime | None = None
    """The earliest time that the child is reported found."""
    wellbeing_confirmed_at: datetime | None = None
    returned_at: datetime | None = None
    """When the child came back, as last reported."""
    closed_at: datetime | None = None
    closing_reason: ClosingReason | None = None
    died: bool = False
    """Whether it is certain that the child has died."""
    approaches: Approaches = field(default_factory=Approaches)
    """What has been tried to hold the return home interview."""
    rhi_completed_at: datetime | None = None
    """When the latest return home interview was held."""
    owner: str | None = None
    """The one owning force."""
    handover: Handover | None = None
    """The latest handover, at whatever stage."""
    involvements: tuple[Involvement, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    barred: frozenset[str] = frozenset()
    """Agencies that may not be told: those of the placement record, where the episode is linked to one."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "id": self.id,
            "opened_by": self.opened_by,
            "opened_at": written(self.opened_at),
            "jurisdiction": self.jurisdiction.value,
            "child": self.child,
            "status": self.status.value,
            "risk": None if self.risk is None else self.risk.value,
            "intervention_level": self.intervention_level,
            "last_seen_at": written(self.last_seen_at),
            "flagged": self.flagged,
            "located_at": written(self.located_at),
            "wellbeing_confirmed_at": written(self.wellbeing_confirmed_at),
            "returned_at": written(self.returned_at),
            "closed_at": written(self.closed_at),
            "closing_reason": None if self.closing_reason is None else self.closing_reason.value,
            "died": self.died,
            "approaches": self.approaches.to_json(),
            "rhi_completed_at": written(self.rhi_completed_at),
            "owner": self.owner,
            "handover": None if self.handover is None else self.handover.to_json(),
            "involvements": [one.to_json() for one in self.involvements],
            "deadlines": [one.to_json() for one in self.deadlines],
            "barred": sorted(self.barred),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Episode":
        """Read what `to_json` wrote; a member that rows of an earlier release lack has its default."""
        risk, reason, handover = stored["risk"], stored["closing_reason"], stored["handover"]
        return cls(
            id=stored["id"],
            opened_by=stored["opened_by"],
            opened_at=read(stored["opened_at"]),
            jurisdiction=Jurisdiction(stored["jurisdiction"]),
            child=stored["child"],
            status=EpisodeStatus(stored["status"]),
            risk=None if risk is None else RiskLevel(risk),
            intervention_level=stored["intervention_level"],
            last_seen_at=read(stored["last_seen_at"]),
            flagged=stored["flagged"],
            located_at=read(stored["located_at"]),
            wellbeing_confirmed_at=read(stored["wellbeing_confirmed_at"]),
            returned_at=read(stored["returned_at"]),
            closed_at=read(stored["closed_at"]),
            closing_reason=None if reason is None else ClosingReason(reason),
            died=stored.get("died", False),
            approaches=Approaches.from_json(stored.get("approaches", {})),
            rhi_completed_at=read(stored["rhi_completed_at"]),
            owner=stored["owner"],
            handover=None if handover is None else Handover.from_json(handover),
            involvements=tuple(Involvement.from_json(one) for one in stored["involvements"]),
            deadlines=tuple(Deadline.from_json(one) for one in stored["deadlines"]),
            barred=frozenset(stored.get("barred", ())),
        )

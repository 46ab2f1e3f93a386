"""The few facts of an episode that a clause's `when` may read. Nothing else may sway a decision."""

from dataclasses import dataclass
from datetime import datetime

from contracts.vocabulary import EpisodeStatus, HandoverStage, Jurisdiction, RiskLevel, Standing


@dataclass(frozen=True)
class Facts:
    """Facts as they stand after the event has advanced its episode; None where they are not known."""

    now: datetime
    episode: EpisodeStatus | None = None
    risk: RiskLevel | None = None
    intervention_level: int | None = None
    jurisdiction: Jurisdiction = Jurisdiction.ENGLAND
    last_seen_at: datetime | None = None
    handover: HandoverStage | None = None
    recipient_is: frozenset[Standing] = frozenset()
    """How the recipient of this decision stands to the episode."""

    def hours_since_last_seen(self) -> float | None:
        """Hours between the last sighting and now, or None if no sighting is known."""
        return None if self.last_seen_at is None else (self.now - self.last_seen_at).total_seconds() / 3600

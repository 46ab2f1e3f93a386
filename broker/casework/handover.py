"""A handover between two forces as a value; `offer.py` moves it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.casework.moment import read, written
from contracts.vocabulary import HandoverStage


@dataclass(frozen=True)
class Handover:
    """The offering force owns until the other accepts (DOMAIN.md section 5)."""

    by: str
    """The offering force."""
    to: str
    """The force that is asked."""
    stage: HandoverStage
    offered_at: datetime
    expires_at: datetime | None = None
    settled_at: datetime | None = None
    """When it was accepted, declined or lapsed."""

    def is_open(self) -> bool:
        """Say whether it waits for an answer."""
        return self.stage is HandoverStage.OFFERED

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "by": self.by,
            "to": self.to,
            "stage": self.stage.value,
            "offered_at": written(self.offered_at),
            "expires_at": written(self.expires_at),
            "settled_at": written(self.settled_at),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Handover":
        """Read what `to_json` wrote."""
        return cls(
            by=stored["by"],
            to=stored["to"],
            stage=HandoverStage(stored["stage"]),
            offered_at=read(stored["offered_at"]),
            expires_at=read(stored["expires_at"]),
            settled_at=read(stored["settled_at"]),
        )

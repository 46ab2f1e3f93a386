"""What has been tried to hold the return home interview. Nothing of it stops the clock: only an interview does."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from broker.casework.moment import read, written


@dataclass(frozen=True)
class Approaches:
    """Offers, answers and attempts of one episode, counted."""

    offers: int = 0
    declines: int = 0
    attempts: int = 0
    offered_at: datetime | None = None
    """When it was last offered."""
    accepted_at: datetime | None = None
    """When the child last said yes."""
    offer_again_at: datetime | None = None
    """When it is to be offered again, as last recorded."""

    def offered(self, at: datetime) -> "Approaches":
        """Count an offer; what was planned for the next one is done with."""
        return replace(self, offers=self.offers + 1, offered_at=_latest(self.offered_at, at), offer_again_at=None)

    def accepted(self, at: datetime) -> "Approaches":
        """Note that the child said yes."""
        return replace(self, accepted_at=_latest(self.accepted_at, at))

    def declined(self, offer_again_at: datetime | None) -> "Approaches":
        """Count a no. It closes nothing: the next offer may be made at any time."""
        return replace(self, declines=self.declines + 1, offer_again_at=offer_again_at)

    def attempted(self) -> "Approaches":
        """Count an attempt that did not become an interview."""
        return replace(self, attempts=self.attempts + 1)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "offers": self.offers,
            "declines": self.declines,
            "attempts": self.attempts,
            "offered_at": written(self.offered_at),
            "accepted_at": written(self.accepted_at),
            "offer_again_at": written(self.offer_again_at),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Approaches":
        """Read what `to_json` wrote; what is not there has not been tried."""
        return cls(
            offers=stored.get("offers", 0),
            declines=stored.get("declines", 0),
            attempts=stored.get("attempts", 0),
            offered_at=read(stored.get("offered_at")),
            accepted_at=read(stored.get("accepted_at")),
            offer_again_at=read(stored.get("offer_again_at")),
        )


def _latest(known: datetime | None, told: datetime) -> datetime:
    return told if known is None else max(known, told)

"""A redaction: exactly what one recipient gets of one event's data, and what became of each of its fields."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from broker.sharing.ruling import Ruling
from contracts.disclosure import FieldOutcome, Outcome


@dataclass(frozen=True, slots=True)
class Redaction:
    """Released data, empty if nothing is released, and the ruling on every leaf value that the event had."""

    data: dict[str, Any]
    rulings: tuple[Ruling, ...]

    @property
    def outcomes(self) -> tuple[FieldOutcome, ...]:
        """One outcome per leaf value of the event, in the event's order: a list gives one for each item that has it."""
        return tuple(ruling.outcome for ruling in self.rulings)

    def counts(self) -> dict[Outcome, int]:
        """Return the number of the event's leaf values by outcome."""
        counted = Counter(ruling.outcome.outcome for ruling in self.rulings)
        return {outcome: counted[outcome] for outcome in Outcome}

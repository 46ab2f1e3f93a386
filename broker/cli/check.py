"""One thing that a doctor looks at, and what it comes to."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What a check comes to."""

    WELL = "ok"
    LOOK = "look"
    """Not wrong, but somebody should know."""
    WRONG = "WRONG"


@dataclass(frozen=True)
class Check:
    """One thing looked at. Neither text holds personal data."""

    name: str
    verdict: Verdict
    found: str
    do: str | None = None


def well(name: str, found: str) -> Check:
    """Say that nothing is to be done."""
    return Check(name, Verdict.WELL, found)


def look(name: str, found: str, do: str) -> Check:
    """Say what somebody should know."""
    return Check(name, Verdict.LOOK, found, do)


def wrong(name: str, found: str, do: str) -> Check:
    """Say what is to be put right."""
    return Check(name, Verdict.WRONG, found, do)

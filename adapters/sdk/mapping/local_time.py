"""Local times to moments. What the clocks' changes make doubtful is never settled silently."""

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo


class NoSuchTime(ValueError):
    """The clocks skip this local time."""


class TwiceThatDay(ValueError):
    """The clocks show this local time twice, and nothing says which one is meant."""


def moment_of(local: datetime, zone: ZoneInfo, which: Literal["refuse", "earlier", "later"]) -> tuple[datetime, bool]:
    """Return a local time (without zone) as a moment in UTC, and whether `which` had to settle it.

    Raises NoSuchTime, and TwiceThatDay where `which` is to refuse.
    """
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC), False
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise NoSuchTime
    if which == "refuse":
        raise TwiceThatDay
    return (first if which == "earlier" else second).astimezone(UTC), True

"""How long to wait before the next attempt: a decision, never a sleep."""

from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom

_GROWTH = 2.0
_EXPONENT_LIMIT = 32
_random = SystemRandom()


@dataclass(frozen=True)
class Backoff:
    """Exponential waits with full jitter, in seconds."""

    attempts: int | None = 4
    """How many attempts in all; None for no end."""
    first: float = 0.25
    longest: float = 30.0
    jitter: Callable[[], float] = _random.random
    """Gives a number from 0 to 1 by which each wait of our own choosing is scaled."""

    def wait(self, attempt: int, retry_after: float | None = None) -> float | None:
        """Return the seconds to wait after failed attempt 1, 2, …, or None to give up.

        What the hub asks for in `Retry-After` is a floor: asking earlier would be refused again.
        """
        if self.attempts is not None and attempt >= self.attempts:
            return None
        own = min(self.longest, self.first * _GROWTH ** min(attempt - 1, _EXPONENT_LIMIT)) * self.jitter()
        return max(own, retry_after or 0.0)

"""Which client assertions have been used (RFC 7523 section 3, `jti`)."""

import heapq
import threading
from typing import Protocol

MAX_REMEMBERED = 100_000


class TooManyAssertions(Exception):
    """More assertions stand unexpired than can be remembered; none may be taken until some have expired."""


class Replays(Protocol):
    """A memory of single uses. Replicas that serve one token endpoint must share one."""

    def is_first(self, agency: str, assertion_id: str, expires: float, now: float) -> bool:
        """Remember an assertion until it expires; say whether it had not been used before. Times in Unix seconds.

        Raises TooManyAssertions.
        """
        ...


class MemoryReplays:
    """The memory of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: set[tuple[str, str]] = set()
        self._by_expiry: list[tuple[float, str, str]] = []

    def is_first(self, agency: str, assertion_id: str, expires: float, now: float) -> bool:
        with self._lock:
            while self._by_expiry and self._by_expiry[0][0] < now:
                _, *used = heapq.heappop(self._by_expiry)
                self._used.discard((used[0], used[1]))
            if (agency, assertion_id) in self._used:
                return False
            if len(self._used) >= MAX_REMEMBERED:
                raise TooManyAssertions
            self._used.add((agency, assertion_id))
            heapq.heappush(self._by_expiry, (expires, agency, assertion_id))
            return True

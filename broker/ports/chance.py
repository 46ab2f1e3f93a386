"""Random octets and ids, as often as an entry for every recipient needs them."""

import os
import threading
import time
from functools import lru_cache

_PAGE_BYTES = 4096
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = _CROCKFORD.encode() * 8
"""A letter for each octet, each for eight of them: of a random octet, a random letter."""
_TIME_SHIFTS = tuple(range(45, -1, -5))
_RANDOM_LETTERS = 16


class Octets(threading.local):
    """The operating system's random octets, drawn a page at a time: asking it for each few costs more than they do.

    Each thread has a page of its own, and no octet is given out twice.
    """

    def __init__(self) -> None:
        self._page = b""
        self._at = 0

    def __call__(self, count: int) -> bytes:
        """Return that many octets, fit for keys."""
        end = self._at + count
        if end > len(self._page):
            self._page = os.urandom(max(count, _PAGE_BYTES))
            self._at, end = 0, count
        start, self._at = self._at, end
        return self._page[start:end]


random_bytes = Octets()


def new_id() -> str:
    """Mint a ULID: 48 bits of milliseconds since 1970 and 80 random bits, as 26 characters of Crockford's base 32."""
    return _moment(time.time_ns() // 1_000_000) + random_bytes(_RANDOM_LETTERS).translate(_LETTERS).decode()


@lru_cache(1)
def _moment(milliseconds: int) -> str:
    return "".join([_CROCKFORD[milliseconds >> shift & 31] for shift in _TIME_SHIFTS])

"""What has just been committed to the mailboxes, for the relay of the same process: it need not be read back.

A shortcut and nothing more. The database has every message; whatever does not come this way is read from there.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from broker.ports.relay import Letter

MOST = 5000
"""Messages held for a relay that is slower than the writer; beyond that it reads from the database."""


class FreshMail:
    """Messages of the last commits, in order of their commit. Filled by the writer's thread, emptied by the relay."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._letters: list[Letter] = []
        self._listeners = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Have messages kept for as long as the block runs; what is left at its end is dropped."""
        with self._lock:
            self._listeners += 1
        try:
            yield
        finally:
            with self._lock:
                self._listeners -= 1
                self._letters = []

    def put(self, letters: Sequence[Letter]) -> None:
        """Add what has been committed. Where nobody listens, or the relay has fallen behind, nothing is kept."""
        with self._lock:
            if not self._listeners:
                return
            if len(self._letters) + len(letters) > MOST:
                self._letters = []
                return
            self._letters.extend(letters)

    def is_waiting(self) -> bool:
        """Say whether something is there."""
        return bool(self._letters)

    def take(self) -> list[Letter]:
        """Return what is there and keep it no longer."""
        with self._lock:
            letters, self._letters = self._letters, []
        return letters

"""Feeds that are open in this replica: counted, and ended together when the server stops."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class TooManyStreams(Exception):
    """As many feeds are open as this replica takes."""


class Streams:
    """Belongs to one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: set[asyncio.Event] = set()
        self._closed = False

    @property
    def count(self) -> int:
        """Feeds open now."""
        return len(self._open)

    @contextmanager
    def opened(self) -> Iterator[asyncio.Event]:
        """Count one feed; the event is set when it must end. Raises TooManyStreams, also once closed."""
        if self._closed or len(self._open) >= self._most:
            raise TooManyStreams
        ending = asyncio.Event()
        self._open.add(ending)
        try:
            yield ending
        finally:
            self._open.discard(ending)

    def close(self) -> None:
        """End every feed and open no more: a server waits for its connections before it stops."""
        self._closed = True
        for ending in self._open:
            ending.set()

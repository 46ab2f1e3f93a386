"""A connection that stays out of the pool between two uses: where one commit follows another, it is at hand.

Taking one out of the pool and giving it back cost a commit as much as one of its statements. And where it is always
the same one, PostgreSQL has planned already what it is asked.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine

from broker.store.engine import UNTRIED_SECONDS


class HeldConnection:
    """One connection at most, with the same options at each use; who finds it in use takes another from the pool."""

    def __init__(self, engine: Engine, **options: Any) -> None:
        self._engine = engine
        self._options = options
        self._lock = threading.Lock()
        self._idle: Connection | None = None
        self._idle_since = 0.0
        self._is_closed = False

    @contextmanager
    def use(self) -> Iterator[Connection]:
        """Use it for a block that ends its transaction itself. After an exception the pool sees to what is left."""
        connection = self._take()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._keep(connection)

    def close(self) -> None:
        """Give it back to the pool; one that is in use follows at its end."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, None
        if idle is not None:
            idle.close()

    def _take(self) -> Connection:
        with self._lock:
            idle, self._idle = self._idle, None
        if idle is not None:
            if time.monotonic() - self._idle_since < UNTRIED_SECONDS:
                return idle
            idle.close()  # its server may have gone: the pool tries it before it gives it out
        return self._engine.connect().execution_options(**self._options)

    def _keep(self, connection: Connection) -> None:
        with self._lock:
            if self._idle is None and not self._is_closed:
                self._idle, self._idle_since = connection, time.monotonic()
                return
        connection.close()

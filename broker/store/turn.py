"""One writer at a time: the threads of this process, and where a file is given, all processes that are given it."""

import fcntl
import os
import threading
import time

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from broker.store.engine import LOCK_SECONDS

_LOOK_SECONDS = 0.0003
"""Between two looks whether another process still writes. A lock of the system's that is waited for has no end."""


class Turn:
    """A lock that is waited for as long as a database lock, and that says so if a thread waits for itself."""

    def __init__(self, file: str | None = None) -> None:
        """`file` is made when it is first needed, and stays; whoever holds the turn and dies gives it up.

        Taking it raises WaitedTooLong, and SQLAlchemyError where the file cannot be used.
        """
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._file = file
        self._descriptor: int | None = None

    def __enter__(self) -> None:
        if self._holder == threading.get_ident():
            raise RuntimeError("this thread already has this database open: close one unit or view before the next")
        end = time.monotonic() + LOCK_SECONDS
        if not self._lock.acquire(timeout=LOCK_SECONDS):
            raise WaitedTooLong(f"another writer of this process kept the database for {LOCK_SECONDS} seconds")
        try:
            if self._file is not None:
                self._take(self._file, end)
        except BaseException:
            self._lock.release()
            raise
        self._holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._holder = None
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        self._lock.release()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _take(self, file: str, end: float) -> None:
        try:
            if self._descriptor is None:
                # Not the database itself: SQLite's own locks are on that, and closing any descriptor of it drops them.
                self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            while not _is_taken(self._descriptor):
                if time.monotonic() > end:
                    raise WaitedTooLong(f"another process kept the database for {LOCK_SECONDS} seconds")
                time.sleep(_LOOK_SECONDS)
        except OSError as error:
            raise SQLAlchemyError(
                f"the file beside the database that says whose turn it is cannot be used ({error.strerror}): is there "
                "room, and may the hub write there?"
            ) from None


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

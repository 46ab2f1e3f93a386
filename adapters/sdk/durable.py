"""A SQLite file that has written what it says it has written."""

import os
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

_BUSY_MILLISECONDS = 10_000


class DurableFile:
    """A file with a schema of its own, closed at the end of a `with` block."""

    schema: ClassVar[str]

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file, or begin one."""
        return cls(_opened(path, cls.schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _opened(path: Path, schema: str) -> sqlite3.Connection:
    """Open or create a file that only this user can read.

    synchronous=FULL: a commit returns after the bytes are on the disk. secure_delete: what is removed is overwritten,
    because it was personal data.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made before SQLite opens it, since SQLite would give it the umask's permissions.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    database = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_MILLISECONDS / 1000)
    try:
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA secure_delete = ON")
        database.executescript(schema)
    except sqlite3.Error:
        database.close()
        raise
    return database

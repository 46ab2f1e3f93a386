"""A SQLite file that has written what it says it has written."""

import os
import sqlite3
from pathlib import Path

_BUSY_MILLISECONDS = 10_000


def open_durable(path: Path, schema: str) -> sqlite3.Connection:
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

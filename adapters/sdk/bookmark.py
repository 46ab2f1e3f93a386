"""How far an agency has read its mailbox, kept across restarts."""

from adapters.sdk.durable import DurableFile
from adapters.sdk.position import Position

REMEMBERED = 10_000
"""Ids of handled messages that are kept to recognise one that comes again, as after a restore of the hub."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS place (only INTEGER PRIMARY KEY CHECK (only = 1), position TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS handled (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE);
"""
_MOVE = "INSERT INTO place VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET position = excluded.position"


class Bookmark(DurableFile):
    """A small SQLite file: the position read up to, and the ids of the messages handled last."""

    schema = _SCHEMA

    def position(self) -> Position | None:
        """Return the position read up to, or None at the very beginning."""
        row = self._database.execute("SELECT position FROM place").fetchone()
        return None if row is None else Position.parse(row[0])

    def has_handled(self, message_id: str) -> bool:
        """Say whether a message with this id has been handled."""
        return self._database.execute("SELECT 1 FROM handled WHERE id = ?", (message_id,)).fetchone() is not None

    def handled(self, message_id: str, position: Position | None) -> None:
        """Record that the application is done with a message; durable on return."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            self._database.execute("INSERT OR IGNORE INTO handled (id) VALUES (?)", (message_id,))
            self._database.execute(
                "DELETE FROM handled WHERE number <= (SELECT max(number) FROM handled) - ?", (REMEMBERED,)
            )
            if position is not None:
                self._database.execute(_MOVE, (str(position),))
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def examined(self, position: Position) -> None:
        """Record a heartbeat: nothing for this reader up to here. Durable on return; a step back is not taken."""
        known = self.position()
        if known is None or position > known:
            self._database.execute(_MOVE, (str(position),))

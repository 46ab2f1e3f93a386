"""An agency's own case list: what it was told, and how its own references map to the hub's ids."""

import json
from dataclasses import dataclass
from typing import Any

from adapters.sdk import Message
from adapters.sdk.durable import DurableFile

PLACEMENT = "concordat.placement.notified.v1"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS received (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, type TEXT NOT NULL, subject TEXT, sequence TEXT, event TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS link (kind TEXT, local TEXT, remote TEXT NOT NULL, PRIMARY KEY (kind, local));
"""


@dataclass(frozen=True)
class Case:
    """One episode or child, as far as this agency was told."""

    subject: str
    types: tuple[str, ...]
    """Event types received, oldest first."""


class CaseList(DurableFile):
    """A SQLite file in the agency's state directory."""

    schema = _SCHEMA

    def receive(self, message: Message, at: str) -> None:
        """Keep a message; a tombstone removes what stood under its number."""
        sequence = None if message.position is None else str(message.position)
        if message.is_erased:
            self._database.execute("DELETE FROM received WHERE sequence = ?", (sequence,))
        self._database.execute(
            "INSERT OR IGNORE INTO received VALUES (?, ?, ?, ?, ?, ?)",
            (message.id, at, message.type, message.subject, sequence, json.dumps(message.event)),
        )

    def cases(self) -> tuple[Case, ...]:
        """Return every episode and child that this agency was told of."""
        rows = self._database.execute(
            "SELECT subject, type FROM received WHERE subject IS NOT NULL ORDER BY subject, at, rowid"
        )
        types: dict[str, tuple[str, ...]] = {}
        for subject, event_type in rows:
            types[subject] = (*types.get(subject, ()), event_type)
        return tuple(Case(subject, received) for subject, received in types.items())

    def latest(self, subject: str, event_type: str) -> dict[str, Any] | None:
        """Return the `data` of the last event of a type that was received about a subject."""
        row = self._database.execute(
            "SELECT event FROM received WHERE subject = ? AND type = ? ORDER BY rowid DESC LIMIT 1",
            (subject, event_type),
        ).fetchone()
        return None if row is None else json.loads(row[0]).get("data", {})

    def handle_of_placed(self, authority_reference: str) -> str | None:
        """Return the hub's handle of the child that the placing authority knows by this reference.

        Name and birth date never match two records: they only suggest, and to a person.
        """
        rows = self._database.execute(
            "SELECT subject, event FROM received WHERE type = ? ORDER BY rowid DESC", (PLACEMENT,)
        )
        for subject, text in rows:
            child = json.loads(text).get("data", {}).get("child", {})
            if subject and child.get("local_reference") == authority_reference:
                return str(subject).removeprefix("child/")
        return None

    def link(self, kind: str, local: str, remote: str) -> None:
        """Remember the hub's id for one of our own references."""
        self._database.execute("INSERT OR REPLACE INTO link VALUES (?, ?, ?)", (kind, local, remote))

    def linked(self, kind: str, local: str) -> str | None:
        """Return the hub's id for one of our own references."""
        row = self._database.execute("SELECT remote FROM link WHERE kind = ? AND local = ?", (kind, local)).fetchone()
        return None if row is None else str(row[0])

"""Events on their way to the hub, kept until their receipt or refusal is on the disk."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.sdk.durable import DurableFile
from contracts.disclosure import Receipt

_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  id        TEXT NOT NULL UNIQUE,
  lane      TEXT NOT NULL,
  reference TEXT,
  event     TEXT,  -- removed once the answer is here: the agency's own records hold it
  receipt   TEXT,
  refusal   TEXT
);
CREATE INDEX IF NOT EXISTS waiting ON outbox (lane, number) WHERE receipt IS NULL AND refusal IS NULL;
"""
_IS_WAITING = "receipt IS NULL AND refusal IS NULL"


@dataclass(frozen=True)
class Waiting:
    """An event that has no answer yet."""

    id: str
    lane: str
    """What keeps its order: the events of one subject leave one after another."""
    event: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """What became of an event: exactly one of receipt and refusal."""

    id: str
    reference: str | None
    receipt: Receipt | None = None
    refusal: dict[str, Any] | None = None
    """A `Problem.plain()`."""


class IdTaken(ValueError):
    """The outbox holds a different event under this id: compose a new one."""


class Outbox(DurableFile):
    """A SQLite file. For one process and one event loop; `Sender` is what empties it."""

    schema = _SCHEMA

    def __init__(self, database: sqlite3.Connection) -> None:
        super().__init__(database)
        self._awaited: dict[str, list[asyncio.Future[Outcome]]] = {}
        self._on_put: Callable[[], None] | None = None

    def put(self, event: Mapping[str, Any], reference: str | None = None) -> str:
        """Keep an event until the hub has answered; it is on the disk when this returns. Returns the event's id.

        `reference` is the caller's own, given back with the outcome. Putting the same event again changes nothing;
        raises IdTaken for a different one that is still waiting under the id.
        """
        text = json.dumps(event, ensure_ascii=False, sort_keys=True)
        event_id = str(event["id"])
        lane = str(event.get("subject") or event_id)
        row = self._database.execute("SELECT event FROM outbox WHERE id = ?", (event_id,)).fetchone()
        if row is not None and row[0] not in (None, text):
            raise IdTaken("the outbox holds a different event under this id: compose a new one")
        self._database.execute(
            "INSERT OR IGNORE INTO outbox (id, lane, reference, event) VALUES (?, ?, ?, ?)",
            (event_id, lane, reference, text),
        )
        if self._on_put is not None:
            self._on_put()
        return event_id

    def outcome(self, event_id: str) -> Outcome | None:
        """Return what became of an event, or None while it waits. Raises KeyError for an id never put here."""
        row = self._database.execute(
            "SELECT id, reference, receipt, refusal FROM outbox WHERE id = ?", (event_id,)
        ).fetchone()
        if row is None:
            raise KeyError("no event of this id was put into this outbox")
        receipt, refusal = row[2], row[3]
        if receipt is None and refusal is None:
            return None
        return Outcome(
            id=row[0],
            reference=row[1],
            receipt=None if receipt is None else Receipt.model_validate_json(receipt),
            refusal=None if refusal is None else json.loads(refusal),
        )

    async def outcome_of(self, event_id: str) -> Outcome:
        """Wait until an event has a receipt or a refusal."""
        done = self.outcome(event_id)
        if done is not None:
            return done
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._awaited.setdefault(event_id, []).append(future)
        return await future

    def waiting(self) -> tuple[Waiting, ...]:
        """Return every event that has no answer yet, in the order they were put."""
        rows = self._database.execute(
            f"SELECT id, lane, event FROM outbox WHERE {_IS_WAITING} ORDER BY number"  # noqa: S608 (our own constant)
        )
        return tuple(Waiting(row[0], row[1], json.loads(row[2])) for row in rows)

    def lanes(self) -> tuple[str, ...]:
        """Return the lanes in which something waits."""
        rows = self._database.execute(f"SELECT DISTINCT lane FROM outbox WHERE {_IS_WAITING}")  # noqa: S608 (as above)
        return tuple(row[0] for row in rows)

    def first_in(self, lane: str) -> Waiting | None:
        """Return the event that leaves next in a lane."""
        row = self._database.execute(
            f"SELECT id, lane, event FROM outbox WHERE lane = ? AND {_IS_WAITING} ORDER BY number LIMIT 1",  # noqa: S608
            (lane,),
        ).fetchone()
        return None if row is None else Waiting(row[0], row[1], json.loads(row[2]))

    def accepted(self, event_id: str, receipt: Receipt) -> None:
        """Record the receipt; durable on return."""
        self._answer(event_id, "receipt", receipt.model_dump_json(exclude_none=True))

    def refused(self, event_id: str, problem: Mapping[str, Any]) -> None:
        """Record the refusal; durable on return. What waits behind it in its lane goes on."""
        self._answer(event_id, "refusal", json.dumps(problem))

    def on_put(self, notice: Callable[[], None]) -> None:
        """Call `notice` after every put: the sender's wake-up."""
        self._on_put = notice

    def _answer(self, event_id: str, column: str, text: str) -> None:
        self._database.execute(
            f"UPDATE outbox SET {column} = ?, event = NULL WHERE id = ? AND {_IS_WAITING}",  # noqa: S608 (as above)
            (text, event_id),
        )
        done = self.outcome(event_id)
        for future in self._awaited.pop(event_id, []):
            if done is not None and not future.done():
                future.set_result(done)

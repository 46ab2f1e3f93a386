"""Casework at rest: episodes with their deadlines, placement records, handles, who knows of whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

import orjson
from sqlalchemy import bindparam, delete, select

from broker.casework.deadline import DeadlineState
from broker.casework.episode import Episode
from broker.casework.placement import Placement
from broker.ports.records import DueDeadline, Scope
from broker.store import tables
from broker.store.session import Session, chunks

HUB = "hub"
"""Controller in the scope that seals state: the hub's own reckoning, erased apart from what any agency published."""
_KEPT = 512
"""States of episodes that are kept as they were read."""
_EPISODE = "episode.state"
_PLACEMENT = "placement.state"
# Kept: they are asked for every event that comes in.
_STATE = select(tables.episodes.c.state).where(tables.episodes.c.id == bindparam("id"))
_PSEUDONYM = select(tables.pseudonyms.c.pseudonym).where(tables.pseudonyms.c.subject == bindparam("subject"))
_KNOWN = select(tables.knowledge.c.agency).where(
    tables.knowledge.c.reader == bindparam("reader"), tables.knowledge.c.subject == bindparam("subject")
)
_names, _knowledge = tables.pseudonyms, tables.knowledge
_PLACEMENT_STATE = select(tables.placements.c.state).where(tables.placements.c.handle == bindparam("handle"))
_HANDLE = select(tables.handles.c.handle).where(
    tables.handles.c.agency == bindparam("agency"), tables.handles.c.reference == bindparam("reference")
)
_HANDLES = (
    select(tables.identifiers.c.handle)
    .where(tables.identifiers.c.identifier == bindparam("identifier"))
    .order_by(tables.identifiers.c.handle)
)
_DUE = (
    select(tables.deadlines)
    .where(tables.deadlines.c.due_at <= bindparam("now"))
    .order_by(tables.deadlines.c.due_at, tables.deadlines.c.episode, tables.deadlines.c.id)
    .limit(bindparam("most"))
)
_STOP_CLOCKS = delete(tables.deadlines).where(tables.deadlines.c.episode == bindparam("of_episode"))


class CasesReading(Session):
    """Reads casework."""

    def episode(self, episode_id: str) -> Episode | None:
        """Return how an episode stands; None if it is not known or has been erased."""
        sealed = self._value(_STATE, id=episode_id)
        return self._episode(episode_id, sealed)

    def episodes_of(self, ids: Iterable[str]) -> dict[str, Episode]:
        """Return how several episodes stand; those that are not known or have been erased are left out."""
        query = select(tables.episodes)
        rows = [row for some in chunks(ids) for row in self._rows(query.where(tables.episodes.c.id.in_(some)))]
        found = {row.id: self._episode(row.id, row.state) for row in rows}
        return {one: episode for one, episode in found.items() if episode is not None}

    def _episode(self, episode_id: str, sealed: bytes | None) -> Episode | None:
        clear = self._seals.open(_episode_scope(episode_id), _EPISODE, (episode_id,), sealed)
        return None if clear is None else _read(clear)

    def placement(self, handle: str) -> Placement | None:
        """Return a placement record; None if there is none or it has been erased."""
        sealed = self._value(_PLACEMENT_STATE, handle=handle)
        clear = self._seals.open(_child_scope(handle), _PLACEMENT, (handle,), sealed)
        return None if clear is None else Placement.from_json(orjson.loads(clear))

    def pseudonym(self, subject: str) -> str | None:
        """Return the random name that details use for a subject."""
        pseudonym: str | None = self._value(_PSEUDONYM, subject=subject)
        return pseudonym

    def pseudonyms_of(self, subjects: Iterable[str]) -> dict[str, str]:
        """Return the random names of those subjects that have one."""
        query = select(tables.pseudonyms)
        rows = [row for some in chunks(subjects) for row in self._rows(query.where(_names.c.subject.in_(some)))]
        return {row.subject: row.pseudonym for row in rows}

    def handle(self, agency: str, reference: bytes) -> str | None:
        """Return the handle given for an agency's reference, by the reference's keyed MAC."""
        handle: str | None = self._value(_HANDLE, agency=agency, reference=reference)
        return handle

    def handles_with(self, identifier: bytes) -> tuple[str, ...]:
        """Return the handles of a child by the keyed MAC of an identifier."""
        return tuple(row.handle for row in self._all(_HANDLES, identifier=identifier))

    def knows(self, reader: str, subject: str) -> frozenset[str]:
        """Return the agencies that the reader named in this episode or was told of."""
        return frozenset(row.agency for row in self._all(_KNOWN, reader=reader, subject=subject))

    def knows_of(self, reader: str, subjects: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the agencies that the reader named or was told of, by subject; subjects without any are left out."""
        query = select(_knowledge).where(_knowledge.c.reader == reader)
        found: dict[str, set[str]] = {}
        for some in chunks(subjects):
            for row in self._rows(query.where(_knowledge.c.subject.in_(some))):
                found.setdefault(row.subject, set()).add(row.agency)
        return {subject: frozenset(agencies) for subject, agencies in found.items()}

    def due(self, now: datetime, limit: int) -> tuple[DueDeadline, ...]:
        """Return running deadlines whose time has come, the longest due first."""
        return tuple(DueDeadline(row.id, row.episode, row.due_at) for row in self._all(_DUE, now=now, most=limit))


class CasesWriting(CasesReading):
    """Keeps casework."""

    def put_episodes(self, episodes: Sequence[Episode]) -> None:
        """Keep how episodes stand now, and their running deadlines. Of two states of one episode the later counts."""
        current = {episode.id: episode for episode in episodes}
        self._seals.prepare(_episode_scope(one) for one in current)
        self._put(tables.episodes, [self._episode_row(episode) for episode in current.values()])
        self._do(_STOP_CLOCKS, [{"of_episode": one} for one in current])
        running = [
            {"episode": episode.id, "id": deadline.id, "due_at": deadline.due_at}
            for episode in current.values()
            for deadline in episode.deadlines
            if deadline.state is DeadlineState.RUNNING
        ]
        self._add(tables.deadlines, running)

    def _episode_row(self, episode: Episode) -> dict[str, object]:
        clear = orjson.dumps(episode.to_json())
        return {"id": episode.id, "state": self._seals.seal(_episode_scope(episode.id), _EPISODE, (episode.id,), clear)}

    def put_placements(self, placements: Sequence[Placement]) -> None:
        """Keep placement records in place of older ones. Of two under one handle the later counts."""
        current = {placement.handle: placement for placement in placements}
        self._seals.prepare(_child_scope(handle) for handle in current)
        self._put(tables.placements, [self._placement_row(placement) for placement in current.values()])

    def _placement_row(self, placement: Placement) -> dict[str, object]:
        handle = placement.handle
        clear = orjson.dumps(placement.to_json())
        return {"handle": handle, "state": self._seals.seal(_child_scope(handle), _PLACEMENT, (handle,), clear)}

    def add_pseudonyms(self, pseudonyms: dict[str, str]) -> None:
        """Keep subject → random name."""
        self._add(tables.pseudonyms, [{"subject": one, "pseudonym": name} for one, name in pseudonyms.items()])

    def add_handles(self, handles: Sequence[tuple[str, str, bytes]]) -> None:
        """Keep (handle, agency, keyed MAC of that agency's reference)."""
        rows = [{"handle": handle, "agency": agency, "reference": mac} for handle, agency, mac in handles]
        self._add(tables.handles, rows)

    def add_identifiers(self, identifiers: Sequence[tuple[str, bytes]]) -> None:
        """Keep (handle, keyed MAC of an identifier); a pair that is there is left alone."""
        rows = [{"handle": handle, "identifier": mac} for handle, mac in dict.fromkeys(identifiers)]
        self._add_missing(tables.identifiers, rows)

    def add_knowledge(self, known: Iterable[tuple[str, str, str]]) -> None:
        """Keep (reader, subject, agency); what is already known is left alone."""
        rows = [{"reader": one[0], "subject": one[1], "agency": one[2]} for one in dict.fromkeys(known)]
        self._add_missing(tables.knowledge, rows)


# Most of what is said of an episode leaves its state as it was. No personal data: ids, codes and times.
@lru_cache(_KEPT)
def _read(state: bytes) -> Episode:
    return Episode.from_json(orjson.loads(state))


def _episode_scope(episode_id: str) -> Scope:
    return Scope(f"episode/{episode_id}", HUB)


def _child_scope(handle: str) -> Scope:
    return Scope(f"child/{handle}", HUB)

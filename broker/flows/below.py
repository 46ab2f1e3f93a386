"""What of a draft's ground has been read."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

from broker.casework.episode import Episode
from broker.casework.placement import Placement
from broker.ports.ground import Ground
from broker.ports.records import EventRecord, Mailbox

EPISODE = "episode/"
"""What the subject of an event about an episode begins with."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Below:
    """What the ground says, asked for once: it does not change while something lies on it."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._events: dict[tuple[str, str], EventRecord | None] = {}
        self._episodes: dict[str, Episode | None] = {}
        self._placements: dict[str, Placement | None] = {}
        self._pseudonyms: dict[str, str | None] = {}
        self._knowledge: dict[tuple[str, str], frozenset[str]] = {}
        self._mailboxes: dict[str, Mailbox] = {}

    def event(self, source: str, event_id: str) -> EventRecord | None:
        key = (source, event_id)
        if key not in self._events:
            self._events[key] = self._ground.event(source, event_id)
        return self._events[key]

    def episode(self, episode_id: str) -> Episode | None:
        return _said(self._episodes, episode_id, self._ground.episode)

    def placement(self, handle: str) -> Placement | None:
        return _said(self._placements, handle, self._ground.placement)

    def pseudonym(self, subject: str) -> str | None:
        return _said(self._pseudonyms, subject, self._ground.pseudonym)

    def knows(self, reader: str, subject: str) -> frozenset[str]:
        key = (reader, subject)
        if key not in self._knowledge:
            self._knowledge[key] = self._ground.knows(reader, subject)
        return self._knowledge[key]

    def mailbox(self, recipient: str) -> Mailbox:
        return _said(self._mailboxes, recipient, self._ground.mailbox)

    # Several at once

    def read_background(self, source: str, event_id: str, reader: str, subject: str) -> None:
        key = (source, event_id)
        if key in self._events:
            return
        found = self._ground.background(source, event_id, reader, subject)
        self._events[key] = found.event
        self._pseudonyms[subject] = found.pseudonym
        self._knowledge[reader, subject] = found.known
        self._mailboxes.update((one.recipient, one) for one in found.mailboxes)
        if subject.startswith(EPISODE):
            self._episodes[subject.removeprefix(EPISODE)] = found.episode

    def read_events(self, source: str, ids: Iterable[str]) -> None:
        unread = [one for one in ids if (source, one) not in self._events]
        if unread:
            found = self._ground.events_of(source, unread)
            self._events.update({(source, one): found.get(one) for one in unread})

    def read_episodes(self, ids: Iterable[str]) -> None:
        _read(self._episodes, ids, self._ground.episodes_of)

    def read_pseudonyms(self, subjects: Iterable[str]) -> None:
        _read(self._pseudonyms, subjects, self._ground.pseudonyms_of)

    def read_knowledge(self, reader: str, subjects: Iterable[str]) -> None:
        unread = [one for one in subjects if (reader, one) not in self._knowledge]
        if unread:
            found = self._ground.knows_of(reader, unread)
            self._knowledge.update({(reader, one): found.get(one, frozenset()) for one in unread})

    def read_mailboxes(self, recipients: Iterable[str]) -> None:
        unread = [one for one in recipients if one not in self._mailboxes]
        if unread:
            self._mailboxes |= self._ground.mailboxes_of(unread)


def _said(known: dict[K, V], key: K, ask: Callable[[K], V]) -> V:
    if key not in known:
        known[key] = ask(key)
    return known[key]


def _read(known: dict[str, V | None], wanted: Iterable[str], ask: Callable[[list[str]], Mapping[str, V]]) -> None:
    unread = [one for one in wanted if one not in known]
    if unread:
        found = ask(unread)
        known.update({one: found.get(one) for one in unread})

"""What is known where an event comes in alone, by one question instead of five."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, bindparam, cast, func, literal_column, select, union_all

from broker.ports.background import Background
from broker.ports.records import Mailbox
from broker.store import tables
from broker.store.cases import CasesReading
from broker.store.events import EventsReading
from broker.store.session import LAST

_events, _episodes, _names, _known = tables.events, tables.episodes, tables.pseudonyms, tables.knowledge
_boxes = tables.mailboxes
_SPACE: Any = literal_column("' '")  # SQLAlchemy would fill a plain text in at each execution
_ABOUT = (_known.c.reader == bindparam("reader"), _known.c.subject == bindparam("subject"))
_PLACES = (_boxes.c.generation, _boxes.c.top, _boxes.c.kept_from, _boxes.c.confirmed)
_STANDING: Any = _boxes.c.recipient
for _place in _PLACES:
    _STANDING = _STANDING.concat(_SPACE).concat(cast(_place, String))
_BACKGROUND = select(
    select(_events.c.sequence)
    .where(_events.c.source == bindparam("source"), _events.c.id == bindparam("event"))
    .scalar_subquery()
    .label("accepted"),
    select(_episodes.c.state).where(_episodes.c.id == bindparam("episode")).scalar_subquery().label("state"),
    select(_names.c.pseudonym).where(_names.c.subject == bindparam("subject")).scalar_subquery().label("pseudonym"),
    # Ids of agencies hold no space.
    select(func.aggregate_strings(_known.c.agency, _SPACE)).where(*_ABOUT).scalar_subquery().label("known"),
    # Those whom a publisher knows of are nearly always those who will be told.
    select(func.aggregate_strings(_STANDING, _SPACE))
    .where(_boxes.c.recipient.in_(union_all(select(_known.c.agency).where(*_ABOUT), select(bindparam("reader")))))
    .scalar_subquery()
    .label("standing"),
    # Whoever takes an event in will number it and what is told of it.
    *LAST,
)


class BackgroundsReading(EventsReading, CasesReading):
    """Reads what is known where an event comes in."""

    def expect_background(self, source: str, event_id: str, reader: str, subject: str) -> None:
        """Ask it along with what else is asked first."""
        self._expect(_BACKGROUND, **_given(source, event_id, reader, subject))

    def background(self, source: str, event_id: str, reader: str, subject: str) -> Background:
        """Return it for an event of this source and id, from this reader, about this subject."""
        given = _given(source, event_id, reader, subject)
        (row,) = self._all(_BACKGROUND, **given)
        episode = given["episode"]
        self._note_last(row)
        known = frozenset((row.known or "").split())
        written = {one.recipient: one for one in _mailboxes(row.standing or "")}
        return Background(
            event=None if row.accepted is None else self.event(source, event_id),
            episode=self._episode(episode, row.state),
            pseudonym=row.pseudonym,
            known=known,
            mailboxes=frozenset(written.get(one) or Mailbox(one, generation=1, top=0) for one in {*known, reader}),
        )


def _given(source: str, event_id: str, reader: str, subject: str) -> dict[str, str]:
    episode = subject.removeprefix("episode/") if subject.startswith("episode/") else ""
    return {"source": source, "event": event_id, "episode": episode, "subject": subject, "reader": reader}


def _mailboxes(standing: str) -> Iterator[Mailbox]:
    words = iter(standing.split())
    for recipient, *places in zip(*[words] * (1 + len(_PLACES)), strict=True):
        yield Mailbox(recipient, *map(int, places))

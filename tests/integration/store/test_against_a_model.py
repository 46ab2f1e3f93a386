"""Mailboxes and told matrices compared with plain Python, for any night."""

from datetime import datetime
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.ports.records import AcknowledgementRecord, DisclosureRecord, MailRecord, Position
from broker.store.database import SqlStore
from contracts.vocabulary import AcknowledgementAction

RECIPIENTS = ["eastvale-council", "harbour-house"]
TYPES = ["concordat.episode.opened.v1", "concordat.episode.closed.v1", "concordat.risk.changed.v1"]
FILTERS = st.lists(st.sampled_from([*TYPES, "concordat.episode.*", "CONCORDAT.*", "*", "concordat.%"]), max_size=2)
SAYINGS = st.one_of(st.sampled_from(["feed", "webhook"]), st.sampled_from(list(AcknowledgementAction)))
EVENTS = st.tuples(
    st.sampled_from(["one", "two"]),
    st.sampled_from(TYPES),
    st.sets(st.sampled_from(RECIPIENTS)),
    st.lists(SAYINGS, max_size=4),
)
TURN = count(1)


def _matches(name: str, types: list[str]) -> bool:
    return not types or any(
        name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted for wanted in types
    )


def _earliest(*times: datetime | None) -> datetime | None:
    return min((moment for moment in times if moment is not None), default=None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(EVENTS, max_size=6),
    question=st.tuples(FILTERS, st.integers(0, 6), st.integers(1, 4), st.booleans()),
)
def test_mail_and_told_are_what_was_written(
    store: SqlStore,
    night: Any,
    events: list[tuple[str, str, set[str], list[Any]]],
    question: tuple[list[str], int, int, bool],
) -> None:
    """Numbers without gaps, filters and limits exact, and each time in the matrix the first that makes it true."""
    types, after, limit, narrowed = question
    turn = next(TURN)
    boxes = {recipient: f"{recipient}-{turn}" for recipient in RECIPIENTS}
    told: list[DisclosureRecord] = []
    arrived: dict[str, list[datetime]] = {}
    said: dict[str, list[AcknowledgementRecord]] = {}
    for episode, name, recipients, sayings in events:
        with store.writing() as unit:
            subject = f"episode/{turn}-{episode}"
            tell = [boxes[one] for one in sorted(recipients)]
            _, disclosures = night.publish(unit, subject=subject, type=name, tell=tell)
            told += disclosures
            for disclosure in disclosures:
                for saying in sayings:
                    if isinstance(saying, AcknowledgementAction):
                        said.setdefault(disclosure.id, []).append(night.acknowledge(unit, disclosure, saying))
                    else:
                        arrived.setdefault(disclosure.id, []).append(night.deliver(unit, disclosure.id, saying))
    wanted = f"episode/{turn}-one" if narrowed else None
    with store.reading() as view:
        for box in boxes.values():
            own = [one for one in told if one.recipient == box]
            assert [one.number for one in own] == list(range(1, len(own) + 1))
            assert view.mailbox(box).top == len(own)
            found: tuple[MailRecord, ...] = view.mail(box, Position(1, after), limit, types=types, subject=wanted)
            expected = [one.id for one in own[after:] if _matches(one.type, types) and wanted in (None, one.subject)]
            assert [one.disclosure for one in found] == expected[:limit]
            waiting = [one for one in own[:after] if one.id not in arrived]
            assert [one.id for one in view.undelivered(box, Position(1, after))] == [one.id for one in waiting]
        for episode in ("one", "two"):
            subject = f"episode/{turn}-{episode}"
            about = [one for one in told if one.subject == subject]
            rows = view.told(subject)
            assert [row.disclosure for row in rows] == [one.id for one in about]
            for row in rows:
                notes = said.get(row.disclosure, [])
                seen = _earliest(*(note.at for note in notes))
                assert row.seen_at == seen
                assert row.delivered_at == _earliest(seen, *arrived.get(row.disclosure, []))
                assert row.acting_at == _earliest(*(note.at for note in notes if note.action == "acting"))
                assert row.actioned_at == _earliest(*(note.at for note in notes if note.action == "actioned"))

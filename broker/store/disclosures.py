"""Disclosures at rest, and what auditors and told matrices ask of them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union,
)

from broker.ports.records import DisclosureFilter, DisclosureRecord, Position, Undelivered
from broker.store import tables
from broker.store.mailboxes import ON_ITS_WAY, MailboxesReading
from contracts.disclosure import NotToldReason
from contracts.ledger_entry import Operation

_table = tables.disclosures
_released, _withheld = tables.path_sets.alias("released_paths"), tables.path_sets.alias("withheld_paths")
_joined = _table.join(_released, _released.c.id == _table.c.released).join(
    _withheld, _withheld.c.id == _table.c.withheld
)
_whole = select(
    *(column for column in _table.columns if column.name not in {"released", "withheld"}),
    _released.c.paths.label("released"),
    _withheld.c.paths.label("withheld"),
)
_FORM = select(tables.forms.c.content).where(tables.forms.c.id == bindparam("form"))
_ONE = _whole.select_from(_joined).where(_table.c.id == bindparam("disclosure"))
_WAS_TOLD = _table.c.outcome == Operation.DISCLOSED.value


_ALL = 2**31
_A_FEW = 16
"""Of what is on its way, at least so much is asked for: there need not be many kinds of question."""
_UNDELIVERED = (
    select(*(_table.c[name] for name in Undelivered._fields))
    .join(tables.mail, tables.mail.c.disclosure == _table.c.id)
    .where(ON_ITS_WAY)
    .order_by(tables.mail.c.number)
    .limit(bindparam("most"))
)


class DisclosuresReading(MailboxesReading):
    """Reads disclosures."""

    def form(self, form_id: bytes) -> bytes | None:
        """Return what details share, as canonical JSON."""
        content: bytes | None = self._value(_FORM, form=form_id)
        return content

    def disclosure(self, disclosure_id: str) -> DisclosureRecord | None:
        """Return one disclosure or withholding."""
        row = self._one(_ONE, disclosure=disclosure_id)
        return None if row is None else _disclosure(row)

    def disclosures(self, wanted: DisclosureFilter) -> tuple[DisclosureRecord, ...]:
        """Return what an auditor asks for, newest first.

        `since` and `until` are both inclusive. What an agency merely was not told of another's event it never sees.
        """
        sides = [_of_side(wanted, side) for side in _sides(wanted)]
        found = union(
            *(select(side.order_by(_table.c.sequence.desc()).limit(wanted.limit).subquery()) for side in sides)
        )
        chosen = found.subquery()
        query = _whole.select_from(_joined.join(chosen, chosen.c.sequence == _table.c.sequence))
        rows = self._rows(query.order_by(_table.c.sequence.desc()).limit(wanted.limit))
        return tuple(_disclosure(row) for row in rows)

    def received(self, recipient: str, subject: str, up_to: Position | None) -> tuple[DisclosureRecord, ...]:
        """Return what a recipient was told about a subject, in order, up to a position of its mailbox if given."""
        query = _whole.select_from(_joined).where(
            _table.c.recipient == recipient, _table.c.subject == subject, _WAS_TOLD
        )
        if up_to is not None:
            query = query.where(tuple_(_table.c.generation, _table.c.number) <= (up_to.generation, up_to.number))
        return tuple(_disclosure(row) for row in self._rows(query.order_by(_table.c.sequence)))

    def undelivered(self, recipient: str, up_to: Position, limit: int | None = None) -> tuple[Undelivered, ...]:
        """Return the disclosures in the current mailbox generation, up to a position, that have not arrived yet.

        The first of them, if there is a limit. None for a position of another generation.
        """
        most = _ALL if limit is None else max(limit, _A_FEW)
        rows = self._all(_UNDELIVERED, **_up_to(recipient, up_to, most))
        return tuple(Undelivered(*row) for row in rows[:limit])

    def expect_undelivered(self, recipient: str, up_to: Position) -> None:
        """Ask it, with a limit of a few, along with what else is asked first."""
        self._expect(_UNDELIVERED, **_up_to(recipient, up_to, _A_FEW))

    def subjects_of(self, agency: str, after: str | None, limit: int) -> tuple[str, ...]:
        """Return the episodes, as `episode/<id>` in order of that text, of which the agency published or was told."""
        published = _next_subjects(tables.events, tables.events.c.controller == agency, after, limit)
        received = _next_subjects(_table, and_(_table.c.recipient == agency, _WAS_TOLD), after, limit)
        both = union(select(published.subquery()), select(received.subquery())).subquery()
        return tuple(self._connection.execute(select(both.c.subject).order_by(both.c.subject).limit(limit)).scalars())


class DisclosuresWriting(DisclosuresReading):
    """Keeps disclosures."""

    def add_forms(self, forms: Mapping[bytes, bytes]) -> None:
        """Keep forms. Like sets of paths they repeat from event to event, so that few are new."""
        missing = self._not_kept(forms)
        self._add_missing(tables.forms, [{"id": one, "content": forms[one]} for one in missing])

    def add_disclosures(self, disclosures: Sequence[DisclosureRecord]) -> None:
        """Keep disclosures and withholdings, in this order."""
        if not disclosures:
            return
        sets: dict[bytes, tuple[str, ...]] = {}
        sequences = self._numbers(_table, len(disclosures))
        rows = [_row(one, sequence, sets) for sequence, one in zip(sequences, disclosures, strict=True)]
        missing = self._not_kept(sets)
        self._add_missing(tables.path_sets, [{"id": one, "paths": sets[one]} for one in missing])
        self._add(_table, rows)


def _sides(wanted: DisclosureFilter) -> Iterable[ColumnElement[bool]]:
    """The sides on which the asker may look: at what it gave, at what it got; oversight at all."""
    told, agency = _WAS_TOLD, wanted.agency
    if agency is None:
        yield and_(told, _has(wanted.field, _table.c.released)) if wanted.received_only else _either(wanted.field)
        return
    yield and_(_table.c.recipient == agency, told, _has(wanted.field, _table.c.released))
    if not wanted.received_only:
        yield and_(_table.c.publisher == agency, _either(wanted.field))


def _either(field: str | None) -> ColumnElement[bool]:
    return or_(_has(field, _table.c.released), _has(field, _table.c.withheld))


def _has(field: str | None, column: ColumnElement[bytes]) -> ColumnElement[bool]:
    """Match the sets that hold a path, or with a trailing `.**` any path below it. Looks at the few distinct sets."""
    if field is None:
        return true()
    sought = " " + (field.removesuffix("**") if field.endswith(".**") else field + " ")
    paths = " " + type_coerce(tables.path_sets.c.paths, Text) + " "
    # `replace` minds upper and lower case on both databases; SQLite's LIKE does not.
    return column.in_(select(tables.path_sets.c.id).where(func.replace(paths, sought, "") != paths))


def _of_side(wanted: DisclosureFilter, side: ColumnElement[bool]) -> Select[Any]:
    query = select(_table.c.sequence).where(side)
    equal = {
        _table.c.recipient: wanted.recipient,
        _table.c.publisher: wanted.publisher,
        _table.c.type: wanted.type,
        _table.c.protocol: wanted.protocol,
        _table.c.outcome: wanted.outcome,
        _table.c.subject: None if wanted.episode is None else f"episode/{wanted.episode}",
    }
    query = query.where(*(column == value for column, value in equal.items() if value is not None))
    if wanted.child is not None:
        query = query.where(or_(_table.c.child == wanted.child, _table.c.subject == f"child/{wanted.child}"))
    if wanted.since is not None:
        query = query.where(_table.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(_table.c.at <= wanted.until)
    if wanted.before is not None:
        before = _table.alias("before")
        query = query.where(
            _table.c.sequence < select(before.c.sequence).where(before.c.id == wanted.before).scalar_subquery()
        )
    return query


def _next_subjects(table: FromClause, where: ColumnElement[bool], after: str | None, limit: int) -> Select[Any]:
    subject = table.c.subject
    query = select(subject).where(where, subject >= "episode/", subject < "episode0").distinct()  # 0 comes after /
    if after is not None:
        query = query.where(subject > after)
    return query.order_by(subject).limit(limit)


def _up_to(recipient: str, position: Position, most: int) -> dict[str, Any]:
    return {"recipient": recipient, "generation": position.generation, "number": position.number, "most": most}


@lru_cache(4096)
def _digest(paths: tuple[str, ...]) -> bytes:
    return hashlib.sha256(" ".join(paths).encode()).digest()[:16]


def _row(one: DisclosureRecord, sequence: int, sets: dict[bytes, tuple[str, ...]]) -> tuple[object, ...]:
    """Return the row, and note the sets of paths that it names."""
    released, withheld = _digest(one.released), _digest(one.withheld)
    sets[released], sets[withheld] = one.released, one.withheld
    return (
        sequence,
        one.id,
        one.event_source,
        one.event_id,
        one.type,
        one.subject,
        one.child,
        one.publisher,
        one.recipient,
        one.roles,
        str(one.outcome),
        None if one.reason is None else str(one.reason),
        one.at,
        one.event_time,
        one.protocol,
        released,
        withheld,
        one.generation,
        one.number,
        one.trace,
    )


def _disclosure(row: Any) -> DisclosureRecord:
    return DisclosureRecord(
        id=row.id,
        event_source=row.event_source,
        event_id=row.event_id,
        type=row.type,
        subject=row.subject,
        child=row.child,
        publisher=row.publisher,
        recipient=row.recipient,
        roles=row.roles,
        outcome=Operation(row.outcome),
        reason=None if row.reason is None else NotToldReason(row.reason),
        at=row.at,
        event_time=row.event_time,
        protocol=row.protocol,
        released=row.released,
        withheld=row.withheld,
        generation=row.generation,
        number=row.number,
        trace=row.trace,
    )

"""Mailboxes at rest: numbered messages, how far they have arrived, what people said of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, false, func, or_, select, true, tuple_, update

from broker.ports.records import AcknowledgementRecord, Delivery, Mailbox, MailRecord, Position, Scope
from broker.store import tables
from broker.store.columns import among
from broker.store.session import Session
from contracts.vocabulary import AcknowledgementAction

_CONTENT = "mail.content"
_NOTE = "acknowledgement.content"
_MAILBOX = select(tables.mailboxes).where(tables.mailboxes.c.recipient == bindparam("recipient"))
_MAILBOXES = {
    kind: select(tables.mailboxes).where(one) for kind, one in among(tables.mailboxes.c.recipient, "recipients").items()
}
_ARRIVED = {
    kind: update(tables.mail).where(one).values(delivered=true())
    for kind, one in among(tables.mail.c.disclosure, "arrived").items()
}
_confirmed = (
    select(tables.mailboxes.c.confirmed)
    .where(
        tables.mailboxes.c.recipient == bindparam("recipient"),
        tables.mailboxes.c.generation == bindparam("generation"),
    )
    .scalar_subquery()
)
ON_ITS_WAY = and_(
    tables.mail.c.recipient == bindparam("recipient"),
    tables.mail.c.generation == bindparam("generation"),
    tables.mail.c.number > _confirmed,
    tables.mail.c.number <= bindparam("number"),
    tables.mail.c.delivered.is_(false()),
    ~exists().where(tables.deliveries.c.disclosure == tables.mail.c.disclosure),
)
"""Mail of a mailbox's present generation, up to a number, that no channel has confirmed; of another one, none."""
_place_of_mail = tuple_(tables.mail.c.generation, tables.mail.c.number)


def is_of_types(column: ColumnElement[str], types: Sequence[str]) -> ColumnElement[bool]:
    """Match a type against names, each of which may end in `*`. Upper and lower case differ on both databases."""
    exact = [one for one in types if not one.endswith("*")]
    prefixes = [one.removesuffix("*") for one in types if one.endswith("*")]
    return or_(column.in_(exact), *(func.substr(column, 1, len(prefix)) == prefix for prefix in prefixes))


class MailboxesReading(Session):
    """Reads mailboxes."""

    def mailbox(self, recipient: str) -> Mailbox:
        """Return where a mailbox stands; one that was never written to begins at generation 1."""
        row = self._one(_MAILBOX, recipient=recipient)
        return Mailbox(recipient, generation=1, top=0) if row is None else _mailbox(row)

    def mailboxes_of(self, recipients: Iterable[str]) -> dict[str, Mailbox]:
        """Return where several mailboxes stand."""
        names = tuple(recipients)
        found = {row.recipient: _mailbox(row) for row in self._all(_MAILBOXES[self._dialect.name], recipients=names)}
        return {one: found.get(one) or Mailbox(one, generation=1, top=0) for one in names}

    def mail(
        self, recipient: str, after: Position, limit: int, *, types: Sequence[str] = (), subject: str | None = None
    ) -> tuple[MailRecord, ...]:
        """Return up to `limit` messages after a position, in order, of these types (a `*` may end one) and subject."""
        mail = tables.mail
        query = select(mail).where(mail.c.recipient == recipient, _place_of_mail > (after.generation, after.number))
        if types:
            query = query.where(is_of_types(mail.c.type, types))
        if subject is not None:
            query = query.where(mail.c.subject == subject)
        return tuple(
            self._mail(row) for row in self._rows(query.order_by(mail.c.generation, mail.c.number).limit(limit))
        )

    def mail_of(self, disclosure: str) -> MailRecord | None:
        """Return the message of a disclosure, in the latest generation that has it."""
        mail = tables.mail
        query = select(mail).where(mail.c.disclosure == disclosure)
        row = self._row(query.order_by(mail.c.generation.desc(), mail.c.number.desc()).limit(1))
        return None if row is None else self._mail(row)

    def acknowledgement(self, acknowledgement_id: str) -> AcknowledgementRecord | None:
        """Return one acknowledgement."""
        row = self._row(select(tables.acknowledgements).where(tables.acknowledgements.c.id == acknowledgement_id))
        return None if row is None else self._acknowledgement(row)

    def acknowledgements_of(self, disclosure: str) -> tuple[AcknowledgementRecord, ...]:
        """Return what people said of one disclosure, in order of acceptance."""
        table = tables.acknowledgements
        query = select(table).where(table.c.disclosure == disclosure).order_by(table.c.sequence)
        return tuple(self._acknowledgement(row) for row in self._rows(query))

    def _mail(self, row: Row[Any]) -> MailRecord:
        scope = Scope(row.scope_subject, row.scope_controller)
        place = _place(row.recipient, row.generation, row.number)
        return MailRecord(
            recipient=row.recipient,
            generation=row.generation,
            number=row.number,
            disclosure=row.disclosure,
            type=row.type,
            subject=row.subject,
            scope=scope,
            content=self._seals.open(scope, _CONTENT, place, row.content),
            at=row.at,
        )

    def _acknowledgement(self, row: Row[Any]) -> AcknowledgementRecord:
        scope = Scope(row.scope_subject, row.scope_controller)
        return AcknowledgementRecord(
            id=row.id,
            disclosure=row.disclosure,
            agency=row.agency,
            action=AcknowledgementAction(row.action),
            at=row.at,
            scope=scope,
            content=self._seals.open(scope, _NOTE, (row.id,), row.content),
        )


class MailboxesWriting(MailboxesReading):
    """Fills mailboxes and records how far they have arrived."""

    def add_mail(self, mail: Sequence[MailRecord]) -> None:
        """Put messages in mailboxes."""
        self._seals.prepare(message.scope for message in mail)
        self._add(tables.mail, [self._mail_row(message) for message in mail])

    def _mail_row(self, message: MailRecord) -> tuple[object, ...]:
        recipient, generation, number, disclosure, type_, subject, scope, content, at = message
        place = _place(recipient, generation, number)
        sealed = None if content is None else self._seals.seal(scope, _CONTENT, place, content)
        return recipient, generation, number, disclosure, type_, subject, *scope, sealed, at, False

    def put_mailboxes(self, mailboxes: Sequence[Mailbox]) -> None:
        """Keep where mailboxes stand now. Of two states of one mailbox the later counts."""
        current = {mailbox.recipient: mailbox for mailbox in mailboxes}
        rows = [
            {
                "recipient": mailbox.recipient,
                "generation": mailbox.generation,
                "top": mailbox.top,
                "kept_from": mailbox.kept_from,
                "confirmed": mailbox.confirmed,
            }
            for mailbox in current.values()
        ]
        self._put(tables.mailboxes, rows)

    def add_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Record arrivals; the first by each channel is kept."""
        if not deliveries:
            return
        rows = [{"disclosure": one.disclosure, "channel": one.channel, "at": one.at} for one in deliveries]
        self._add_missing(tables.deliveries, rows)
        names = dict.fromkeys(delivery.disclosure for delivery in deliveries if not delivery.in_order)
        if names:
            # What is put into a mailbox now cannot have arrived yet.
            self._change_old(_ARRIVED[self._dialect.name], {"arrived": tuple(names)})

    def add_acknowledgements(self, acknowledgements: Sequence[AcknowledgementRecord]) -> None:
        """Record what people said, in this order of acceptance."""
        if not acknowledgements:
            return
        table = tables.acknowledgements
        self._seals.prepare(one.scope for one in acknowledgements)
        last = self._connection.execute(select(func.coalesce(func.max(table.c.sequence), 0))).scalar_one()
        self._add(table, [self._note_row(one, sequence) for sequence, one in enumerate(acknowledgements, last + 1)])

    def _note_row(self, one: AcknowledgementRecord, sequence: int) -> dict[str, object]:
        return {
            "sequence": sequence,
            "id": one.id,
            "disclosure": one.disclosure,
            "agency": one.agency,
            "action": one.action.value,
            "at": one.at,
            "scope_subject": one.scope.subject,
            "scope_controller": one.scope.controller,
            "content": None if one.content is None else self._seals.seal(one.scope, _NOTE, (one.id,), one.content),
        }


def _mailbox(row: Any) -> Mailbox:
    return Mailbox(row.recipient, row.generation, row.top, row.kept_from, row.confirmed)


def _place(recipient: str, generation: int, number: int) -> tuple[str, ...]:
    return recipient, str(generation), str(number)

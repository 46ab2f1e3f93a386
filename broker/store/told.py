"""The told matrix: who was told of which event, when it arrived, when a person saw it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Label, Row, case, func, select

from broker.ports.records import ToldRow
from broker.store import tables
from broker.store.session import Session
from contracts.ledger_entry import Operation
from contracts.vocabulary import AcknowledgementAction


class ToldReading(Session):
    """Reads the told matrix."""

    def told(self, subject: str) -> tuple[ToldRow, ...]:
        """Return one line for each agency and event about a subject, in order of decision.

        Each time is the first. Whoever says what they do, or that they cannot, has seen it; what was seen has arrived.
        """
        told, deliveries, said = tables.disclosures, tables.deliveries, tables.acknowledgements
        about = told.c.subject == subject
        arrived = (
            select(deliveries.c.disclosure, func.min(deliveries.c.at).label("at"))
            .join(told, told.c.id == deliveries.c.disclosure)
            .where(about)
            .group_by(deliveries.c.disclosure)
            .subquery()
        )

        def first(action: AcknowledgementAction) -> Label[datetime | None]:
            return func.min(case((said.c.action == action.value, said.c.at))).label(action.value)

        heard = (
            select(
                said.c.disclosure,
                func.min(said.c.at).label("seen"),
                first(AcknowledgementAction.ACTING),
                first(AcknowledgementAction.ACTIONED),
            )
            .join(told, told.c.id == said.c.disclosure)
            .where(about)
            .group_by(said.c.disclosure)
            .subquery()
        )
        query = (
            select(told, arrived.c.at.label("arrived"), heard.c.seen, heard.c.acting, heard.c.actioned)
            .outerjoin(arrived, arrived.c.disclosure == told.c.id)
            .outerjoin(heard, heard.c.disclosure == told.c.id)
            .where(about, told.c.outcome == Operation.DISCLOSED.value)
            .order_by(told.c.sequence)
        )
        return tuple(_told(row) for row in self._rows(query))

    def delivered_by(self, subject: str) -> Mapping[str, str]:
        """Return by which way each disclosure about a subject arrived first; none for one that has not."""
        told, deliveries = tables.disclosures, tables.deliveries
        query = (
            select(deliveries.c.disclosure, deliveries.c.channel)
            .join(told, told.c.id == deliveries.c.disclosure)
            .where(told.c.subject == subject)
            .order_by(deliveries.c.at.desc())
        )
        return {row.disclosure: row.channel for row in self._rows(query)}


def _told(row: Row[tuple[object, ...]]) -> ToldRow:
    return ToldRow(
        type=row.type,
        event_time=row.event_time,
        agency=row.recipient,
        roles=row.roles,
        disclosure=row.id,
        told_at=row.at,
        delivered_at=_earlier(row.arrived, row.seen),
        seen_at=row.seen,
        acting_at=row.acting,
        actioned_at=row.actioned,
        publisher=row.publisher,
        event_source=row.event_source,
        event_id=row.event_id,
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)

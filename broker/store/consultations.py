"""Consultations at rest: which person's reading of which object in which hour has its ledger entry already."""

from collections.abc import Sequence

from sqlalchemy import select

from broker.store import tables
from broker.store.session import Session


class ConsultationsReading(Session):
    """Reads consultations."""

    def consulted(self, key: str) -> bool:
        """Say whether this consultation is recorded."""
        query = select(tables.consultations.c.key).where(tables.consultations.c.key == key)
        return self._row(query) is not None


class ConsultationsWriting(ConsultationsReading):
    """Records consultations."""

    def add_consultations(self, keys: Sequence[str]) -> None:
        """Record consultations; one that is recorded already is left alone."""
        self._add_missing(tables.consultations, [{"key": key} for key in dict.fromkeys(keys)])

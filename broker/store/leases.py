"""Leases at rest: who does a piece of work that only one may do at a time, and until when."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, select

from broker.ports.holder import is_gone
from broker.ports.relay import Lease
from broker.store import tables
from broker.store.session import Session

_table = tables.leases
_BY_NAME = select(_table).where(_table.c.name == bindparam("name"))
_ENDPOINT = "endpoint/"


class LeasesReading(Session):
    """Reads leases."""

    def expect_lease(self, name: str) -> None:
        """Ask who does a piece of work along with what else is asked first."""
        self._expect(_BY_NAME, name=name)

    def lease_of(self, name: str) -> Lease | None:
        """Return who does a piece of work, or did."""
        row = self._one(_BY_NAME, name=name)
        return None if row is None else Lease(row.name, row.holder, row.term, row.expires_at)

    def _worked_by_others(self, endpoint: Any, holder: str, now: datetime) -> ColumnElement[bool]:
        """Say of an endpoint's id whether another works it who may still live."""
        running = _table.c.expires_at > now
        holders = self._rows(select(_table.c.holder).distinct().where(running, _table.c.holder != holder))
        gone = [row.holder for row in holders if is_gone(row.holder)]
        others = select(_table.c.name).where(
            _table.c.name == _ENDPOINT + endpoint, running, _table.c.holder.not_in([holder, *gone])
        )
        return others.exists()


class LeasesWriting(LeasesReading):
    """Hands leases out and takes them back."""

    def take_lease(self, name: str, holder: str, now: datetime, seconds: float) -> Lease | None:
        """Take a lease or prolong one's own; None while it is another's, who may still live."""
        known = self.lease_of(name)
        if known is not None and known.holder != holder and known.expires_at > now and not is_gone(known.holder):
            return None
        term = 1 if known is None else known.term + (known.holder != holder)
        lease = Lease(name, holder, term, now + timedelta(seconds=seconds))
        self._put(_table, [vars(lease)])
        return lease

    def end_lease(self, lease: Lease, now: datetime) -> None:
        """Give a lease back before its time, if it is still held."""
        known = self.lease_of(lease.name)
        if known is not None and (known.holder, known.term) == (lease.holder, lease.term):
            self._put(_table, [vars(known) | {"expires_at": now}])

    def lease_endpoints(self, endpoints: Sequence[str], holder: str, now: datetime, seconds: float) -> tuple[str, ...]:
        """Take, or keep, the right to work endpoints; return those that the holder has now.

        What another holds is left to it until its time has passed.
        """
        standing = select(tables.endpoints.c.id).where(tables.endpoints.c.id.in_(endpoints))
        return tuple(
            one
            for one in sorted(row.id for row in self._rows(standing))
            if self.take_lease(_ENDPOINT + one, holder, now, seconds) is not None
        )

    def end_endpoint_leases(self, endpoints: Iterable[str], holder: str, now: datetime) -> None:
        """Give up the right to work endpoints."""
        for one in endpoints:
            known = self.lease_of(_ENDPOINT + one)
            if known is not None and known.holder == holder:
                self.end_lease(known, now)

    def forget_endpoint_lease(self, endpoint: str) -> None:
        """Forget who worked an endpoint that is no more."""
        self._connection.execute(delete(_table).where(_table.c.name == _ENDPOINT + endpoint))

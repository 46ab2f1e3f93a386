"""The registry at rest: agencies, police areas, protocols."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select, update

from broker.ports.records import ProtocolRecord
from broker.store import tables
from broker.store.session import Session
from contracts.agency import Agency
from contracts.vocabulary import AgencyKind


class RegistryReading(Session):
    """Reads the registry."""

    def registry_version(self) -> int:
        """Return a number that grows with every change of the registry."""
        return int(self._head().registry_version)

    def agencies(self) -> tuple[Agency, ...]:
        """Return all agencies by id."""
        return tuple(
            _agency(row.document)
            for row in self._rows(select(tables.agencies.c.document).order_by(tables.agencies.c.id))
        )

    def police_areas(self) -> dict[str, str]:
        """Return area → force."""
        return {
            row.area: row.force for row in self._rows(select(tables.police_areas).order_by(tables.police_areas.c.area))
        }

    def protocols(self) -> tuple[ProtocolRecord, ...]:
        """Return all versions of all protocols, by name and version."""
        return tuple(_protocol(row) for row in self._rows(select(tables.protocols).order_by("name", "version")))


class RegistryWriting(RegistryReading):
    """Changes the registry."""

    def put_agency(self, agency: Agency) -> None:
        """Register an agency, or replace its entry."""
        self._put(tables.agencies, [{"id": agency.id, "document": _agency_document(agency)}])
        self._changed()

    def put_police_area(self, area: str, force: str) -> None:
        """Say which force polices an area."""
        self._put(tables.police_areas, [{"area": area, "force": force}])
        self._changed()

    def put_protocol(self, protocol: ProtocolRecord) -> None:
        """Add a version of a protocol, or replace it."""
        row = {
            "name": protocol.name,
            "version": protocol.version,
            "document": json.dumps(protocol.document, ensure_ascii=False),
            "fingerprint": protocol.fingerprint,
            "signed_by": tuple(sorted(protocol.signed_by)),
            "activated_at": protocol.activated_at,
            "ended_at": protocol.ended_at,
        }
        self._put(tables.protocols, [row])
        self._changed()

    def _changed(self) -> None:
        self._head_read = None
        self._connection.execute(update(tables.head).values(registry_version=tables.head.c.registry_version + 1))


def _agency_document(agency: Agency) -> str:
    document = asdict(agency)
    for name in ("classes", "areas", "scopes"):
        document[name] = sorted(document[name])
    return json.dumps(document, ensure_ascii=False)


def _agency(document: str) -> Agency:
    stored = json.loads(document)
    stored["kind"] = AgencyKind(stored["kind"])
    stored["keys"] = tuple(stored["keys"])
    for name in ("classes", "areas", "scopes"):
        stored[name] = frozenset(stored[name])
    return Agency(**stored)


def _protocol(row: Row[Any]) -> ProtocolRecord:
    return ProtocolRecord(
        name=row.name,
        version=row.version,
        document=json.loads(row.document),
        fingerprint=row.fingerprint,
        signed_by=frozenset(row.signed_by),
        activated_at=row.activated_at,
        ended_at=row.ended_at,
    )

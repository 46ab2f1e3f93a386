"""Who is registered and which protocols stand, read again whenever their version in the database has moved."""

import orjson

from broker.ports.store import View
from broker.sharing.rulebook import ActiveProtocol, Rulebook
from contracts.agency import Agency
from contracts.protocol import Protocol


class Registry:
    """The directory of agencies, the police areas and the rulebook, as of one version of the registry."""

    def __init__(self) -> None:
        self._version = -1
        self._agencies: dict[str, Agency] = {}
        self._areas: dict[str, str] = {}
        self.rulebook = Rulebook(())

    def refresh(self, view: View) -> None:
        """Read agencies and protocols again if they have changed."""
        version = view.registry_version()
        if version == self._version:
            return
        agencies = {agency.id: agency for agency in view.agencies()}
        areas = {
            area: agency.id for agency in agencies.values() for area in agency.areas if agency.kind == "police_force"
        }
        self._agencies, self._areas = agencies, areas | view.police_areas()
        self.rulebook = Rulebook(
            tuple(
                ActiveProtocol(
                    Protocol.model_validate_json(orjson.dumps(record.document)), record.fingerprint, record.signed_by
                )
                for record in view.protocols()
                if record.activated_at is not None and record.ended_at is None
            )
        )
        self._version = version

    def agency(self, agency_id: str) -> Agency | None:
        """Return a registered agency, or None."""
        return self._agencies.get(agency_id)

    def force_for(self, area: str) -> str | None:
        """Return the police force that polices an area (ONS GSS code), by configuration."""
        return self._areas.get(area)

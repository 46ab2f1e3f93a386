"""Who is registered and which protocols stand, read again whenever their version in the database has moved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import orjson

from broker.casework.episode import Episode
from broker.casework.involvement import Involvements
from broker.casework.placement import Placement
from broker.casework.recipient import Recipient, parties, recipients
from broker.ports.records import ProtocolRecord
from broker.ports.store import View
from broker.sharing.rulebook import ActiveProtocol, Rulebook
from contracts.agency import Agency
from contracts.protocol import Protocol


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """What the database holds of all that, at one version."""

    version: int
    agencies: tuple[Agency, ...]
    police_areas: Mapping[str, str]
    protocols: tuple[ProtocolRecord, ...]


_KEPT = 1024
_NOTHING = RegistryRecord(-1, (), {}, ())


class Registry:
    """The directory of agencies, the police areas and the rulebook, as of one version of the registry."""

    def __init__(self) -> None:
        self.record = _NOTHING
        self._agencies: dict[str, Agency] = {}
        self._areas: dict[str, str] = {}
        self.rulebook = Rulebook(())
        self._parties = self._remembering()

    def _remembering(self) -> Callable[[Involvements, frozenset[str]], tuple[Recipient, ...]]:
        return lru_cache(_KEPT)(lambda involvements, barred: parties(involvements, barred, self))

    def refresh(self, view: View) -> None:
        """Read agencies and protocols again if they have changed."""
        version = view.registry_version()
        if version != self.record.version:
            self.take(RegistryRecord(version, view.agencies(), view.police_areas(), view.protocols()))

    def take(self, record: RegistryRecord) -> None:
        """Take over what was read."""
        agencies = {agency.id: agency for agency in record.agencies}
        areas = {
            area: agency.id for agency in agencies.values() for area in agency.areas if agency.kind == "police_force"
        }
        self._agencies, self._areas = agencies, areas | dict(record.police_areas)
        self.rulebook = Rulebook(
            tuple(
                ActiveProtocol(Protocol.model_validate_json(orjson.dumps(one.document)), one.fingerprint, one.signed_by)
                for one in record.protocols
                if one.activated_at is not None and one.ended_at is None
            )
        )
        self._parties = self._remembering()
        self.record = record

    def recipients(self, file: Episode | Placement) -> tuple[Recipient, ...]:
        """Return everybody currently involved (`casework.recipient`). Most events leave an episode's parties alone."""
        if isinstance(file, Placement):
            return recipients(file, self)
        return self._parties(file.involvements, file.barred)

    def agency(self, agency_id: str) -> Agency | None:
        """Return a registered agency, or None."""
        return self._agencies.get(agency_id)

    def force_for(self, area: str) -> str | None:
        """Return the police force that polices an area (ONS GSS code), by configuration."""
        return self._areas.get(area)

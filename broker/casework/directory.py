"""What casework may ask about the agencies."""

from typing import Protocol

from contracts.agency import Agency


class Directory(Protocol):
    """The registered agencies and who polices where, as the hub's operator has configured them."""

    def agency(self, agency_id: str) -> Agency | None:
        """Return the registered agency, or None if the hub does not know this id."""
        ...

    def force_for(self, area: str) -> str | None:
        """Return the id of the police force that polices an ONS GSS area, or None if none is configured."""
        ...

"""The canonical description of a contract, as JSON: all that a publisher, a recipient or a protocol relies on."""

from collections.abc import Mapping
from typing import Any

from contracts.catalogue import CATALOGUE, leaves_of
from contracts.events.base import Contract
from contracts.json_schema import schema_of

Description = Mapping[str, Any]
"""A description; a released one has also its `version` (major.minor) and the `release` of the catalogue it came in."""


def describe(contract: Contract) -> dict[str, Any]:
    """Return the description of a contract of the catalogue."""
    lifecycle = contract.lifecycle
    return {
        "type": contract.type,
        "purpose": contract.purpose,
        "stage": contract.stage.value,
        "owner": contract.owner.value,
        "lifecycle": {
            "status": lifecycle.status.value,
            "since": None if lifecycle.since is None else lifecycle.since.isoformat(),
            "successor": lifecycle.successor,
        },
        "converts": None if contract.converts is None else contract.converts.previous,
        "publishers": {
            "roles": sorted(role.value for role in contract.publishers.roles),
            "confirmed": contract.publishers.confirmed,
        },
        "about_child": contract.about_child,
        "derived": contract.derived,
        "after_closing": contract.after_closing,
        "ring": contract.ring,
        "fields": {
            leaf.path: {
                "kind": leaf.kind.value,
                "categories": sorted(leaf.categories),
                "whereabouts": leaf.whereabouts,
                "whose": leaf.whose.value,
                "vocabulary": leaf.vocabulary,
            }
            for leaf in leaves_of(contract.type)
        },
        "schema": schema_of(contract.type),
    }


def describe_all() -> dict[str, dict[str, Any]]:
    """Return the description of every contract of the catalogue by its type."""
    return {event_type: describe(contract) for event_type, contract in sorted(CATALOGUE.items())}

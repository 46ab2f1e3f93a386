"""Which contract an event type stands for."""

from functools import cache

from contracts.events import (
    absence,
    contact,
    enquiry,
    governance,
    handover,
    information,
    interview,
    involvement,
    meeting,
    national,
    prevention,
    profile,
    publicity,
    report,
    returning,
    sighting,
)
from contracts.events.base import Contract
from contracts.fields import Leaf, leaves

_MODULES = (
    prevention,
    profile,
    absence,
    report,
    involvement,
    enquiry,
    sighting,
    contact,
    information,
    meeting,
    publicity,
    national,
    handover,
    returning,
    interview,
    governance,
)
CATALOGUE: dict[str, Contract] = {contract.type: contract for module in _MODULES for contract in module.CONTRACTS}
HISTORY = "concordat.episode.history.v1"
ACKNOWLEDGEMENT = "concordat.acknowledgement.given.v1"


class UnknownType(LookupError):
    """No contract of this type and major version exists."""


def contract_of(event_type: str) -> Contract:
    """Return the contract of an event type; UnknownType if there is none."""
    try:
        return CATALOGUE[event_type]
    except KeyError:
        raise UnknownType("there is no contract of this event type and major version") from None


@cache
def leaves_of(event_type: str) -> tuple[Leaf, ...]:
    """Return every leaf of an event type's data, in contract order."""
    return tuple(leaves(contract_of(event_type).data))

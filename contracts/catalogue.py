"""Which contract an event type stands for."""

from dataclasses import replace
from functools import cache

from contracts.events import governance, handover, interview, prevention, report, returning
from contracts.events.base import Contract
from contracts.fields import Leaf, leaves
from contracts.releases import since

CATALOGUE: dict[str, Contract] = {
    contract.type: contract
    for module in (prevention, report, handover, returning, interview, governance)
    for contract in module.CONTRACTS
}
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
    """Return every leaf of an event type's data, in contract order, each with the release that brought it."""
    return tuple(replace(leaf, since=since(event_type, leaf.path)) for leaf in leaves(contract_of(event_type).data))

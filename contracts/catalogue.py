"""Which contract an event type stands for."""

from dataclasses import replace
from functools import cache

from contracts.events import (
    absence,
    access,
    access_request,
    adulthood,
    challenge,
    contact,
    correction,
    due,
    emergency,
    enquiry,
    episode,
    governance,
    handover,
    hold,
    identity,
    information,
    interview,
    involvement,
    legal_power,
    mailbox,
    meeting,
    national,
    nrm,
    outcome,
    pattern,
    plan,
    prevention,
    prevention_interview,
    profile,
    protocol_force,
    publicity,
    referral,
    report,
    returning,
    rhi_offer,
    sighting,
    succession,
    whereabouts,
)
from contracts.events.base import Contract
from contracts.fields import Leaf, leaves
from contracts.releases import since

MODULES = (
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
    whereabouts,
    prevention_interview,
    episode,
    interview,
    rhi_offer,
    legal_power,
    referral,
    plan,
    pattern,
    outcome,
    nrm,
    adulthood,
    challenge,
    identity,
    access,
    emergency,
    hold,
    succession,
    due,
    correction,
    protocol_force,
    access_request,
    mailbox,
    governance,
)
"""The modules of the event types, in the order of the journey. Each has its examples in `contracts.examples`."""
CATALOGUE: dict[str, Contract] = {contract.type: contract for module in MODULES for contract in module.CONTRACTS}
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

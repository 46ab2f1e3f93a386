"""Valid and invalid examples of every event type: for the catalogue page, the command line and the tests."""

from copy import deepcopy

from contracts.catalogue import UnknownType
from contracts.examples import (
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
from contracts.examples.base import Examples

__all__ = ["Examples", "examples_of"]

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
_ALL: dict[str, Examples] = {
    event_type: examples for module in _MODULES for event_type, examples in module.EXAMPLES.items()
}


def examples_of(event_type: str) -> Examples:
    """Return fresh examples of an event type, which the caller may change; UnknownType if there are none."""
    try:
        return deepcopy(_ALL[event_type])
    except KeyError:
        raise UnknownType("there is no contract of this event type and major version") from None

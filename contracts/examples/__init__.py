"""Valid and invalid examples of every event type: for the catalogue page, the command line and the tests."""

from copy import deepcopy

from contracts.catalogue import UnknownType
from contracts.examples import (
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
    interview,
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

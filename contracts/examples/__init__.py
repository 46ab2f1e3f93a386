"""Valid and invalid examples of every event type: for the catalogue page, the command line and the tests."""

from copy import deepcopy
from importlib import import_module

from contracts.catalogue import MODULES, UnknownType
from contracts.examples.base import Examples

__all__ = ["Examples", "examples_of"]

_ALL: dict[str, Examples] = {
    event_type: examples
    for module in MODULES
    for event_type, examples in import_module(f"{__name__}.{module.__name__.rpartition('.')[2]}").EXAMPLES.items()
}


def examples_of(event_type: str) -> Examples:
    """Return fresh examples of an event type, which the caller may change; UnknownType if there are none."""
    try:
        return deepcopy(_ALL[event_type])
    except KeyError:
        raise UnknownType("there is no contract of this event type and major version") from None

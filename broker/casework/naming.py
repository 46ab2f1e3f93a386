"""Which agencies an event names: telling about telling is a disclosure too."""

from functools import cache
from typing import Any

from contracts.catalogue import CATALOGUE, HISTORY, leaves_of
from contracts.values import Kind


def named_agencies(data: dict[str, Any], event_type: str) -> frozenset[str]:
    """Return every agency id in plain `data` of an event type; UnknownType if it has no contract.

    `data` may be redacted: what is absent names nobody. A history names whom its events name; an event in it whose type
    this hub does not know names nobody.
    """
    named = frozenset(
        value for way in _ways_to_agencies(event_type) for value in along(data, way) if isinstance(value, str)
    )
    if event_type != HISTORY:
        return named
    return named.union(
        *(
            named_agencies(past["data"], past["type"])
            for past in data.get("events", ())
            if past.get("type") in CATALOGUE and isinstance(past.get("data"), dict)
        )
    )


Way = tuple[tuple[str, bool], ...]
"""A contract path taken apart: each member's name, and whether it is a list whose items are meant."""


@cache
def way_of(path: str) -> Way:
    """Take a contract path apart (`a.b`, `items[].name`)."""
    return tuple((step.removesuffix("[]"), step.endswith("[]")) for step in path.split("."))


@cache
def _ways_to_agencies(event_type: str) -> tuple[Way, ...]:
    return tuple(way_of(leaf.path) for leaf in leaves_of(event_type) if leaf.kind is Kind.AGENCY)


def values_at(data: dict[str, Any], path: str) -> list[Any]:
    """Return every value at a contract path (`a.b`, `items[].name`) that is there."""
    return along(data, way_of(path))


def along(data: dict[str, Any], way: Way) -> list[Any]:
    """Return every value at the end of a way that is there."""
    found: list[Any] = [data]
    for name, many in way:
        found = [one[name] for one in found if isinstance(one, dict) and name in one]
        if many:
            found = [item for one in found if isinstance(one, list) for item in one]
        if not found:
            break
    return found

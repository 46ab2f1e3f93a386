"""Mappings of invented forms, a rule or two at a time."""

import json

import pytest

from adapters.sdk.mapping import InvalidMapping, Mapping

OPENED = "concordat.episode.opened.v1"
RETURNED = "concordat.child.returned.v1"
CHILD = {"to": "child.local_reference", "column": "Child"}


def document(*fields, event_type=OPENED, **more):
    """A mapping with one event of these rules."""
    return {
        "mapping": "invented-form",
        "version": 1,
        "title": "An invented form",
        "zone": "Europe/London",
        "events": [{"type": event_type, "fields": list(fields)}],
    } | more


def mapping(*fields, **more):
    return Mapping.read(json.dumps(document(*fields, **more)).encode())


def faults(content):
    """What is wrong with a document, by place."""
    with pytest.raises(InvalidMapping) as caught:
        Mapping.read(content if isinstance(content, bytes) else json.dumps(content).encode())
    return {fault.pointer: fault.message for fault in caught.value.faults}


def made(rules, row, **more):
    """The data of the one event that a row makes, and the gaps by kind and place."""
    applied = mapping(CHILD, *rules, **more).apply({"Child": "EX-1"} | row)
    (event,) = applied.events
    del event.data["child"]["local_reference"]
    return {name: value for name, value in event.data.items() if value}, gaps(applied)


def gaps(applied):
    return [(gap.kind.value, gap.to, gap.kept) for gap in applied.gaps]

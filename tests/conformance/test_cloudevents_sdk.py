"""The CloudEvents project's own SDK reads and writes our events, and we read what it writes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings import http
from cloudevents.core.exceptions import CloudEventValidationError

from broker.web.cloudevents import STRUCTURED
from broker.web.messages import HttpClerk
from contracts import asyncapi
from contracts.catalogue import CATALOGUE
from contracts.examples import examples_of
from contracts.parse import parse_event

TYPES = sorted(CATALOGUE)
MADE = [(event_type, kind) for event_type in TYPES for kind in ("minimal", "full")]
RECEIVED = {
    name: example["payload"]
    for name, message in asyncapi.document()["components"]["messages"].items()
    if name.startswith("feed.")
    for example in message.get("examples", [])
}
READS: dict[str, Callable[[http.HTTPMessage], BaseCloudEvent]] = {
    "structured": http.from_structured_event,
    "binary": http.from_binary_event,
}
WRITES: dict[str, Callable[[BaseCloudEvent], http.HTTPMessage]] = {
    "structured": http.to_structured_event,
    "binary": http.to_binary_event,
}


def example(event_type: str, kind: str) -> dict[str, Any]:
    """Return an example with a time: to an event without one the SDK would give the present."""
    return {"time": "2026-11-22T21:40:00Z"} | getattr(examples_of(event_type), kind)


def understood(event: BaseCloudEvent) -> dict[str, Any]:
    """Return an event as the SDK holds it, times written as our examples write them."""
    attributes = dict(event.get_attributes())
    if "time" in attributes:
        attributes["time"] = attributes["time"].isoformat().replace("+00:00", "Z")
    return {**attributes, "data": event.get_data()}


def by_sdk(document: dict[str, Any]) -> BaseCloudEvent:
    return http.from_structured_event(http.HTTPMessage({"content-type": STRUCTURED}, json.dumps(document).encode()))


@pytest.mark.parametrize(("event_type", "kind"), MADE)
def test_the_sdk_reads_what_we_show(event_type: str, kind: str) -> None:
    """A developer who begins with the SDK finds every attribute and all of the data where the standard says."""
    document = example(event_type, kind)
    assert understood(by_sdk(document)) == document


@pytest.mark.parametrize("mode", WRITES)
@pytest.mark.parametrize(("event_type", "kind"), MADE)
def test_an_event_goes_round_through_the_sdk(event_type: str, kind: str, mode: str) -> None:
    """Written by the SDK in either content mode and read by it again, it is the same event."""
    document = example(event_type, kind)
    assert understood(READS[mode](WRITES[mode](by_sdk(document)))) == document


@pytest.mark.parametrize("mode", WRITES)
@pytest.mark.parametrize(("event_type", "kind"), [made for made in MADE if not CATALOGUE[made[0]].derived])
def test_the_hub_reads_what_the_sdk_writes(event_type: str, kind: str, mode: str) -> None:
    """The headers and bodies that the SDK makes are understood at our door, in either content mode, as the same."""
    document = example(event_type, kind)
    message = WRITES[mode](by_sdk(document))
    headers = {name.lower(): value for name, value in message.headers.items()}
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
    read = parse_event(HttpClerk().read(headers, body))
    sent = parse_event({"datacontenttype": "application/json"} | document if mode == "binary" else document)
    assert read == sent


@pytest.mark.parametrize("name", RECEIVED)
def test_the_sdk_reads_what_a_recipient_gets(name: str) -> None:
    """Our extension attributes are proper ones: the SDK takes them, and finds them again."""
    event = by_sdk(RECEIVED[name])
    assert event.get_extension("concordatsequence") == RECEIVED[name]["concordatsequence"]
    assert understood(event) == RECEIVED[name]


def test_the_sdk_would_notice() -> None:
    """An event without its type is refused by the SDK too."""
    document = example(TYPES[0], "minimal")
    del document["type"]
    with pytest.raises(CloudEventValidationError, match="type"):
        by_sdk(document)

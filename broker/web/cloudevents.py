"""CloudEvents over HTTP: structured, binary and batched content modes (HTTP protocol binding 1.0.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import Request

from broker.flows.check import TooLarge
from broker.web.body import media_type, parse_json, read_body
from broker.web.problems import Problem
from contracts.envelope import MAX_BATCH_EVENTS, MAX_EVENT_BYTES
from contracts.parse import Fault

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = "application/json"
MAX_BATCH_BYTES = 8 * 1024 * 1024

_PREFIX = "ce-"
_QUOTED_PAIR = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Sent:
    """What was sent: documents that claim to be CloudEvents, not yet checked."""

    documents: tuple[Any, ...]
    batch: bool = False

    def pointer(self, place: int) -> str:
        """Return the RFC 6901 pointer to one of the documents within the body."""
        return f"/{place}" if self.batch else ""


async def read_events(request: Request, *, batches: bool = True) -> Sent:
    """Read one event or a batch in any content mode. Raises Problem or TooLarge."""
    headers = [name for name, _ in request.headers.items() if name.startswith(_PREFIX)]
    modes = (STRUCTURED, BATCH) if batches else (STRUCTURED,)
    if headers and request.headers.get("content-type", "").split(";")[0].strip().lower() not in modes:
        media_type(request, BINARY)
        return Sent((await _binary(request, headers),))
    try:
        kind = media_type(request, *modes)
    except Problem as problem:
        hint = f"{problem.detail}; or {BINARY} with the attributes in {_PREFIX} headers"
        raise Problem(problem.slug, hint, headers=problem.headers) from None
    if kind == STRUCTURED:
        return Sent((await parse_json(await read_body(request, MAX_EVENT_BYTES)),))
    documents = await parse_json(await read_body(request, MAX_BATCH_BYTES))
    if not isinstance(documents, list):
        raise Problem(
            "invalid-event", errors=[Fault("", "not_an_array", "send a batch as a JSON array of CloudEvents")]
        )
    if len(documents) > MAX_BATCH_EVENTS:
        raise TooLarge
    return Sent(tuple(documents), batch=True)


async def _binary(request: Request, headers: list[str]) -> dict[str, Any]:
    if len(set(headers)) != len(headers):
        raise Problem("invalid-attribute")
    attributes = attributes_of({name: request.headers[name] for name in headers})
    if not attributes.keys().isdisjoint({"data", "data_base64", "datacontenttype", ""}):
        raise Problem(
            "invalid-attribute", "data is the body and datacontenttype is Content-Type: neither has a ce- header"
        )
    data = await parse_json(await read_body(request, MAX_EVENT_BYTES))
    return {**attributes, "datacontenttype": BINARY, "data": data}


def attributes_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes that ce- headers carry, given by lower-case names. Raises Problem."""
    return {
        name.removeprefix(_PREFIX): _attribute(value) for name, value in headers.items() if name.startswith(_PREFIX)
    }


def _attribute(value: str) -> str:
    """Undo quoting and one round of percent-encoding (HTTP protocol binding, section 3.1.3.2)."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = _QUOTED_PAIR.sub(r"\1", value[1:-1])
    try:
        # Header bytes arrive as Latin-1; what is not percent-encoded must be printable ASCII.
        return unquote_to_bytes(value.encode("ascii")).decode()
    except UnicodeError:
        raise Problem("invalid-attribute") from None

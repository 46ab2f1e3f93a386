"""CloudEvents over HTTP: structured, binary and batched content modes (HTTP protocol binding 1.0.2)."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from broker.flows.check import TooLarge
from broker.web.body import parse_json, read_body
from broker.web.content_modes import BATCH, BINARY, PREFIX, STRUCTURED, Mode, binary_event, mode_of
from broker.web.problems import Problem
from contracts.envelope import MAX_BATCH_EVENTS, MAX_EVENT_BYTES
from contracts.parse import Fault

MAX_BATCH_BYTES = 8 * 1024 * 1024
_ELSEWHERE = frozenset({"datacontenttype"})
"""In binary mode Content-Type says it (section 3.1.1)."""


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
    types = request.headers.getlist("content-type")
    mode = mode_of(types[0] if types else "", request.headers.keys()) if len(types) < 2 else None  # noqa: PLR2004 (one)
    taken = {Mode.STRUCTURED, Mode.BINARY} | ({Mode.BATCH} if batches else set())
    if mode not in taken or not types:
        modes = f"{STRUCTURED}, {BATCH}" if batches else STRUCTURED
        raise Problem(
            "unsupported-media-type",
            f"send one of {modes}, in UTF-8; or {BINARY} with the attributes in {PREFIX} headers",
            headers={"accept": f"{modes}, {BINARY}"},
        )
    if mode is Mode.BINARY:
        data = await parse_json(await read_body(request, MAX_EVENT_BYTES))
        return Sent((binary_event(request.headers.items(), data, reserved=_ELSEWHERE),))
    if mode is Mode.STRUCTURED:
        return Sent((await parse_json(await read_body(request, MAX_EVENT_BYTES)),))
    documents = await parse_json(await read_body(request, MAX_BATCH_BYTES))
    if not isinstance(documents, list):
        raise Problem(
            "invalid-event", errors=[Fault("", "not_an_array", "send a batch as a JSON array of CloudEvents")]
        )
    if len(documents) > MAX_BATCH_EVENTS:
        raise TooLarge
    return Sent(tuple(documents), batch=True)

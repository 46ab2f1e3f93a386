"""Publishing: one event or a batch, all or nothing; and asking first who would be told."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Security
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from broker.flows import check
from broker.flows.check import Incoming, TooLarge
from broker.flows.preview import preview
from broker.flows.publish import Publish, Published, RefusedInBatch, written
from broker.web.answers import Json
from broker.web.auth import bearer
from broker.web.cloudevents import Sent, read_events
from broker.web.content_modes import BATCH, BINARY, STRUCTURED
from broker.web.faults import refused
from broker.web.problems import MAX_FAULTS, Problem, may
from broker.web.queries import accepts
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session
from contracts.disclosure import Receipt
from contracts.parse import Fault, InvalidEvent

router = APIRouter(prefix="/v1/events", tags=["events"], dependencies=[Depends(accepts("application/json"))])

_EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "01JD6QK3Z8T0V5W2N4Y6B8C0D1",
    "source": "/agencies/northmere-police",
    "type": "concordat.child.located.v1",
    "subject": "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX",
    "time": "2026-11-22T21:40:00Z",
    "datacontenttype": "application/json",
    "data": {"…": "see /schemas/<type>.json"},
}
_EVENT = {"type": "object", "description": "a CloudEvent; its schema is at /schemas/<type>.json"}
_SINGLE = {
    STRUCTURED: {"schema": _EVENT, "example": _EXAMPLE},
    BINARY: {"schema": {"type": "object", "description": "`data`, with the attributes in ce- headers"}},
}
_LIST = {"type": "array", "items": _EVENT, "maxItems": 500, "description": "all are taken or none"}
_REFUSALS = (
    "invalid-attribute",
    "invalid-event",
    "source-mismatch",
    "not-registered",
    "not-entitled",
    "unknown-episode",
    "unknown-child",
    "unknown-disclosure",
    "id-reused",
    "handle-mismatch",
    "episode-exists",
    "placement-exists",
    "episode-closed",
    "not-closable",
    "not-reopenable",
    "handover-pending",
    "no-open-offer",
    "erased",
)
"""What an event may be refused for, besides what any body may be."""
_Surface = Annotated[Surface, Depends(surface_of)]
_INLINE_BYTES = 8 * 1024
"""Below this, checking takes less than the way to a thread and back, where other threads want the interpreter too."""
_Publisher = Annotated[Session, Security(bearer, scopes=["publish"])]


def _body(content: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": content}} | may(*_REFUSALS)


@router.post(
    "",
    status_code=201,
    response_model=Receipt | list[Receipt],
    summary="Publish an event, or a batch",
    openapi_extra=_body({**_SINGLE, BATCH: {"schema": _LIST}}),
    responses={200: {"description": "It was accepted before: the same receipt", "model": Receipt | list[Receipt]}},
)
async def publish_events(request: Request, surface: _Surface, session: _Publisher) -> Response:
    """Answer with the receipt: who has been told, who has not and why, and who must be rung."""
    sent = await read_events(request)
    incoming = await _check(request, sent)
    published: list[Published] = []
    try:
        if incoming:
            published = await surface.hub.sequencer.place(Publish(session.agency, incoming))
    except RefusedInBatch as error:
        raise _problem(sent, error) from None
    for one in published:
        if not one.replayed:
            surface.meters.accepted(one.told)
    receipts = [one.written for one in published]
    status = 200 if all(one.replayed for one in published) else 201
    return Json(b"[" + b",".join(receipts) + b"]" if sent.batch else receipts[0], status)


@router.post(
    "/validate",
    response_model=Receipt,
    summary="Ask who would be told of an event",
    openapi_extra=_body(_SINGLE),
)
async def validate(request: Request, surface: _Surface, session: _Publisher) -> Response:
    """Answer with the receipt that publishing would give now. Nothing is kept but that it was asked."""
    sent = await read_events(request, batches=False)
    (incoming,) = await _check(request, sent)
    parts = surface.hub.parts
    receipt = await surface.hub.sequencer.submit(lambda draft: preview(draft, session.agency, incoming, parts))
    return Json(written(receipt))


async def _check(request: Request, sent: Sent) -> list[Incoming]:
    """Check what was sent, in a thread unless the request says that it is small."""
    small = int(request.headers.get("content-length", _INLINE_BYTES)) < _INLINE_BYTES
    return _checked(sent) if small else await run_in_threadpool(_checked, sent)


def _checked(sent: Sent) -> list[Incoming]:
    """Check every event against its contract, and say every fault of the whole batch at once."""
    incoming: list[Incoming] = []
    faults: list[Fault] = []
    for place, document in enumerate(sent.documents):
        try:
            incoming.append(check.read(document))
        except InvalidEvent as error:
            faults.extend(_at(sent.pointer(place), error))
        except TooLarge:
            too_large = Fault(sent.pointer(place), "too_large", "an event has at most 256 KiB")
            raise Problem("too-large", errors=[too_large]) from None
        if len(faults) >= MAX_FAULTS:
            break
    if faults:
        raise Problem("invalid-event", errors=faults)
    return incoming


def _at(prefix: str, error: InvalidEvent) -> list[Fault]:
    return [Fault(prefix + fault.pointer, fault.code, fault.message) for fault in error.faults]


def _problem(sent: Sent, error: RefusedInBatch) -> Problem:
    prefix = sent.pointer(error.place)
    if isinstance(error.reason, InvalidEvent):
        return Problem("invalid-event", errors=_at(prefix, error.reason))
    return refused(error.reason, prefix)

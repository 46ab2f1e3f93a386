"""The mailbox as a stream of server-sent events."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Security
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from broker.web.auth import bearer
from broker.web.feed import Wanted, stream
from broker.web.problems import may
from broker.web.queries import After, EpisodeId, Types, accepts, position
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session

EVENT_STREAM = "text/event-stream"

router = APIRouter(prefix="/v1/feed", tags=["mailbox"], dependencies=[Depends(accepts(EVENT_STREAM))])


class EventStream(StreamingResponse):
    """An answer that goes on until its reader, its token or the server does not."""

    media_type = EVENT_STREAM

    def __init__(self, messages: AsyncGenerator[bytes, None]) -> None:
        # A proxy must not hold messages back until it has a bufferful.
        super().__init__(messages, headers={"x-accel-buffering": "no"})
        self._messages = messages

    async def stream_response(self, send: Send) -> None:
        # A reader that has gone leaves at once: its place and its wake-ups are not kept until they are collected.
        async with aclosing(self._messages):
            await super().stream_response(send)


@router.get(
    "",
    status_code=200,
    response_class=EventStream,
    summary="Receive the agency's mailbox as it grows",
    openapi_extra=may("invalid-position"),
)
async def feed(
    surface: Annotated[Surface, Depends(surface_of)],
    session: Annotated[Session, Security(bearer, scopes=["subscribe"])],
    after: After = None,
    types: Types = [],  # noqa: B006 (FastAPI copies it)
    episode: EpisodeId = None,
    named: Annotated[bool, Query(description="send an `event:` line with the type")] = False,
    last_event_id: Annotated[str | None, Header(description="wins over `after`")] = None,
) -> Response:
    """Answer with messages in order, `id: <generation>.<number>`, and a heartbeat whenever it was quiet for a while."""
    # A browser that has no last id yet may send an empty one.
    given = last_event_id or after
    wanted = Wanted(position(given), tuple(types), episode, named)
    return EventStream(stream(surface, session, wanted))

"""The mailbox as a stream of server-sent events."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Security
from starlette.responses import Response, StreamingResponse

from broker.web.auth import bearer
from broker.web.feed import Wanted, stream
from broker.web.queries import After, EpisodeId, Types, accepts, position
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session

router = APIRouter(prefix="/v1/feed", tags=["mailbox"])

EVENT_STREAM = "text/event-stream"


class EventStream(StreamingResponse):
    """An answer that goes on."""

    media_type = EVENT_STREAM


@router.get(
    "",
    response_class=EventStream,
    summary="Receive the agency's mailbox as it grows",
    dependencies=[Depends(accepts(EVENT_STREAM))],
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
    return EventStream(stream(surface, session, wanted), headers={"x-accel-buffering": "no"})

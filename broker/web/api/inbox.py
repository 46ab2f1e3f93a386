"""The same mailbox by polling."""

from typing import Annotated

from fastapi import APIRouter, Depends, Security
from starlette.responses import Response

from broker.web.answers import Json
from broker.web.auth import bearer
from broker.web.feed import Wanted, confirm_up_to, gap_of, read_page
from broker.web.problems import may
from broker.web.queries import DEFAULT_LIMIT, After, EpisodeId, Limit, Types, accepts, position
from broker.web.shapes.mailbox import InboxPage
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session

router = APIRouter(prefix="/v1/inbox", tags=["mailbox"], dependencies=[Depends(accepts("application/json"))])


@router.get(
    "",
    response_model=InboxPage,
    summary="Read the agency's mailbox on from a position",
    openapi_extra=may("invalid-position"),
)
async def inbox(
    surface: Annotated[Surface, Depends(surface_of)],
    session: Annotated[Session, Security(bearer, scopes=["subscribe"])],
    after: After = None,
    types: Types = [],  # noqa: B006 (FastAPI copies it)
    episode: EpisodeId = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response:
    """Answer with messages in order and `next`, the position to ask after; a gap comes first, as an event."""
    wanted = Wanted(position(after), tuple(types), episode)
    await confirm_up_to(surface, session.agency, wanted, "inbox")
    page = await read_page(surface, session.agency, wanted.after, limit, wanted)
    items = list(page.items)
    if page.gap and wanted.after is not None:
        items.insert(0, gap_of(surface, wanted.after, page))
    # The messages are JSON already: they leave as they were committed to.
    return Json(b'{"items":[%b],"next":"%b"}' % (b",".join(items), str(page.next).encode()))

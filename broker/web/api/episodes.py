"""Episodes as one agency may see them, and who has been told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Security
from starlette.responses import Response

from broker.flows.episodes import episode_as_seen, list_episodes
from broker.flows.told import matrix
from broker.web.answers import Json
from broker.web.auth import bearer
from broker.web.problems import Problem
from broker.web.queries import DEFAULT_LIMIT, Cursor, Limit, accepts, opened, page
from broker.web.shapes.common import Page
from broker.web.shapes.mailbox import Episode, EpisodeHead, ToldMatrix
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session
from contracts.identifiers import UNIQUE_ID

router = APIRouter(prefix="/v1/episodes", tags=["episodes"], dependencies=[Depends(accepts("application/json"))])

_Surface = Annotated[Surface, Depends(surface_of)]
_Reader = Annotated[Session, Security(bearer, scopes=["subscribe"])]
_Id = Annotated[str, Path(pattern=UNIQUE_ID, description="the episode's id")]


@router.get("", response_model=Page[EpisodeHead], summary="List the episodes that the agency has a part in")
async def list_all(
    surface: _Surface, session: _Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """Answer with a page of episodes."""
    start = opened(cursor)
    return Json(page(await surface.read(lambda view: list_episodes(view, session.agency, start, limit))))


@router.get("/{episode_id}", response_model=Episode, summary="See one episode")
async def show(surface: _Surface, session: _Reader, episode_id: _Id) -> Response:
    """Answer with the episode, made of what this agency published and was told of."""
    seen = await surface.read(lambda view: episode_as_seen(view, session.agency, episode_id))
    if seen is None:
        raise Problem("not-found")
    return Json(seen)


@router.get("/{episode_id}/told", response_model=ToldMatrix, summary="See who has been told")
async def told(surface: _Surface, session: _Reader, episode_id: _Id) -> Response:
    """Answer with who was told, whose machine holds it, who has seen it and who acts."""
    parts = surface.hub.parts
    seen = await surface.read(lambda view: matrix(view, session.agency, episode_id, parts))
    if seen is None:
        raise Problem("not-found")
    return Json(seen)

"""The ledger in public formats: C2SP tlog-checkpoint and tlog-tiles, without entry bundles."""

from typing import Annotated

from fastapi import APIRouter, Depends, Security
from starlette.responses import PlainTextResponse, Response

from broker.ports.store import View
from broker.web.api.disclosures import not_yet
from broker.web.auth import bearer
from broker.web.problems import Problem, may
from broker.web.queries import accepts
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session
from contracts.tiles import Tile, width_at
from contracts.verification_error import MalformedError

router = APIRouter(
    prefix="/v1/ledger", tags=["ledger"], dependencies=[Depends(accepts("text/plain", "application/octet-stream"))]
)

_Surface = Annotated[Surface, Depends(surface_of)]
_Anybody = Annotated[Session, Security(bearer, scopes=[])]


class Octets(Response):
    """Hashes, one after another."""

    media_type = "application/octet-stream"


@router.get(
    "/checkpoint",
    response_class=PlainTextResponse,
    summary="Get the latest published checkpoint",
    openapi_extra=may("not-yet-published"),
)
async def checkpoint(surface: _Surface, _session: _Anybody) -> Response:
    """Answer with the signed note; 404 with Retry-After before the first."""
    latest = await surface.read(lambda view: view.latest_checkpoint())
    if latest is None:
        raise not_yet(surface)
    return PlainTextResponse(latest.note)


@router.get(
    "/tile/{path:path}",
    response_class=Octets,
    summary="Get a tile: <L>/<N>[.p/<W>]",
    openapi_extra=may("not-yet-published"),
)
async def tile(surface: _Surface, _session: _Anybody, path: str) -> Response:
    """Answer with the tile's hashes, if the latest published checkpoint covers it."""
    try:
        wanted = Tile.parse(path)
    except MalformedError:
        raise Problem("not-found") from None

    def look(view: View) -> bytes | None:
        latest = view.latest_checkpoint()
        if latest is None or width_at(wanted.level, wanted.index, latest.size) < wanted.width:
            return None
        return b"".join(view.nodes(wanted.level, wanted.start, wanted.width))

    hashes = await surface.read(look)
    if hashes is None:
        raise not_yet(surface)
    return Octets(hashes)


@router.get("/verifier-key", response_class=PlainTextResponse, summary="Get the ledger's verifier key")
async def verifier_key(surface: _Surface) -> Response:
    """Answer with the key as text (C2SP signed-note)."""
    return PlainTextResponse(surface.hub.signer.vkey + "\n")

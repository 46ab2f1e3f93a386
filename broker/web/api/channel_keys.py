"""The keys that an agency's messages in NATS are sealed under, handed over wrapped."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Security
from starlette.responses import Response

from broker.delivery.jwe import MEDIA_TYPE
from broker.flows.channel_keys import wrapped
from broker.ports.store import View
from broker.web.auth import bearer
from broker.web.problems import Problem, may
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session

router = APIRouter(prefix="/v1/channel-keys", tags=["nats"])

_Surface = Annotated[Surface, Depends(surface_of)]
_Subscriber = Annotated[Session, Security(bearer, scopes=["subscribe"])]
_Kid = Annotated[str, Path(pattern=r"^[0-9A-Z]{26}$", description="`kid` in the header of a message's JWE")]


class Jose(Response):
    """A JWE around the key as a JWK."""

    media_type = MEDIA_TYPE


@router.get(
    "/{kid}",
    summary="Fetch a channel key, wrapped to your registered encryption key",
    response_class=Jose,
    openapi_extra=may("no-encryption-key"),
)
async def channel_key(surface: _Surface, session: _Subscriber, kid: _Kid) -> Response:
    """Answer with a compact JWE (ECDH-ES+A256KW, A256GCM) to the agency's newest JWK of `"use": "enc"`."""

    def look(view: View) -> str:
        caller = next((one for one in view.agencies() if one.id == session.agency), None)
        if caller is None:
            raise Problem("not-found")
        return wrapped(view, caller, kid, surface.hub.parts)

    return Jose(await surface.read(look))

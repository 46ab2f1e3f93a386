"""Bearer tokens at the door (RFC 6750): who speaks, whether they may, and whether they are still registered."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.openapi.models import OAuth2, OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase

from broker.flows.consult import Caller
from broker.web.problems import Problem
from broker.web.surface import Surface, surface_of
from broker.web.tokens import InvalidToken, Session

SCOPE_MEANINGS = {
    "publish": "publish events",
    "subscribe": "receive the agency's own mailbox, acknowledge, see its episodes",
    "audit": "see what the agency disclosed and received; read and sign protocols",
    "oversight": "see every disclosure; no values",
    "admin": "register agencies and their keys",
}


class Bearer(SecurityBase):
    """Takes a token that grants at least one of the scopes asked for; with none asked for, any valid token."""

    def __init__(self) -> None:
        flow = OAuthFlowClientCredentials(tokenUrl="/oauth2/token", scopes=SCOPE_MEANINGS)
        self.model = OAuth2(
            flows=OAuthFlows(clientCredentials=flow), description="client credentials with private_key_jwt (RFC 7523)"
        )
        self.scheme_name = "oauth2"

    async def __call__(
        self, request: Request, asked: SecurityScopes, surface: Annotated[Surface, Depends(surface_of)]
    ) -> Session:
        """Return the session; Problem 401 without a valid token, 403 without the scope."""
        session = await session_of(request, surface)
        if asked.scopes and session.scopes.isdisjoint(asked.scopes):
            raise insufficient(asked.scopes)
        return session


def insufficient(scopes: list[str]) -> Problem:
    """Return the problem of a token whose scopes do not reach."""
    wanted = " or ".join(scopes)
    challenge = f'Bearer error="insufficient_scope", scope="{" ".join(scopes)}"'
    return Problem(
        "insufficient-scope", f"this needs a token with the scope {wanted}", headers={"www-authenticate": challenge}
    )


async def session_of(request: Request, surface: Surface) -> Session:
    """Return who speaks, by the one Authorization header; Problem 401 otherwise."""
    given = request.headers.getlist("authorization")
    if not given:
        raise Problem("unauthorized", headers={"www-authenticate": "Bearer"})
    scheme, _, text = given[0].partition(" ")
    if len(given) != 1 or scheme.lower() != "bearer":
        raise _invalid("send one header Authorization: Bearer <token>")
    try:
        session = surface.tokens.read(text.strip())
    except InvalidToken:
        raise _invalid("the token is not valid, or has expired: get a new one from /oauth2/token") from None
    agency = await surface.directory.registered(session.agency)
    if agency is None:
        raise _invalid("this agency is not registered at this hub, or no longer")
    # What has been taken from the agency since is no longer granted by its token either.
    return replace(session, scopes=session.scopes & agency.scopes)


def _invalid(detail: str) -> Problem:
    return Problem("unauthorized", detail, headers={"www-authenticate": 'Bearer error="invalid_token"'})


def caller_of(session: Session) -> Caller:
    """Return the session as the flows ask for it."""
    return Caller(session.agency, session.scopes)


bearer = Bearer()

"""The token endpoint and what a client finds out about it (RFC 6749, RFC 7523, RFC 8414)."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from broker.ports.store import StoreUnavailable
from broker.web.answers import Json
from broker.web.assertions import ALGORITHMS, UNPROVEN, InvalidAssertion, claimed_agency, verify_assertion
from broker.web.body import read_body
from broker.web.problems import RETRY_SECONDS, Problem
from broker.web.replays import TooManyAssertions
from broker.web.shapes.registry import KeySet, ServerMetadata, Token, TokenError
from broker.web.surface import Surface, surface_of
from broker.web.tokens import SCOPES
from contracts.agency import Agency

router = APIRouter(tags=["tokens"])

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MAX_FORM_BYTES = 16 * 1024
_FORM = "application/x-www-form-urlencoded"
_FIELDS = {
    "grant_type": {"const": "client_credentials"},
    "client_assertion_type": {"const": ASSERTION_TYPE},
    "client_assertion": {"type": "string", "description": "JWT signed with a registered key: iss = sub = agency id"},
    "scope": {"type": "string", "description": "space-separated; all that the agency has, if left out"},
}
_DESCRIBED = {
    "requestBody": {
        "required": True,
        "content": {
            _FORM: {
                "schema": {
                    "type": "object",
                    "properties": _FIELDS,
                    "required": ["grant_type", "client_assertion_type", "client_assertion"],
                }
            }
        },
    }
}

_log = structlog.get_logger("concordat.web")


class _Refusal(Exception):
    """An error of RFC 6749 section 5.2."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.status = status


@router.post(
    "/oauth2/token",
    summary="Get an access token by private_key_jwt",
    openapi_extra=_DESCRIBED,
    response_model=Token,
    responses={
        400: {"description": "The request is not one that can be granted", "model": TokenError},
        401: {"description": "invalid_client: the assertion proves nothing", "model": TokenError},
        503: {"description": "temporarily_unavailable: ask again after Retry-After seconds", "model": TokenError},
    },
)
async def token(request: Request, surface: Annotated[Surface, Depends(surface_of)]) -> Response:
    """Answer a client credentials grant with an access token."""
    try:
        granted = await _grant(request, surface)
    except _Refusal as refusal:
        _log.info("token_refused", error=refusal.code, reason=refusal.description)
        said = {"error": refusal.code, "error_description": refusal.description}
        retry = {"retry-after": str(RETRY_SECONDS)} if refusal.status == 503 else {}  # noqa: PLR2004 (unavailable)
        return Json(said, refusal.status, {"pragma": "no-cache"} | retry)
    return Json(granted, headers={"pragma": "no-cache"})


async def _grant(request: Request, surface: Surface) -> dict[str, Any]:
    form = await _form(request)
    if form.get("grant_type") != "client_credentials":
        raise _Refusal(
            "unsupported_grant_type" if "grant_type" in form else "invalid_request",
            "send grant_type=client_credentials",
        )
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
        raise _Refusal("invalid_client", f"send client_assertion and client_assertion_type={ASSERTION_TYPE}", 401)
    agency = await _authenticated(form, surface)
    scopes = _scopes(form.get("scope"), agency)
    return {
        "access_token": surface.tokens.issue(agency.id, scopes),
        "token_type": "Bearer",
        "expires_in": surface.tokens.lifetime,
        "scope": " ".join(scope for scope in SCOPES if scope in scopes),
    }


async def _form(request: Request) -> dict[str, str]:
    if request.query_params:
        raise _Refusal("invalid_request", "send the parameters in the body, not in the URL")
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        raise _Refusal("invalid_request", f"send {_FORM}")
    try:
        body = await read_body(request, _MAX_FORM_BYTES)
        pairs = parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=20, errors="strict")
    except (Problem, ValueError):
        raise _Refusal("invalid_request", f"send a form of at most {_MAX_FORM_BYTES} bytes") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _Refusal("invalid_request", "send each parameter once")
    return form


async def _authenticated(form: dict[str, str], surface: Surface) -> Agency:
    """Return the agency that the assertion proves. One answer for an unknown agency and for a wrong key."""
    try:
        agency = await surface.directory.registered(claimed_agency(form["client_assertion"]))
        await run_in_threadpool(_prove, form, agency, surface)
    except InvalidAssertion as error:
        raise _Refusal("invalid_client", str(error), 401) from None
    except (TooManyAssertions, StoreUnavailable):
        raise _Refusal(
            "temporarily_unavailable", "the hub is busy: ask again soon, with a new assertion", 503
        ) from None
    assert agency is not None  # noqa: S101 (nobody proves to be an agency that is not registered)
    return agency


def _prove(form: dict[str, str], agency: Agency | None, surface: Surface) -> None:
    now = surface.tokens.now()
    if agency is None:
        raise InvalidAssertion(UNPROVEN)
    if form.get("client_id", agency.id) != agency.id:
        raise InvalidAssertion("client_id, if sent, is the agency's id")
    audiences = frozenset({surface.settings.issuer, surface.settings.token_endpoint})
    assertion = verify_assertion(form["client_assertion"], agency, audiences, now)
    if not surface.replays.is_first(agency.id, assertion.id, assertion.expires, now):
        raise InvalidAssertion("the assertion has been used before: make a new one, with a new jti, for each request")


def _scopes(asked: str | None, agency: Agency) -> frozenset[str]:
    granted = agency.scopes & frozenset(SCOPES)
    wanted = granted if asked is None else frozenset(asked.split())
    if not wanted or not wanted <= granted:
        raise _Refusal("invalid_scope", "ask only for scopes that the hub's operator has granted to this agency")
    return wanted


@router.get(
    "/.well-known/oauth-authorization-server",
    response_model=ServerMetadata,
    summary="How to get a token (RFC 8414)",
)
async def metadata(surface: Annotated[Surface, Depends(surface_of)]) -> Response:
    """Answer with the authorization server's metadata."""
    settings = surface.settings
    return Json(
        {
            "issuer": settings.issuer,
            "token_endpoint": settings.token_endpoint,
            "jwks_uri": f"{settings.issuer}/.well-known/jwks.json",
            "scopes_supported": list(SCOPES),
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "service_documentation": f"{settings.issuer}/openapi.json",
        }
    )


@router.get("/.well-known/jwks.json", response_model=KeySet, summary="The hub's token keys (RFC 7517)")
async def jwks(surface: Annotated[Surface, Depends(surface_of)]) -> Response:
    """Answer with the public keys that the hub's tokens are signed with."""
    return Json(surface.tokens.jwks())

"""For operators: is it alive, is it ready, what does it count?"""

import asyncio
import hmac
import ipaddress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from broker.flows.turns import Overloaded
from broker.ports.store import StoreUnavailable
from broker.ports.vault import VaultUnavailable
from broker.web.answers import Json
from broker.web.auth import insufficient, session_of
from broker.web.meters import CONTENT_TYPE
from broker.web.shapes.registry import Alive, Readiness
from broker.web.surface import Surface, surface_of

router = APIRouter(tags=["operations"])

PATIENCE = 2.0
"""Seconds in which each part must answer to count as ready."""
_Surface = Annotated[Surface, Depends(surface_of)]


@router.get("/livez", response_model=Alive, summary="Is the process alive?")
async def livez() -> Response:
    """Answer at once, whatever state the parts are in."""
    return Json({"status": "alive"})


@router.get(
    "/readyz",
    response_model=Readiness,
    summary="Can the hub take events?",
    responses={503: {"description": "A part is away", "model": Readiness}},
)
async def readyz(surface: _Surface) -> Response:
    """Answer 200 if database, key store and sequencer all answer; 503 names those that do not."""
    checks = {"database": _database(surface), "vault": _vault(surface), "sequencer": _sequencer(surface)}
    states = dict(zip(checks, await asyncio.gather(*checks.values()), strict=True))
    ready = all(states.values())
    said: dict[str, Any] = {
        "status": "ready" if ready else "not ready",
        "parts": {name: "ok" if ok else "away" for name, ok in states.items()},
    }
    if surface.nats_state is not None:
        # It is shown and not counted: without NATS the hub takes events, and feeds and webhooks go out.
        state = surface.nats_state()
        said["parts"]["nats"] = "ok" if state == "sound" else state
    return Json(said) if ready else Json(said, 503, {"retry-after": "2"})


@router.get(
    "/metrics",
    summary="Metrics in the Prometheus text format",
    response_class=PlainTextResponse,
    openapi_extra={"security": [{}, {"oauth2": ["admin"]}]},
)
async def metrics(request: Request, surface: _Surface) -> Response:
    """Answer to the operator: the static token or one with the scope admin; without a static one, loopback too."""
    if not _is_operator(request, surface):
        session = await session_of(request, surface)
        if "admin" not in session.scopes:
            raise insufficient(["admin"])
    return Response(surface.meters.text(), media_type=CONTENT_TYPE)


def _is_operator(request: Request, surface: Surface) -> bool:
    static = surface.settings.metrics_token
    if static is None:
        # Behind a proxy on the same machine everybody would seem to come from it.
        direct = {"forwarded", "x-forwarded-for"}.isdisjoint(request.headers)
        return direct and request.client is not None and _is_loopback(request.client.host)
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {static}".encode())


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _database(surface: Surface) -> bool:
    try:
        await asyncio.wait_for(surface.read(lambda view: view.registry_version()), PATIENCE)
    except (StoreUnavailable, TimeoutError):
        return False
    return True


async def _vault(surface: Surface) -> bool:
    try:
        await asyncio.wait_for(run_in_threadpool(surface.hub.parts.vault.floor), PATIENCE)
    except (VaultUnavailable, TimeoutError):
        return False
    return True


async def _sequencer(surface: Surface) -> bool:
    """A step that changes nothing goes through: the sequencer runs, and the writers' lock can be had."""
    try:
        await asyncio.wait_for(surface.hub.sequencer.submit(lambda _draft: None), PATIENCE)
    except Overloaded:
        return True
    except (StoreUnavailable, VaultUnavailable, TimeoutError):
        return False
    return True

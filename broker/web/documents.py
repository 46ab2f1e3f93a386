"""The documents that other people's tools read: the schema of each event type, and the AsyncAPI document."""

import hashlib
from functools import cache
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Path
from starlette.responses import Response

from broker.web.problems import Problem
from broker.web.surface import Surface, surface_of
from contracts import asyncapi
from contracts.catalogue import UnknownType
from contracts.json_schema import schema_of

router = APIRouter(tags=["documents"])

SCHEMA = "application/schema+json"
ASYNCAPI = "application/vnd.aai.asyncapi+json;version=3.0.0"
_KEPT = "public, max-age=300"
"""Documents change only with a release of the hub; five minutes after one everybody has the new ones."""
_IfNoneMatch = Annotated[str | None, Header(description="the ETag of the copy that the caller has")]
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "The caller's copy is the document"}}


def _content(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The document", "content": {media_type: {"schema": {"type": "object"}}}}} | _UNCHANGED


@router.get(
    "/schemas/{name}.json",
    summary="Get the JSON Schema of an event type",
    response_class=Response,
    responses=_content(SCHEMA),
)
async def schema(
    name: Annotated[str, Path(max_length=100, examples=["concordat.child.located.v1"])],
    if_none_match: _IfNoneMatch = None,
) -> Response:
    """Answer with the schema of the whole CloudEvent as it is published (draft 2020-12)."""
    try:
        return _document(_schema(name), SCHEMA, if_none_match)
    except UnknownType:
        raise Problem("not-found") from None


@router.get(
    "/asyncapi.json",
    summary="Get the AsyncAPI document: NATS, webhooks and the feed",
    response_class=Response,
    responses=_content(ASYNCAPI),
)
async def asyncapi_document(
    surface: Annotated[Surface, Depends(surface_of)], if_none_match: _IfNoneMatch = None
) -> Response:
    """Answer with the AsyncAPI 3.0 document, which names this hub."""
    return _document(_asyncapi(surface.settings.issuer), ASYNCAPI, if_none_match)


@cache
def _schema(name: str) -> bytes:
    return orjson.dumps(schema_of(name))


@cache
def _asyncapi(hub: str) -> bytes:
    return orjson.dumps(asyncapi.document(hub))


def _document(body: bytes, media_type: str, known: str | None) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": _KEPT}
    if known is not None and _is_among(tag, known):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers | {"content-type": media_type})


def _is_among(tag: str, known: str) -> bool:
    """Compare weakly, as If-None-Match asks for (RFC 9110, section 13.1.2)."""
    return known.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in known.split(",")}

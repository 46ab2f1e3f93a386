"""Bodies: read within their limit, understood as strict JSON, or refused in words."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from broker.web.content_modes import MediaType
from broker.web.faults import faults_of
from broker.web.problems import Problem

MAX_BODY_BYTES = 64 * 1024
"""A body that is not events."""
MAX_DEPTH = 200
"""Levels of nesting: far more than any contract has, far fewer than a parser can be broken with."""
_MAX_DISCARDED = 16 * 1024 * 1024
"""Read beyond the limit and thrown away: a caller that is still sending would not hear the answer. Then we hang up."""
_INLINE_BYTES = 64 * 1024
"""Up to here parsing takes well under a millisecond; longer bodies are parsed in a thread."""

M = TypeVar("M", bound=BaseModel)


class _Repeated(ValueError):
    """A member name stands twice in one object: readers would not agree which one counts."""


async def read_body(request: Request, limit: int) -> bytes:
    """Read a whole body; Problem 413 if it is larger than `limit` bytes, of which no more is ever kept."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("unsupported-media-type", "send the body as it is: no content encoding is taken")
    received, size = bytearray(), 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= limit:
                received += chunk
            elif size > limit + _MAX_DISCARDED:
                break
    except ClientDisconnect:
        raise Problem("invalid-request") from None
    if size > limit:
        raise Problem("too-large", headers={"connection": "close"})
    return bytes(received)


def media_type(request: Request, *accepted: str) -> str:
    """Return which of the accepted content types the body has; Problem 415 naming them otherwise."""
    given = request.headers.getlist("content-type")
    media = MediaType.parse(given[0] if len(given) == 1 else "")
    if media.name in accepted and media.is_utf_8:
        return media.name
    raise Problem(
        "unsupported-media-type",
        f"send one of {', '.join(accepted)}, in UTF-8",
        headers={"accept": ", ".join(accepted)} if request.method == "POST" else None,
    )


async def parse_json(body: bytes) -> Any:
    """Return one JSON text; Problem 400 for anything else, for a repeated member name and for bottomless nesting."""
    return parse_text(body) if len(body) <= _INLINE_BYTES else await run_in_threadpool(parse_text, body)


def parse_text(body: bytes) -> Any:
    """Do the same at once, where the body is."""
    try:
        parsed = orjson.loads(body)
        # With no more brackets than levels it cannot be too deep.
        if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_deeper(parsed, MAX_DEPTH):
            raise Problem("not-json")
        # What is written again octet for octet had each name once: most senders' JSON is as compact as orjson's.
        if orjson.dumps(parsed) != body:
            json.loads(body.decode(), object_pairs_hook=_unrepeated)
    except _Repeated:
        raise Problem("not-json", "a member name stands twice in one object: send it once") from None
    except (ValueError, RecursionError):
        raise Problem("not-json") from None
    return parsed


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Repeated
    return members


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def body_of(shape: type[M]) -> Callable[[Request], Awaitable[M]]:
    """Make a dependency that reads a JSON body of this shape; Problem 4xx says what is wrong with it."""

    async def read(request: Request) -> M:
        media_type(request, "application/json")
        document = await parse_json(await read_body(request, MAX_BODY_BYTES))
        try:
            return shape.model_validate_json(orjson.dumps(document))
        except ValidationError as error:
            raise Problem("invalid-body", errors=faults_of(error, shape)) from None

    return read


def described(shape: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """Return what the API's description says of such a body (`openapi_extra`)."""
    schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}

"""The API's own description (OpenAPI 3.1): security, what each answer looks like, and every problem by its operation.

FastAPI knows paths, parameters and shapes. What it cannot know is added here: the problems that follow from how an
operation is made (a token, a body, a query), and those that a route names itself with `may`.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from broker.web import problems
from contracts.problem import PROBLEM_SCHEMA, TYPE_BASE

VERSION = "1"
_REFERENCE = {"$ref": "#/components/schemas/Problem"}
_ANY_OTHER = {"description": "Any other problem", "content": {problems.MEDIA_TYPE: {"schema": _REFERENCE}}}
_LATER = (429, 503)
_TOKENS = "tokens"
"""Tag of the token endpoint and what belongs to it: their errors are those of RFC 6749."""
_DESCRIPTION = f"""Tell it once; everyone entitled hears it, and no more than they may.

Tokens come from `/oauth2/token` by `private_key_jwt`. What comes in and out by NATS, webhook and feed is described at
`/asyncapi.json`, the events themselves at `/schemas/<type>.json`. Unknown query parameters are refused; unknown members
of an answer are to be ignored. Every error is a problem document (RFC 9457):

{problems.table()}
"""


def describe(app: FastAPI, hub: str) -> None:
    """Make the app answer /openapi.json with the whole truth. `hub` is the URL that agencies reach it by."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, hub)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the description


def _described(app: FastAPI, hub: str) -> dict[str, Any]:
    schema = get_openapi(
        title="Concordat", version=VERSION, description=_DESCRIPTION, routes=app.routes, servers=[{"url": hub}]
    )
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    components["Problem"] = PROBLEM_SCHEMA
    schema["components"]["examples"] = {slug: {"value": _example(slug)} for slug in problems.CATALOGUE}
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            _complete(path, operation, components)
    return schema


def _complete(path: str, operation: dict[str, Any], components: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(responses.get("422", {})):
        del responses["422"]
    by_status: dict[int, dict[str, None]] = defaultdict(dict)
    for slug in (*operation.pop("x-problems", ()), *_follows(path, operation)):
        by_status[problems.CATALOGUE[slug].status][slug] = None
    for status, slugs in sorted(by_status.items()):
        responses.setdefault(str(status), _answer(status, list(slugs)))
    responses["default"] = _ANY_OTHER
    if "security" in operation:
        operation["security"] = [one for asked in operation["security"] for one in _any_of(asked)]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        components.update(content.get("schema", {}).pop("$defs", {}))


def _follows(path: str, operation: dict[str, Any]) -> Iterator[str]:
    """Yield the problems that follow from how an operation is made."""
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    if _TOKENS not in operation["tags"]:
        yield "unknown-parameter"
    if "query" in places:
        yield "invalid-parameter"
    if "path" in places:
        yield "not-found"
    if "security" in operation:
        yield "unauthorized"
        if any(scopes for asked in operation["security"] for scopes in asked.values()):
            yield "insufficient-scope"
    if path.startswith("/v1/"):
        yield from ("not-acceptable", "overloaded", "unavailable")
        if "requestBody" in operation:
            yield from ("not-json", "too-large", "unsupported-media-type", "invalid-body")
    yield "internal"


def _answer(status: int, slugs: list[str]) -> dict[str, Any]:
    kinds = {slug: problems.CATALOGUE[slug] for slug in slugs}
    said: dict[str, Any] = {
        "description": "\n".join(f"- `{slug}`: {kind.title}" for slug, kind in kinds.items()),
        "content": {
            problems.MEDIA_TYPE: {
                "schema": {
                    "allOf": [_REFERENCE],
                    "properties": {"type": {"enum": [TYPE_BASE + slug for slug in slugs]}},
                },
                "examples": {slug: {"$ref": f"#/components/examples/{slug}"} for slug in slugs},
            }
        },
    }
    if headers := _headers(status, slugs):
        said["headers"] = headers
    return said


def _headers(status: int, slugs: list[str]) -> dict[str, Any]:
    """Describe headers that come with some of these problems; they are required where all of them have it."""
    headers = {}
    waits = slugs if status in _LATER else [slug for slug in slugs if slug == "not-yet-published"]
    if waits:
        headers["Retry-After"] = _header("seconds to wait", "integer", always=waits == slugs)
    challenged = [slug for slug in slugs if slug in ("unauthorized", "insufficient-scope")]
    if challenged:
        headers["WWW-Authenticate"] = _header("RFC 6750", "string", always=challenged == slugs)
    return headers


def _header(description: str, kind: str, *, always: bool) -> dict[str, Any]:
    return {"description": description, "required": always, "schema": {"type": kind}}


def _example(slug: str) -> dict[str, Any]:
    kind = problems.CATALOGUE[slug]
    return {
        "type": TYPE_BASE + slug,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.advice,
        "instance": "urn:uuid:5bd9ac3e-1f9c-4d3a-9f0e-4f2f8d3e1a77",
    }


def _any_of(asked: dict[str, list[str]]) -> list[dict[str, list[str]]]:
    """A route that names several scopes takes any one of them."""
    return [{scheme: [scope]} for scheme, scopes in asked.items() for scope in scopes] or [asked]


def operation_name(tags: list[Any], name: str) -> str:
    """Return the id of an operation, from which other people's tools make the name of a function."""
    return f"{tags[0]}_{name}"

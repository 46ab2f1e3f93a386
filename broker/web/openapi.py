"""The API's own description: security schemes, problem answers, and what FastAPI cannot know."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from broker.web import problems

VERSION = "1"
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457. No member ever holds a submitted value.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": [problems.TYPE_BASE + "invalid-event"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri", "description": "also in the hub's log"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "RFC 6901, or ?name for a query parameter"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_EXAMPLE = {
    "type": problems.TYPE_BASE + "invalid-event",
    "title": problems.CATALOGUE["invalid-event"].title,
    "status": 422,
    "detail": problems.CATALOGUE["invalid-event"].advice,
    "instance": "urn:uuid:5bd9ac3e-1f9c-4d3a-9f0e-4f2f8d3e1a77",
    "errors": [{"pointer": "/data/risk/level", "code": "missing", "message": "this member is required"}],
}
_DESCRIPTION = f"""Tell it once; everyone entitled hears it, and no more than they may.

Tokens come from `/oauth2/token` by `private_key_jwt`. Every error is a problem document (RFC 9457):

{problems.table()}
"""


def describe(app: FastAPI) -> None:
    """Make the app answer /openapi.json with the whole truth."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the description


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title="Concordat", version=VERSION, description=_DESCRIPTION, routes=app.routes)
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    components["Problem"] = _PROBLEM
    for operations in schema["paths"].values():
        for operation in operations.values():
            _complete(operation, components)
    return schema


def _complete(operation: dict[str, Any], components: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(responses.get("422", {})):
        del responses["422"]
    responses["default"] = {
        "description": "A problem",
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _EXAMPLE}},
    }
    if "security" in operation:
        operation["security"] = [one for asked in operation["security"] for one in _any_of(asked)]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        components.update(content.get("schema", {}).pop("$defs", {}))


def _any_of(asked: dict[str, list[str]]) -> list[dict[str, list[str]]]:
    """A route that names several scopes takes any one of them."""
    return [{scheme: [scope]} for scheme, scopes in asked.items() for scope in scopes] or [asked]

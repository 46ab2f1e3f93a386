"""The shape of a problem document (RFC 9457), as JSON Schema that every draft since 07 reads alike."""

from typing import Any

TYPE_BASE = "https://concordat.example/problems/"
"""Before the slug of a problem: its `type`."""

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. No member ever holds a submitted value.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "What went wrong, as a stable address."},
        "title": {"type": "string", "description": "The same in words."},
        "status": {"type": "integer", "description": "Status as of HTTP."},
        "detail": {"type": "string", "description": "What to do."},
        "instance": {"type": "string", "format": "uri", "description": "Stands in the hub's log too."},
        "errors": {
            "type": "array",
            "description": "Every fault of what was sent.",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "Where: RFC 6901, or ?name for a query parameter."},
                    "code": {"type": "string", "description": "Stable code of the fault."},
                    "message": {"type": "string", "description": "What to do."},
                },
            },
        },
    },
}

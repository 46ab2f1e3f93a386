"""The AsyncAPI 3.0 document: how events go in and come out over NATS, by webhook and by feed, in one file.

It describes the hub: what it *receives* an agency publishes, what it *sends* an agency gets. Source: AsyncAPI
specification 3.0.0; CloudEvents NATS protocol binding and HTTP webhooks 1.0.2; Standard Webhooks 1.0.0.
"""

from typing import Any

from contracts.asyncapi import channels, headers, messages, released, schemas, security

__all__ = ["document"]

_DESCRIPTION = """\
Tell it once; everyone entitled hears it, and no more than they may.

This document describes the hub. An operation that *receives* is one by which an agency publishes; one that *sends* is
one by which an agency gets its own mailbox. The mailbox is the same whichever way it is read, under the same ids and
numbers, and delivery is at least once: keep the id of what you have stored.

What is published satisfies the contract of its type (`<type>`). What is received (`<type>.received`) is what the
clauses of a protocol release to the recipient: any field may be absent, and a transform may stand in a value's place.
A recipient ignores members that it does not know: later contracts of the same major version may add some.

The same schemas stand alone (JSON Schema 2020-12) at `/schemas/<type>.json`; all of HTTP is described at
`/openapi.json`.
"""


def document(hub: str | None = None) -> dict[str, Any]:
    """Return the document. `hub` is the URL of the hub that serves it, such as `https://hub.northmere.example`."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:concordat:hub",
        "info": {
            "title": "Concordat",
            "version": "1",
            "description": _DESCRIPTION,
            "tags": [{"name": name, "description": said} for name, said in _TAGS.items()],
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": channels.servers(hub),
        "channels": channels.channels(),
        "operations": channels.operations(),
        "components": {
            "schemas": schemas.published() | released.schemas() | schemas.answers() | headers.schemas(),
            "messages": messages.messages(),
            "messageTraits": headers.traits(),
            "securitySchemes": security.schemes(hub),
        },
    }


_TAGS = {
    "publish": "what an agency sends to the hub",
    "receive": "what an agency gets from the hub",
}

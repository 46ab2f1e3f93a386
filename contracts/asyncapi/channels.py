"""Servers, channels and operations: over which line which messages go, and who begins."""

from typing import Any
from urllib.parse import urlsplit

from contracts.asyncapi.messages import BINARY, MAIL, PUBLISHED, feeds, webhooks
from contracts.asyncapi.replies import REPLIES
from contracts.asyncapi.schemas import publishable
from contracts.asyncapi.security import EXAMPLE_HUB, NATS_USER, SIGNATURE, TOKEN, requires

_NATS, _HUB, _DESK = "nats", "hub", "desk"
_REPLIES, _OUT, _WEBHOOK, _FEED = "replies", "out", "webhook", "feed"
_AGENCY = {"description": "The agency's id at the hub.", "examples": ["northmere-police"]}


def servers(hub: str | None) -> dict[str, Any]:
    """Return NATS, the hub's own HTTP, and an agency's system that takes webhooks."""
    address = urlsplit(hub or EXAMPLE_HUB)
    return {
        _NATS: {
            "host": "{host}:{port}",
            "protocol": "nats",
            "description": "The partnership's NATS servers, under TLS; the operator names them beside the credentials.",
            "variables": {
                "host": {"default": address.hostname or "", "description": "One of the servers."},
                "port": {"default": "4222", "description": "Its port."},
            },
            "security": requires(NATS_USER),
        },
        _HUB: {
            "host": address.netloc,
            "protocol": address.scheme,
            "description": "The hub.",
            "security": requires(TOKEN),
        },
        _DESK: {
            "host": "{host}",
            "protocol": "https",
            "description": "The agency's own system: here the hub is the client.",
            "variables": {"host": {"default": "desk.example", "description": "As in the endpoint's URL."}},
            "security": requires(SIGNATURE),
        },
    }


def channels() -> dict[str, Any]:
    """Return every channel."""
    return {
        **{_in(contract.type): _inward(contract.type) for contract in publishable()},
        _REPLIES: {
            "address": None,
            "title": "Replies",
            "description": (
                "The reply subject of the request, under the agency's own inbox prefix `_INBOX_<agency>`. No reply in "
                "time, or no responder: not accepted, send again with the same id."
            ),
            "servers": _on(_NATS),
            "messages": _named(REPLIES),
        },
        _OUT: {
            "address": "out.{account}.{type}",
            "title": "Mailbox on NATS",
            "description": (
                "Stream `OUT`. Pull from the durable consumer `<agency>` through the JetStream API prefix `HUB.API`; "
                "the inbox prefix is `_INBOX_<agency>`; an ack records the message as delivered. Messages keep the "
                "subject they are stored under, which carries the public key of the agency's account."
            ),
            "servers": _on(_NATS),
            "parameters": {
                "account": {"description": "Public key of the agency's NATS account."},
                "type": {"description": "Event type.", "examples": ["concordat.child.located.v1"]},
            },
            "messages": _named(MAIL),
        },
        _WEBHOOK: {
            "address": "/{path}",
            "title": "Webhook",
            "description": (
                "The URL of an endpoint that the agency made with `POST /v1/endpoints`. An answer of 2xx within 20 "
                "seconds records the message as delivered, 410 switches the endpoint off, 3xx is not followed, "
                "anything else is tried again for more than three days."
            ),
            "servers": _on(_DESK),
            "parameters": {"path": {"description": "As in the endpoint's URL.", "examples": ["concordat"]}},
            "messages": _named(webhooks()),
        },
        _FEED: {
            "address": "/v1/feed",
            "title": "Feed",
            "description": (
                "Server-sent events: `id: <generation>.<number>`, `data: <the event on one line>`, and with "
                "`?named=true` an `event:` line with the type. It goes on after `Last-Event-ID` or `?after=`, which "
                "records what was read before as delivered. An `id:` without data is a heartbeat."
            ),
            "servers": _on(_HUB),
            "messages": _named(feeds()),
        },
    }


def operations() -> dict[str, Any]:
    """Return what the hub does on each channel."""
    return {
        **{f"publish.{contract.type}": _publish(contract.type, contract.purpose) for contract in publishable()},
        "deliverOverNats": _send(_OUT, "A message of the mailbox, stored for the agency until it acks.", NATS_USER),
        "deliverByWebhook": _send(_WEBHOOK, "A message of the mailbox, signed and sent until it is taken.", SIGNATURE)
        | {"bindings": {"http": {"method": "POST"}}},
        "deliverByFeed": _send(_FEED, "The mailbox as it grows, while the agency listens.", TOKEN)
        | {"bindings": {"http": {"method": "GET"}}},
    }


def _in(event_type: str) -> str:
    return f"in.{event_type}"


def _inward(event_type: str) -> dict[str, Any]:
    return {
        "address": f"in.{{agency}}.{event_type}",
        "title": f"Publish {event_type}",
        "servers": _on(_NATS),
        "parameters": {"agency": _AGENCY},
        "messages": _named((PUBLISHED + event_type, BINARY + event_type)),
    }


def _publish(event_type: str, purpose: str) -> dict[str, Any]:
    return {
        "action": "receive",
        "title": f"Publish {event_type}",
        "summary": purpose,
        "description": "A request: the reply comes after the commit, with the receipt or the problem.",
        "channel": _channel(_in(event_type)),
        "messages": _of(_in(event_type), (PUBLISHED + event_type, BINARY + event_type)),
        "reply": {"channel": _channel(_REPLIES), "messages": _of(_REPLIES, REPLIES)},
        "security": requires(NATS_USER),
        "tags": [{"name": "publish"}],
    }


def _send(channel: str, summary: str, scheme: str) -> dict[str, Any]:
    return {
        "action": "send",
        "summary": summary,
        "channel": _channel(channel),
        "security": requires(scheme),
        "tags": [{"name": "receive"}],
    }


def _on(server: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/servers/{server}"}]


def _channel(name: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{name}"}


def _named(names: Any) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _of(channel: str, names: Any) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]

"""Headers of messages: NATS, the binary content mode of CloudEvents, and webhooks."""

from typing import Any

from contracts.asyncapi.mailbox import POSITION
from contracts.asyncapi.schemas import reference
from contracts.envelope import ATTRIBUTE_TEXT, CONTENT_TYPE
from contracts.identifiers import UNIQUE_ID
from contracts.json_schema import envelope_schema

STRUCTURED, BINARY, REPLY, MAIL, WEBHOOK = (
    "StructuredHeaders",
    "BinaryHeaders",
    "ReplyHeaders",
    "MailHeaders",
    "WebhookHeaders",
)
_BINARY_PREFIX = "ce-"
_TRACE = {
    "type": "string",
    "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
    "description": "W3C Trace Context.",
}


def _headers(description: str, required: tuple[str, ...], **members: Any) -> dict[str, Any]:
    properties = {name.replace("_", "-"): said for name, said in members.items()}
    return {"type": "object", "description": description, "required": list(required), "properties": properties}


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def schemas() -> dict[str, Any]:
    """Return the schema of each set of headers."""
    return {
        STRUCTURED: _headers(
            "CloudEvents NATS protocol binding 1.0.2, structured content mode. Without any of these headers the "
            "message is read as structured too.",
            (),
            content_type=_text("The whole event is the message.", const="application/cloudevents+json"),
            traceparent=_TRACE,
        ),
        BINARY: _binary(),
        REPLY: _headers(
            "Of the reply, which comes after the commit.",
            ("Concordat-Status", "Content-Type"),
            Concordat_Status=_text(
                "The status that HTTP would give: 201 accepted, 200 accepted before, else a problem.",
                pattern="^[2-5][0-9]{2}$",
            ),
            Content_Type=_text("What the reply is.", enum=["application/json", "application/problem+json"]),
            Retry_After=_text("Seconds to wait before the event is sent again, under the same id.", pattern="^[0-9]+$"),
        ),
        MAIL: _headers(
            "Of a message on the stream OUT.",
            ("Nats-Msg-Id", "Concordat-Sequence", "Content-Type", "traceparent"),
            Nats_Msg_Id=_text("The disclosure's id: what makes a message the same message.", pattern=UNIQUE_ID),
            Concordat_Sequence=_text("<generation>.<number> in the recipient's own mailbox.", pattern=POSITION),
            Content_Type=_text(
                "A sealed message or a notice.", enum=["application/jose", "application/cloudevents+json"]
            ),
            traceparent=_TRACE | {"description": "W3C Trace Context of the recipient's own trace."},
        ),
        WEBHOOK: _headers(
            "Standard Webhooks 1.0.0.",
            ("content-type", "webhook-id", "webhook-timestamp", "webhook-signature"),
            content_type=_text("The whole event is the body.", const="application/cloudevents+json; charset=utf-8"),
            user_agent=_text("Always the same.", const="concordat"),
            webhook_id=_text("The disclosure's id, the same at each attempt.", pattern=UNIQUE_ID),
            webhook_timestamp=_text("Unix seconds of this attempt.", pattern="^[0-9]+$"),
            webhook_signature=_text(
                "`v1,` (HMAC-SHA-256) and `v1a,` (Ed25519) in base64 over `id.timestamp.body`, with a space between; "
                "for 24 hours after a rotation those of the former keys too.",
                pattern="^v1a?,[A-Za-z0-9+/]+=*( v1a?,[A-Za-z0-9+/]+=*)*$",
            ),
        ),
    }


def _binary() -> dict[str, Any]:
    envelope = envelope_schema()
    text = {"type": "string", "pattern": ATTRIBUTE_TEXT}
    members = {
        f"{_BINARY_PREFIX}{name}": text | _only_text(said)
        for name, said in envelope["properties"].items()
        if name not in ("data", "datacontenttype")
    }
    return {
        "type": "object",
        "description": (
            "CloudEvents NATS protocol binding 1.0.2, binary content mode: attributes in `ce-` headers, "
            "percent-encoded where they are not printable ASCII; `data` is the message itself. Extension attributes "
            "are `ce-` headers."
        ),
        "required": [f"{_BINARY_PREFIX}{name}" for name in envelope["required"] if name != "data"],
        "properties": {
            **members,
            f"{_BINARY_PREFIX}datacontenttype": {"type": "string", "pattern": CONTENT_TYPE},
            "traceparent": _TRACE,
        },
    }


def _only_text(said: dict[str, Any]) -> dict[str, Any]:
    """Return an attribute as a header has it: there is no null in headers."""
    options = [one for one in said.get("anyOf", ()) if one.get("type") == "string"]
    return {key: value for key, value in said.items() if key != "anyOf"} | (options[0] if options else {})


def traits() -> dict[str, Any]:
    """Return what every message of one kind of way has."""
    return {
        "webhook": {"headers": reference(WEBHOOK)},
        "binary": {"headers": reference(BINARY), "contentType": "application/json"},
        "structured": {"headers": reference(STRUCTURED)},
    }

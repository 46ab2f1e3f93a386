"""Messages: for every event type as it is published and as it is received, and those that have no contract."""

from typing import Any

from contracts.asyncapi import headers
from contracts.asyncapi.mailbox import ERASED, GAP, NOTICE, SUFFIX, TESTED
from contracts.asyncapi.released import receivable
from contracts.asyncapi.replies import replies
from contracts.asyncapi.schemas import publishable, reference
from contracts.envelope import absolute
from contracts.events.base import Contract
from contracts.examples import examples_of
from contracts.json_schema import SCHEMA_BASE

PUBLISHED, BINARY, WEBHOOK, FEED = "publish.", "publish-binary.", "webhook.", "feed."
_SEALED, _NOTICE = "sealed", "notice"
MAIL = (_SEALED, _NOTICE)
_ORIGIN = "hub.northmere.example"
_DISCLOSURE = "01JD6QK3Z8T0V5W2N4Y6B8C0DS"
_SEQUENCE = "1.204"
_JWE = r"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}$"


def webhooks() -> list[str]:
    """Return the names of what a webhook may carry."""
    return [
        *(WEBHOOK + contract.type for contract in receivable()),
        WEBHOOK + ERASED,
        WEBHOOK + TESTED,
        WEBHOOK + _NOTICE,
    ]


def feeds() -> list[str]:
    """Return the names of what a feed may carry."""
    return [*(FEED + contract.type for contract in receivable()), FEED + ERASED, FEED + GAP]


def messages() -> dict[str, Any]:
    """Return every message by its name."""
    found: dict[str, Any] = {}
    for contract in publishable():
        found[PUBLISHED + contract.type] = _published(contract)
        found[BINARY + contract.type] = _binary(contract)
    for contract in receivable():
        found[WEBHOOK + contract.type] = _webhook(contract)
        found[FEED + contract.type] = _received(contract)
    found |= {
        WEBHOOK + ERASED: _plain(ERASED, "A message that has been erased.", trait="webhook"),
        WEBHOOK + TESTED: _plain(TESTED, "A test, sent on request.", trait="webhook"),
        WEBHOOK + _NOTICE: _notice() | {"traits": _traits("webhook")},
        FEED + ERASED: _plain(ERASED, "A message that has been erased."),
        FEED + GAP: _plain(GAP, "Reading begins later than was asked for."),
    }
    return found | replies() | {_SEALED: _sealed(), _NOTICE: _notice() | {"headers": reference(headers.MAIL)}}


def _traits(name: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/components/messageTraits/{name}"}]


def _about(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.type,
        "title": contract.type,
        "summary": contract.purpose,
        "contentType": "application/cloudevents+json",
        "externalDocs": {"url": f"{SCHEMA_BASE}{contract.type}.json", "description": "JSON Schema 2020-12"},
    }


def _published(contract: Contract) -> dict[str, Any]:
    examples = examples_of(contract.type)
    return _about(contract) | {
        "traits": _traits("structured"),
        "correlationId": {"location": "$message.payload#/id"},
        "payload": reference(contract.type),
        "examples": [
            {"name": "minimal", "payload": examples.minimal},
            {"name": "full", "payload": examples.full},
        ],
    }


def _binary(contract: Contract) -> dict[str, Any]:
    event = examples_of(contract.type).minimal
    attributes = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    said = _about(contract) | {
        "title": f"{contract.type}, binary",
        "traits": _traits("binary"),
        "payload": reference(f"{contract.type}.data"),
        "examples": [{"name": "minimal", "headers": attributes, "payload": event["data"]}],
    }
    return {name: value for name, value in said.items() if name != "contentType"}


def _received(contract: Contract) -> dict[str, Any]:
    """What a recipient gets; the example is one that is entitled to no more than the contract requires."""
    event = examples_of(contract.type).minimal
    publisher = event["source"].rpartition("/")[2]
    source = f"//{_ORIGIN}/hub" if contract.derived else absolute(_ORIGIN, publisher)
    told = event | {
        "id": _DISCLOSURE,
        "source": source,
        "time": "2026-11-22T21:40:00Z",
        "datacontenttype": "application/json",
        "concordatsequence": _SEQUENCE,
        "concordatprotocol": "northmere-missing-children@3",
    }
    return _about(contract) | {
        "correlationId": {"location": "$message.payload#/concordatsequence"},
        "payload": reference(contract.type + SUFFIX),
        "examples": [{"name": "received", "payload": told}],
    }


def _webhook(contract: Contract) -> dict[str, Any]:
    return _received(contract) | {"traits": _traits("webhook")}


def _plain(event_type: str, summary: str, *, trait: str | None = None) -> dict[str, Any]:
    said = {
        "name": event_type,
        "title": event_type,
        "summary": summary,
        "contentType": "application/cloudevents+json",
        "payload": reference(event_type + SUFFIX),
    }
    return said if trait is None else said | {"traits": _traits(trait)}


def _notice() -> dict[str, Any]:
    return {
        "name": "notice",
        "title": "Notice",
        "summary": "Ids and type only, where the agency asked for no more: the rest is fetched from the mailbox.",
        "contentType": "application/cloudevents+json",
        "payload": reference(NOTICE),
        "examples": [
            {
                "name": "notice",
                "payload": {
                    "specversion": "1.0",
                    "id": _DISCLOSURE,
                    "source": f"//{_ORIGIN}/hub",
                    "type": "concordat.child.located.v1",
                    "subject": "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX",
                    "time": "2026-11-22T21:40:01.120Z",
                    "concordatsequence": _SEQUENCE,
                },
            }
        ],
    }


def _sealed() -> dict[str, Any]:
    return {
        "name": "sealed",
        "title": "Sealed message",
        "summary": "A JWE whose plaintext is the event, the same as a feed would give.",
        "description": (
            'JWE in compact form, `{"alg":"dir","enc":"A256GCM","kid":"<channel key>"}`. The key of a `kid` comes from '
            "`GET /v1/channel-keys/{kid}`, itself sealed to the agency's registered encryption key. Channel keys "
            "change and are erased: open a message when it comes."
        ),
        "contentType": "application/jose",
        "headers": reference(headers.MAIL),
        "payload": {"type": "string", "pattern": _JWE, "description": "JWE compact serialization (RFC 7516)."},
        "x-plaintext": {"oneOf": [reference(contract.type + SUFFIX) for contract in receivable()]},
    }

"""Taking the hub's webhooks: is it from the hub, is it fresh, is it whole. For any web framework, or none.

    message = verify_webhook(request.headers, request.body, ["whpk_…"], now=datetime.now(UTC))

Source: Standard Webhooks specification 1.0.0. The hub signs each message twice: `v1`, HMAC-SHA-256 under the endpoint's
secret (`whsec_…`), and `v1a`, Ed25519, which its public key (`whpk_…`) checks. One of them that holds is enough.

Delivery is at least once under one id: keep `message.id` with what you store, and answer 200 without doing anything
when it is there already. Answer only once the message is on your disk: the hub then counts it as delivered.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.sdk.message import Message
from adapters.sdk.problem import UnexpectedAnswer

TOLERANCE = timedelta(minutes=5)
"""How far the hub's clock may be from yours; older messages could be somebody's recording."""
_SECRET, _PUBLIC = "whsec_", "whpk_"
_PUBLIC_BYTES = 32
_MOST_SIGNATURES = 20
_LONGEST_TIMESTAMP = 12


class WebhookRefused(Exception):
    """This is not a fresh message of the hub: answer 400 and do nothing. The text holds nothing of what was sent."""


def verify_webhook(
    headers: Mapping[str, str], body: bytes, keys: Sequence[str], *, now: datetime, tolerance: timedelta = TOLERANCE
) -> Message:
    """Return the message of a webhook request, after its signature.

    `body` is the body exactly as it came, before anything parsed it. `keys` are the endpoint's `whsec_…` or `whpk_…`,
    during a rotation the old and the new. `now` is aware. Raises WebhookRefused for what is not from the hub, too old,
    or no message, and ValueError for a key that is not one.
    """
    checks = [_key(text) for text in keys]
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signatures = (given.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not message_id or not timestamp or not signatures:
        raise WebhookRefused("webhook-id, webhook-timestamp and webhook-signature are needed")
    sent_at = _moment(timestamp)
    if abs(now - sent_at) > tolerance:
        raise WebhookRefused("the message is too old, or a clock is wrong")
    signed = f"{message_id}.{timestamp}.".encode() + body
    if not any(check(one, signed) for one in signatures.split(" ")[:_MOST_SIGNATURES] for check in checks):
        raise WebhookRefused("no signature holds under the keys that were given")
    return _message(message_id, body)


class _Secret:
    """Checks `v1`."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __call__(self, signature: str, signed: bytes) -> bool:
        given = _decoded(signature, "v1,")
        return given is not None and hmac.compare_digest(given, hmac.digest(self._secret, signed, hashlib.sha256))


class _Public:
    """Checks `v1a`."""

    def __init__(self, key: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(key)

    def __call__(self, signature: str, signed: bytes) -> bool:
        given = _decoded(signature, "v1a,")
        if given is None:
            return False
        try:
            self._key.verify(given, signed)
        except InvalidSignature:
            return False
        return True


def _key(text: str) -> _Secret | _Public:
    if text.startswith(_SECRET):
        secret = _base64(text.removeprefix(_SECRET))
        if secret:
            return _Secret(secret)
    elif text.startswith(_PUBLIC):
        public = _base64(text.removeprefix(_PUBLIC))
        if public is not None and len(public) == _PUBLIC_BYTES:
            return _Public(public)
    raise ValueError("a key is whsec_… or whpk_… as the hub gave it for this endpoint")


def _decoded(signature: str, version: str) -> bytes | None:
    return _base64(signature.removeprefix(version)) if signature.startswith(version) else None


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _moment(timestamp: str) -> datetime:
    if timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP:
        try:
            return datetime.fromtimestamp(int(timestamp), UTC)
        except (ValueError, OverflowError, OSError):
            pass
    raise WebhookRefused("webhook-timestamp is not a time in Unix seconds")


def _message(message_id: str, body: bytes) -> Message:
    try:
        message = Message.read(json.loads(body))
    except (ValueError, RecursionError, UnexpectedAnswer):
        raise WebhookRefused("the body is not a CloudEvent") from None
    if message.id != message_id:
        raise WebhookRefused("webhook-id and the event's id are not the same")
    return message


__all__ = ["TOLERANCE", "Message", "WebhookRefused", "verify_webhook"]

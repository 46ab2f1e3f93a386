"""Signatures of webhooks, and the text form of their keys.

Source: Standard Webhooks specification 1.0.0. What is signed is `<id>.<timestamp>.<body>`; `v1` is HMAC-SHA-256 under a
shared secret, `v1a` Ed25519 (RFC 8032). The header lists signatures with a space between; one that holds is enough.

    webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5B…

A secret reads `whsec_<base64>`, a public key `whpk_<base64 of 32 bytes>`. The private key never leaves the hub.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_BYTES = 32
"""The specification asks for 24 to 64."""
SEED_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """What one endpoint's messages are signed with. `repr` shows neither half."""

    secret: bytes = field(repr=False)
    """Shared with the receiver, for `v1`."""
    seed: bytes = field(repr=False)
    """Ed25519 private key, for `v1a`."""

    @classmethod
    def make(cls, random_bytes: Callable[[int], bytes]) -> "Keys":
        """Make new keys from a source of random bytes."""
        return cls(random_bytes(SECRET_BYTES), random_bytes(SEED_BYTES))

    @property
    def secret_text(self) -> str:
        """`whsec_…`: shown once, when it is made."""
        return "whsec_" + _base64(self.secret)

    @property
    def public_text(self) -> str:
        """`whpk_…`: may be shown to anybody."""
        return "whpk_" + _base64(Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())


def sign(message_id: str, timestamp: int, body: bytes, keys: Sequence[Keys]) -> str:
    """Return the value of `webhook-signature`: for each of the keys a `v1` and a `v1a`. `timestamp` is Unix seconds.

    ValueError for an id with a full stop in it, which could be read as another id and time.
    """
    if "." in message_id or not message_id:
        raise ValueError("the id of a webhook is not empty and holds no full stop")
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return " ".join(one for pair in keys for one in (_v1(pair, signed), _v1a(pair, signed)))


def _v1(keys: Keys, signed: bytes) -> str:
    return "v1," + _base64(hmac.digest(keys.secret, signed, hashlib.sha256))


def _v1a(keys: Keys, signed: bytes) -> str:
    return "v1a," + _base64(Ed25519PrivateKey.from_private_bytes(keys.seed).sign(signed))


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")

"""The key under which an agency is handed its channel keys: one key, one purpose, so never the key that signs."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from adapters.sdk.credentials import UnusableKey

_CURVES = frozenset({"X25519", "P-256"})
_WRAPPING = ["ECDH-ES+A256KW", "A256GCM"]


class NotForUs(ValueError):
    """A wrapped key does not open with this key."""


@dataclass(frozen=True)
class EncryptionKey:
    """A private X25519 or P-256 key. The hub wraps to its public half (RFC 7518 §4.6, ECDH-ES+A256KW)."""

    key: OKPKey | ECKey = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file. Raises UnusableKey, or OSError if it cannot be read."""
        return cls.from_text(path.read_text(encoding="utf-8"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a private key in PEM (PKCS #8) or as a JWK. Raises UnusableKey."""
        key = _from_jwk(text) if text.lstrip().startswith("{") else _from_pem(text)
        if not key.is_private or key.curve_name not in _CURVES:
            raise UnusableKey("the encryption key is a private X25519 or P-256 key")
        return cls(key)

    @classmethod
    def generate(cls) -> Self:
        """Make a new X25519 key. Register `public_jwk()` with the hub and keep `private_jwk()` secret."""
        return cls(OKPKey.generate_key("X25519"))

    @property
    def kid(self) -> str:
        """The key's RFC 7638 thumbprint."""
        return self.key.thumbprint()

    def public_jwk(self) -> dict[str, Any]:
        """Return the public key as the hub registers it."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "enc"}

    def private_jwk(self) -> str:
        """Return the private key as JWK text, to be stored where nobody else reads it."""
        return json.dumps({**self.key.as_dict(private=True), "kid": self.kid, "use": "enc"})

    def unwrap(self, wrapped: str) -> dict[str, Any]:
        """Return the JWK inside a wrapped key (RFC 7517 §7). Raises NotForUs."""
        try:
            document = json.loads(jwe.decrypt_compact(wrapped, self.key, algorithms=_WRAPPING).plaintext or b"")
        except (JoseError, ValueError, TypeError, KeyError):
            raise NotForUs("a channel key does not open with this encryption key") from None
        if not isinstance(document, dict):
            raise NotForUs("what was wrapped is no key")
        return document


def _from_jwk(text: str) -> OKPKey | ECKey:
    try:
        document = json.loads(text)
        kind = document.get("kty")
        if kind == "OKP":
            return OKPKey.import_key(document)
        if kind == "EC":
            return ECKey.import_key(document)
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        raise UnusableKey("the key file is not a JWK (RFC 7517)") from None
    raise UnusableKey("the encryption key is a private X25519 or P-256 key")


def _from_pem(text: str) -> OKPKey | ECKey:
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        raise UnusableKey("the key file is neither a JWK nor an unencrypted PEM private key") from None
    if isinstance(key, X25519PrivateKey):
        return OKPKey.import_key(key)
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return ECKey.import_key(key)
    raise UnusableKey("the encryption key is a private X25519 or P-256 key")

"""The key under which an agency is handed its channel keys: one key, one purpose, so never the key that signs."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from adapters.sdk.private_key import read_private_key

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
        return cls(read_private_key(text, _CURVES, "the encryption key is a private X25519 or P-256 key"))

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

"""Who an agency is to the hub: its id and the private key that proves it (RFC 7523 `private_key_jwt`)."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

ASSERTION_LIFETIME = 60
"""Seconds. An assertion is used at once; a stolen one should be worth nothing."""

# RFC 9864 names the curve ("Ed25519"); RFC 8037's "EdDSA" is what older servers know.
_ALGORITHMS = {"Ed25519": ("Ed25519", "EdDSA"), "P-256": ("ES256",)}


class UnusableKey(ValueError):
    """The key file is not a private Ed25519 or P-256 key in PEM (PKCS #8) or JWK. Says nothing of its content."""


@dataclass(frozen=True)
class Credentials:
    """An agency's id at the hub and its private key."""

    agency: str
    key: OKPKey | ECKey = field(repr=False)

    @classmethod
    def load(cls, agency: str, path: Path) -> Self:
        """Read a key file. Raises UnusableKey, or OSError if it cannot be read."""
        return cls.from_text(agency, path.read_text(encoding="utf-8"))

    @classmethod
    def from_text(cls, agency: str, text: str) -> Self:
        """Read a private key in PEM or as a JWK. Raises UnusableKey."""
        key = _from_jwk(text) if text.lstrip().startswith("{") else _from_pem(text)
        if not key.is_private or key.curve_name not in _ALGORITHMS:
            raise UnusableKey("the agency's key is a private Ed25519 or P-256 key")
        return cls(agency, key)

    @classmethod
    def generate(cls, agency: str) -> Self:
        """Make a new Ed25519 key. Register `public_jwk()` with the hub and keep `private_jwk()` secret."""
        return cls(agency, OKPKey.generate_key("Ed25519"))

    @property
    def kid(self) -> str:
        """The key's RFC 7638 thumbprint."""
        return self.key.thumbprint()

    def public_jwk(self) -> dict[str, Any]:
        """Return the public key as the hub registers it."""
        return {**self.key.as_dict(private=False), "kid": self.kid}

    def private_jwk(self) -> str:
        """Return the private key as JWK text, to be stored where nobody else reads it."""
        return json.dumps({**self.key.as_dict(private=True), "kid": self.kid})

    def assertion(self, audience: str, now: datetime, unique: str, accepted: Collection[str] = ()) -> str:
        """Return a client assertion (RFC 7523 §3) for one token request.

        `unique` becomes the `jti`; `accepted` are the algorithms that the server's metadata lists, if it lists any.
        """
        own = _ALGORITHMS[self.key.curve_name]
        algorithm = next((name for name in own if name in accepted), own[-1])
        issued = int(now.timestamp())
        claims = {
            "iss": self.agency,
            "sub": self.agency,
            "aud": audience,
            "iat": issued,
            "exp": issued + ASSERTION_LIFETIME,
            "jti": unique,
        }
        return jwt.encode({"alg": algorithm, "kid": self.kid}, claims, self.key, algorithms=[algorithm])


def _from_jwk(text: str) -> OKPKey | ECKey:
    try:
        document = json.loads(text)
        kind = document.get("kty")
        if kind == "OKP":
            return OKPKey.import_key(document)
        if kind == "EC":
            return ECKey.import_key(document)
    except (ValueError, TypeError, KeyError, JoseError):
        raise UnusableKey("the key file is not a JWK (RFC 7517)") from None
    raise UnusableKey("the agency's key is a private Ed25519 or P-256 key")


def _from_pem(text: str) -> OKPKey | ECKey:
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        raise UnusableKey("the key file is neither a JWK nor an unencrypted PEM private key") from None
    if isinstance(key, Ed25519PrivateKey):
        return OKPKey.import_key(key)
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return ECKey.import_key(key)
    raise UnusableKey("the agency's key is a private Ed25519 or P-256 key")

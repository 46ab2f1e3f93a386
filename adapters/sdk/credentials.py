"""Who an agency is to the hub: its id and the private key that proves it (RFC 7523 `private_key_jwt`)."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey

from adapters.sdk.private_key import read_private_key

ASSERTION_LIFETIME = 60
"""Seconds. An assertion is used at once; a stolen one should be worth nothing."""

# RFC 9864 names the curve ("Ed25519"); RFC 8037's "EdDSA" is what older servers know.
_ALGORITHMS = {"Ed25519": ("Ed25519", "EdDSA"), "P-256": ("ES256",)}


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
        return cls(agency, read_private_key(text, _ALGORITHMS, "the agency's key is a private Ed25519 or P-256 key"))

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

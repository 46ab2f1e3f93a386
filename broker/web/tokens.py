"""Access tokens: JWTs of ten minutes at most (RFC 9068), signed by the hub and checked by any of its replicas."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from broker.ports.vault import KeyVault

SCOPES = ("publish", "subscribe", "audit", "oversight", "admin")
_SECRET = "token-signing"  # noqa: S105 (the name of a secret, not one)
_ALGORITHM = "Ed25519"
_TYPE = "at+jwt"
_MAX_BYTES = 4096
_MAX_READ = 4096
"""Tokens remembered as read: more than agencies have at once; the oldest is then read again."""


class InvalidToken(Exception):
    """Not a token of this hub, or no longer."""


@dataclass(frozen=True)
class Session:
    """Who speaks, with what authority, until when (Unix seconds)."""

    agency: str
    scopes: frozenset[str]
    expires: float


class Tokens:
    """The hub's own token key. Time is the machine's: a hub whose clock has been set still expires its tokens."""

    def __init__(self, vault: KeyVault, issuer: str, lifetime: int, now: Callable[[], float] = time.time) -> None:
        private = Ed25519PrivateKey.from_private_bytes(vault.secret(_SECRET))
        key = OKPKey.import_key(private)
        self._key = OKPKey.import_key(private, {"kid": key.thumbprint(), "use": "sig", "alg": _ALGORITHM})
        self._issuer = issuer
        self._lifetime = lifetime
        self._now = now
        self._read: dict[bytes, Session] = {}

    @property
    def lifetime(self) -> int:
        """Seconds that a token lives."""
        return self._lifetime

    def now(self) -> float:
        """Return the machine's time in Unix seconds."""
        return self._now()

    def jwks(self) -> dict[str, Any]:
        """Return the public half as a JWK set (RFC 7517)."""
        return {"keys": [self._key.as_dict(private=False)]}

    def issue(self, agency: str, scopes: frozenset[str]) -> str:
        """Return a token for an agency."""
        now = int(self._now())
        claims = {
            "iss": self._issuer,
            "sub": agency,
            "client_id": agency,
            "aud": self._issuer,
            "iat": now,
            "exp": now + self._lifetime,
            "jti": secrets.token_urlsafe(16),
            "scope": " ".join(scope for scope in SCOPES if scope in scopes),
        }
        header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[_ALGORITHM])

    def read(self, text: str) -> Session:
        """Return what a token grants; InvalidToken if it is not ours, not an access token, or has expired."""
        if len(text) > _MAX_BYTES:
            raise InvalidToken
        # The very same text has the very same signature and claims: only the time is asked again. What the registry
        # says of the agency stands in no token, and is asked each time by whoever reads one.
        mark = hashlib.sha256(text.encode()).digest()
        session = self._read.get(mark)
        if session is None:
            session = self._verified(text)
        if session.expires <= self._now():
            self._read.pop(mark, None)
            raise InvalidToken
        if mark not in self._read:
            if len(self._read) >= _MAX_READ:
                del self._read[next(iter(self._read))]
            self._read[mark] = session
        return session

    def _verified(self, text: str) -> Session:
        """Return what a token of ours grants, or granted."""
        try:
            token = jwt.decode(text, self._key, algorithms=[_ALGORITHM])
        except (JoseError, ValueError, RecursionError):
            raise InvalidToken from None
        claims = token.claims
        ours = claims.get("iss") == self._issuer and claims.get("aud") == self._issuer
        if token.header.get("typ") != _TYPE or not ours:
            raise InvalidToken
        return Session(claims["sub"], frozenset(claims["scope"].split()), claims["exp"])

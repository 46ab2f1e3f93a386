"""The token endpoint of the hub in memory: it checks an assertion as RFC 7523 §3 asks."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from adapters.sdk.clock import Clock
from adapters.sdk.credentials import Credentials
from adapters.sdk.testing.faults import Refusal
from adapters.sdk.tokens import ASSERTION_TYPE

ALGORITHMS = ["Ed25519", "EdDSA", "ES256"]


class Authority:
    """Registered public keys, and the tokens given out under them."""

    def __init__(self, url: str, clock: Clock, lifetime: int = 600) -> None:
        self._endpoint = f"{url}/oauth2/token"
        self._url = url
        self._clock = clock
        self._keys: dict[str, OKPKey | ECKey] = {}
        self._used: set[str] = set()
        self._valid: dict[str, tuple[str, frozenset[str], Any]] = {}
        self.lifetime = lifetime
        self.issued = 0
        """How many tokens have been given out."""

    def enrol(self, credentials: Credentials) -> None:
        """Register an agency's public key."""
        public = credentials.public_jwk()
        self._keys[credentials.agency] = (
            OKPKey.import_key(public) if public["kty"] == "OKP" else ECKey.import_key(public)
        )

    def revoke(self, agency: str) -> None:
        """Take an agency's key and tokens out of use."""
        self._keys.pop(agency, None)
        self._valid = {token: held for token, held in self._valid.items() if held[0] != agency}

    def forget_tokens(self) -> None:
        """Make every token given out so far invalid, as a rotation of the hub's keys does."""
        self._valid.clear()

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self._url,
            "token_endpoint": self._endpoint,
            "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        }

    def grant(self, body: bytes) -> httpx2.Response:
        """Answer a token request."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        agency = self._client(form)
        if agency is None:
            return httpx2.Response(401, json={"error": "invalid_client"})
        self.issued += 1
        token = f"token-{self.issued}"
        expires = self._clock.now() + timedelta(seconds=self.lifetime)
        self._valid[token] = (agency, frozenset(form.get("scope", "").split()), expires)
        return httpx2.Response(200, json={"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime})

    def agency_of(self, request: httpx2.Request, scope: str | None) -> str:
        """Return whose token a request carries. Raises Refusal."""
        held = self._valid.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if held is None or held[2] <= self._clock.now():
            raise Refusal(401, "invalid-token", "ask for a new token")
        if scope is not None and scope not in held[1]:
            raise Refusal(403, "scope-missing", "ask for a token with the scope that this call needs")
        return held[0]

    def _client(self, form: dict[str, str]) -> str | None:
        key = self._keys.get(form.get("client_id", ""))
        if key is None or form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        try:
            claims = jwt.decode(form.get("client_assertion", ""), key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError):
            return None
        fresh = claims.get("exp", 0) > self._clock.now().timestamp() and claims.get("jti") not in self._used
        if not fresh or claims.get("aud") != self._endpoint or claims.get("iss") != claims.get("sub"):
            return None
        self._used.add(str(claims["jti"]))
        return form["client_id"] if claims["sub"] == form["client_id"] else None

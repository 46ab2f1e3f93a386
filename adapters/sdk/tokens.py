"""Access tokens: fetched when needed, kept until shortly before they expire, one request at a time (RFC 6749 §4.4)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
from ulid import ULID

from adapters.sdk.clock import Clock
from adapters.sdk.credentials import Credentials
from adapters.sdk.problem import UnexpectedAnswer, Unreachable, problem_of

TOKEN_PATH = "/oauth2/token"  # noqa: S105 (a path, not a secret)
METADATA_PATH = "/.well-known/oauth-authorization-server"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EARLY = timedelta(seconds=20)
"""A token is renewed this long before it expires, so that no call sets out with one that dies on the way."""
_ASSUMED_LIFETIME = 60
_OK = 200


@dataclass(frozen=True)
class _Token:
    text: str
    renew_at: datetime


@dataclass(frozen=True)
class _Metadata:
    """What the hub says of its token endpoint (RFC 8414)."""

    token_endpoint: str
    algorithms: tuple[str, ...]


class Tokens:
    """The access token of one agency with a fixed set of scopes."""

    def __init__(
        self, http: httpx2.AsyncClient, credentials: Credentials, scopes: tuple[str, ...], clock: Clock
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._scopes = scopes
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._token: _Token | None = None
        self._metadata: _Metadata | None = None

    async def current(self) -> str:
        """Return a token with life left in it. Raises Problem, Unreachable or UnexpectedAnswer."""
        async with self._one_at_a_time:
            if self._token is None or self._clock.now() >= self._token.renew_at:
                self._token = await self._request()
            return self._token.text

    def discard(self, text: str) -> None:
        """Forget a token that the hub did not take; one that has been renewed meanwhile is kept."""
        if self._token is not None and self._token.text == text:
            self._token = None

    async def _request(self) -> _Token:
        metadata = await self._read_metadata()
        now = self._clock.now()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.agency,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._credentials.assertion(
                metadata.token_endpoint, now, str(ULID()), metadata.algorithms
            ),
        }
        if self._scopes:
            form["scope"] = " ".join(self._scopes)
        # The audience is the endpoint by its public name; the request goes to the hub that we were configured with, at
        # the path that the interface fixes. Metadata never sends an assertion elsewhere.
        document = await self._call("POST", TOKEN_PATH, form)
        text, lifetime = document.get("access_token"), document.get("expires_in", _ASSUMED_LIFETIME)
        if not isinstance(text, str) or not text or not isinstance(lifetime, int):
            raise UnexpectedAnswer("the token endpoint's answer is not an RFC 6749 token response")
        # Half of a very short life is used rather than none of it.
        return _Token(text, now + max(timedelta(seconds=lifetime) - EARLY, timedelta(seconds=lifetime / 2)))

    async def _read_metadata(self) -> _Metadata:
        if self._metadata is None:
            document = await self._call("GET", METADATA_PATH)
            endpoint = document.get("token_endpoint")
            algorithms = document.get("token_endpoint_auth_signing_alg_values_supported", [])
            if not isinstance(endpoint, str) or not isinstance(algorithms, list):
                raise UnexpectedAnswer("the hub's authorisation server metadata is not that of RFC 8414")
            self._metadata = _Metadata(endpoint, tuple(map(str, algorithms)))
        return self._metadata

    async def _call(self, method: str, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            response = await self._http.request(method, path, data=form)
        except httpx2.RequestError as error:
            raise Unreachable(f"no token: the hub gave no answer ({type(error).__name__})") from None
        if response.status_code != _OK:
            raise problem_of(response, self._clock.now())
        try:
            document = response.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise UnexpectedAnswer("the hub's answer is not a JSON object")
        return document

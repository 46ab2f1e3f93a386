"""One call to the hub: authorised, repeated while that can help, and refused as a `Problem`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from adapters.sdk.clock import Clock
from adapters.sdk.problem import Problem, UnexpectedAnswer, Unreachable, problem_of
from adapters.sdk.retry import Backoff
from adapters.sdk.tokens import Tokens

_UNAUTHORISED = 401
_NOT_FOUND = 404
_FIRST_ERROR = 300
"""A redirect is an error too: personal data follows no `Location`."""
_WORTH_REPEATING = frozenset({408, 425, 429, 502, 503, 504})
_NOT_TAKEN = frozenset({425, 429, 503})
"""Statuses that say that the request was not acted upon."""


@dataclass(frozen=True)
class Call:
    """One request, as it will be sent however often it takes."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True
    """Whether doing it twice is the same as doing it once."""
    once: bool = False
    """Whether the caller does the waiting and repeating itself."""
    await_existence: bool = False
    """Whether a 404 with `Retry-After` means "not yet"."""


class Calls:
    """Sends calls with the agency's token. All methods raise Problem, Unreachable or UnexpectedAnswer."""

    def __init__(self, http: httpx2.AsyncClient, tokens: Tokens, clock: Clock, backoff: Backoff) -> None:
        self._http = http
        self._tokens = tokens
        self._clock = clock
        self._backoff = backoff

    async def send(self, call: Call) -> httpx2.Response:
        """Return the successful response, after as many attempts as the back-off allows."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._once(call)
            except (Problem, Unreachable) as error:
                if call.once or not _is_worth_repeating(call, error):
                    raise
                wait = self._backoff.wait(attempt, error.retry_after if isinstance(error, Problem) else None)
                if wait is None:
                    raise
            await self._clock.sleep(wait)

    async def json(self, call: Call) -> Any:
        """Return the JSON of the successful response."""
        response = await self.send(call)
        try:
            return response.json()
        except ValueError:
            raise UnexpectedAnswer("the hub's answer is not JSON") from None

    @asynccontextmanager
    async def stream(self, call: Call, *, silence: float) -> AsyncIterator[httpx2.Response]:
        """Open a response that goes on; more than `silence` seconds without a byte is a lost connection."""
        async with self._opened(call, silence, await self._tokens.current()) as (response, token):
            if response.status_code != _UNAUTHORISED:
                yield await self._checked(response)
                return
            self._tokens.discard(token)
        async with self._opened(call, silence, await self._tokens.current()) as (response, _token):
            yield await self._checked(response)

    @asynccontextmanager
    async def _opened(self, call: Call, silence: float, token: str) -> AsyncIterator[tuple[httpx2.Response, str]]:
        request = self._request(call, token)
        request.extensions["timeout"] = {**request.extensions["timeout"], "read": silence}
        try:
            response = await self._http.send(request, stream=True)
        except httpx2.RequestError as error:
            raise _unreachable(error) from None
        try:
            yield response, token
        except httpx2.RequestError as error:
            raise _unreachable(error) from None
        finally:
            await response.aclose()

    async def _checked(self, response: httpx2.Response) -> httpx2.Response:
        if response.status_code >= _FIRST_ERROR:
            await response.aread()
            raise problem_of(response, self._clock.now())
        return response

    async def _once(self, call: Call) -> httpx2.Response:
        token = await self._tokens.current()
        response = await self._attempt(call, token)
        if response.status_code == _UNAUTHORISED:
            self._tokens.discard(token)
            response = await self._attempt(call, await self._tokens.current())
        if response.status_code >= _FIRST_ERROR:
            raise problem_of(response, self._clock.now())
        return response

    async def _attempt(self, call: Call, token: str) -> httpx2.Response:
        try:
            return await self._http.send(self._request(call, token))
        except httpx2.RequestError as error:
            raise _unreachable(error) from None

    def _request(self, call: Call, token: str) -> httpx2.Request:
        return self._http.build_request(
            call.method,
            call.path,
            params=list(call.query) or None,
            content=call.content,
            headers={**call.headers, "authorization": f"Bearer {token}"},
        )


def _unreachable(error: httpx2.RequestError) -> Unreachable:
    # The library's own text may quote a URL; the class says enough.
    unreachable = Unreachable(f"the hub gave no answer ({type(error).__name__})")
    unreachable.never_sent = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
    return unreachable


def _is_worth_repeating(call: Call, error: Problem | Unreachable) -> bool:
    if isinstance(error, Unreachable):
        return call.repeatable or error.never_sent
    if error.status == _NOT_FOUND:
        return call.await_existence and error.retry_after is not None
    return error.status in (_WORTH_REPEATING if call.repeatable else _NOT_TAKEN)

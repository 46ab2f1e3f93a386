"""JetStream's API by plain requests: the client library has no words for atomic batches and fences."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import nats.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from broker.nats.frames import send, write
from broker.ports.relay import StreamUnavailable

PATIENCE = 10.0
"""Seconds for an answer: an election of a cluster takes four to seven."""
STREAM_NOT_FOUND = 10059
CONSUMER_NOT_FOUND = 10014
NO_MESSAGE = 10037


class ApiError(Exception):
    """JetStream refused. The text is the server's own, of its own state."""

    def __init__(self, code: int, err_code: int, description: str) -> None:
        super().__init__(f"{description} ({err_code})")
        self.code = code
        self.err_code = err_code


class Request(NamedTuple):
    """What is asked of the server, and where."""

    subject: str
    headers: Mapping[str, str]
    body: bytes


async def ask(client: Client, subject: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask `$JS.API.<subject>`. Raises ApiError for a refusal, StreamUnavailable where there is no answer."""
    answer = await request(client, f"$JS.API.{subject}", b"" if body is None else orjson.dumps(body))
    return checked(answer)


async def request(client: Client, subject: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """Send a request and return the answer's body. Raises StreamUnavailable where there is none."""
    try:
        return (await client.request(subject, body, timeout=PATIENCE, headers=headers)).data
    except (nats.errors.Error, OSError, TimeoutError) as error:
        raise StreamUnavailable(f"NATS did not answer ({type(error).__name__})") from None


class Together:
    """Requests that are on their way at once. Their answers come to one inbox, which stays open until it is closed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._asked = 0
        self._open: dict[str, asyncio.Future[bytes]] = {}

    async def ask(self, asked: Sequence[Request]) -> list[bytes]:
        """Send requests and return the bodies of their answers in the same order.

        Raises StreamUnavailable unless every one of them is answered.
        """
        answers: dict[str, asyncio.Future[bytes]] = {}
        for _ in asked:
            self._asked += 1
            answers[f"{self._inbox}.{self._asked}"] = asyncio.get_running_loop().create_future()
        self._open |= answers
        try:
            if self._subscription is None:
                self._subscription = await self._client.subscribe(f"{self._inbox}.*", cb=self._hear)
            await send(self._client, [write(*one, place) for one, place in zip(asked, answers, strict=True)])
            async with asyncio.timeout(PATIENCE):
                return [await one for one in answers.values()]
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise StreamUnavailable(f"NATS did not answer ({type(error).__name__})") from None
        finally:
            for place in answers:
                self._open.pop(place, None)

    async def close(self) -> None:
        """Close the inbox."""
        if self._subscription is not None:
            with suppress(nats.errors.Error):
                await self._subscription.unsubscribe()

    async def _hear(self, answer: Msg) -> None:
        # An answer to what nobody waits for any more is nobody's.
        waiting = self._open.pop(answer.subject, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.data)


def checked(answer: bytes) -> dict[str, Any]:
    """Read an answer of JetStream. Raises ApiError for a refusal."""
    try:
        document = orjson.loads(answer)
    except orjson.JSONDecodeError:
        raise StreamUnavailable("JetStream's answer cannot be read") from None
    error = document.get("error")
    if error is not None:
        raise ApiError(int(error.get("code", 0)), int(error.get("err_code", 0)), str(error.get("description", "")))
    if not isinstance(document, dict):
        raise StreamUnavailable("JetStream's answer cannot be read")
    return document

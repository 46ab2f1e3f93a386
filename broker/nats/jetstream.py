"""JetStream's API by plain requests: the client library has no words for atomic batches and fences."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import nats.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

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


async def request_together(client: Client, asked: Sequence[Request]) -> list[bytes]:
    """Send requests, all on their way at once, and return the bodies of their answers in the same order.

    Raises StreamUnavailable unless every one of them is answered.
    """
    inbox = client.new_inbox()
    answers: dict[str, bytes] = {}
    complete = asyncio.Event()

    async def hear(answer: Msg) -> None:
        answers[answer.subject] = answer.data
        if len(answers) == len(asked):
            complete.set()

    places = [f"{inbox}.{place}" for place in range(len(asked))]
    try:
        subscription = await client.subscribe(f"{inbox}.*", cb=hear)
        try:
            await send(client, [write(*one, place) for one, place in zip(asked, places, strict=True)])
            async with asyncio.timeout(PATIENCE):
                await complete.wait()
        finally:
            await subscription.unsubscribe()
    except (nats.errors.Error, OSError, TimeoutError) as error:
        raise StreamUnavailable(f"NATS did not answer ({type(error).__name__})") from None
    return [answers[place] for place in places]


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

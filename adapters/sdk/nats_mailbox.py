"""The mailbox over NATS: every message of the agency's durable, each to the application once."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from datetime import datetime, timedelta
from typing import Any

import nats.errors
from nats.aio.msg import Msg

from adapters.sdk.bookmark import Bookmark
from adapters.sdk.channel_keys import ChannelKeys, Unreadable
from adapters.sdk.clock import Clock
from adapters.sdk.message import Message
from adapters.sdk.nats_line import NatsLine
from adapters.sdk.problem import AccessRefused, HubError, Problem, UnexpectedAnswer, Unreachable
from adapters.sdk.retry import Backoff

STREAM = "OUT"
API_PREFIX = "HUB.API"
BATCH = 50
"""Messages asked for at once: they are handed over one by one, well within the 30 s that the hub waits for an ack."""
_PULL_SECONDS = 20
_HEARTBEAT_SECONDS = 5
_SILENCE_SECONDS = 3 * _HEARTBEAT_SECONDS
"""Longer without message or heartbeat, and the request is lost."""
_SECOND = 10**9
_SEALED = "application/jose"
_OPEN = "application/cloudevents+json"
_LATER_SECONDS = 60
"""When a message that could not be opened is to come again: not at once, or it would crowd out the others."""
_HEARTBEAT, _NOTHING, _EXPIRED = "100", "404", "408"
REFUSED_FOR = timedelta(seconds=30)
"""How long servers may turn us away before it counts: one that has just started may not know the agencies yet."""

_log = logging.getLogger(__name__)

_Arriving = asyncio.Queue["Msg | Exception"]


class NatsMailbox:
    """An endless async iterator of messages, as `Feed` is over HTTP.

    A message counts as handled when the loop asks for the next one; it is acked only then. One that was being handled
    when the process died comes again, with the same id; one that was handled never does, also if the ack was lost.
    Messages may come out of the order of their numbers: `missing_numbers` compares them as a set. A notice comes as a
    message without data: the rest is in the inbox over HTTP.

    What cannot be opened is never acked: it is logged, told to `on_unreadable` and comes again later. Until then it
    can be had over HTTP under its number. Connects again for ever; raises AccessRefused when the server denies this
    mailbox, or lets nobody in with these credentials for `refused_for`, and Problem if the hub hands over no keys.
    """

    def __init__(
        self,
        line: NatsLine,
        bookmark: Bookmark,
        keys: ChannelKeys,
        *,
        clock: Clock,
        backoff: Backoff | None = None,
        refused_for: timedelta = REFUSED_FOR,
        on_unreadable: Callable[[str, Unreadable], None] | None = None,
    ) -> None:
        self._line = line
        self._bookmark = bookmark
        self._keys = keys
        self._clock = clock
        self._backoff = backoff or Backoff(attempts=None)
        self._refused_for = refused_for
        self._on_unreadable = on_unreadable
        self._failures = 0
        self._refused_since: datetime | None = None
        self._subject = f"{API_PREFIX}.CONSUMER.MSG.NEXT.{STREAM}.{line.agency}"

    async def __aiter__(self) -> AsyncIterator[Message]:
        while True:
            try:
                async with aclosing(self._pulled()) as arrived:
                    async for sent in arrived:
                        self._failures = 0
                        self._refused_since = None
                        message = await self._opened(sent)
                        if message is None:
                            continue
                        if not self._bookmark.has_handled(message.id):
                            try:
                                yield message
                            except GeneratorExit:
                                await _said(sent.nak())  # whoever comes next need not wait for it
                                raise
                            # No position: what comes out of order proves nothing of the numbers before it.
                            self._bookmark.handled(message.id, None)
                        await _said(sent.ack())
                continue
            except Unreachable as error:
                _log.info("the mailbox over NATS is interrupted: %s", error)
            except Problem as problem:
                self._bear(problem)
            self._failures += 1
            await self._clock.sleep(self._backoff.wait(self._failures) or 0.0)

    def _bear(self, problem: Problem) -> None:
        """Go on after what may pass; raise what will not."""
        if problem.is_final or (isinstance(problem, AccessRefused) and problem.slug != "not-let-in"):
            raise problem
        now = self._clock.now()
        if isinstance(problem, AccessRefused):
            self._refused_since = self._refused_since or now
            if now - self._refused_since >= self._refused_for:
                raise problem
        _log.warning("the mailbox over NATS is interrupted: %s", problem)

    async def _pulled(self) -> AsyncGenerator[Msg, None]:
        """Yield what one request brings, as it comes; end when the request has run out."""
        client = await self._line.client()
        self._refused_since = None
        arriving: _Arriving = asyncio.Queue()

        async def take(message: Msg) -> None:
            arriving.put_nowait(message)

        with self._line.watch(self._subject) as failed:
            failed.add_done_callback(lambda one: None if one.cancelled() else arriving.put_nowait(_why(one)))
            inbox = client.new_inbox()
            try:
                subscription = await client.subscribe(inbox, cb=take)
                await client.publish(self._subject, _request(), reply=inbox)
                try:
                    async for message in _until_spent(arriving):
                        yield message
                    self._failures = 0
                finally:
                    await _said(subscription.unsubscribe())
                    while not arriving.empty():
                        left = arriving.get_nowait()
                        if isinstance(left, Msg) and left.reply:
                            await _said(left.nak())
            except (nats.errors.Error, OSError) as error:
                raise Unreachable(f"the connection to NATS has ended ({type(error).__name__})") from None

    async def _opened(self, sent: Msg) -> Message | None:
        """Return the message, or None for one that cannot be opened now: it is put back."""
        headers = {name.lower(): value for name, value in (sent.headers or {}).items()}
        disclosure = headers.get("nats-msg-id", "")
        try:
            message = Message.read(await self._document(headers.get("content-type", ""), sent.data))
            if message.id != disclosure:
                raise Unreadable("its id is not the one that it was sent under")  # noqa: TRY301 (told below like any other)
        except (Unreadable, UnexpectedAnswer) as error:
            reason = error if isinstance(error, Unreadable) else Unreadable("it is no CloudEvent")
            _log.error("message %s cannot be opened and is not acked: %s", _plain(disclosure), reason)
            await _said(sent.nak(delay=_LATER_SECONDS))
            if self._on_unreadable is not None:
                self._on_unreadable(disclosure, reason)
            return None
        except HubError:
            # Its key cannot be had just now: it comes again soon, and what follows it does not wait.
            await _said(sent.nak(delay=1))
            raise
        return message

    async def _document(self, media_type: str, body: bytes) -> Any:
        if media_type == _SEALED:
            return await self._keys.open(body)
        if media_type != _OPEN:
            raise Unreadable("it is of a kind that the public interface does not have")
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            raise Unreadable("it is not JSON") from None
        if not isinstance(document, dict) or "data" in document:
            raise Unreadable("it carries data that is not sealed")
        return document


async def _until_spent(arriving: _Arriving) -> AsyncIterator[Msg]:
    left = BATCH
    while left:
        try:
            came = await asyncio.wait_for(arriving.get(), _SILENCE_SECONDS)
        except TimeoutError:
            raise Unreachable("NATS has fallen silent") from None
        if isinstance(came, Exception):
            raise came
        status = (came.headers or {}).get("Status")
        if status is None:
            left -= 1
            yield came
        elif status in (_NOTHING, _EXPIRED):
            return
        elif status != _HEARTBEAT:
            raise Unreachable(f"the hub's stream is not to be had just now ({status})")


def _request() -> bytes:
    asked = {"batch": BATCH, "expires": _PULL_SECONDS * _SECOND, "idle_heartbeat": _HEARTBEAT_SECONDS * _SECOND}
    return json.dumps(asked).encode()


def _why(failed: asyncio.Future[None]) -> Exception:
    error = failed.exception()
    return error if isinstance(error, Exception) else Unreachable("the connection to NATS has ended")


async def _said(word: Awaitable[None]) -> None:
    """Send what may be lost without harm: a message whose ack was lost comes again and is known."""
    with suppress(nats.errors.Error, OSError):
        await word


def _plain(disclosure: str) -> str:
    return disclosure if disclosure.isalnum() else "without a proper id"

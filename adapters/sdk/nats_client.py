"""The same path over NATS: publish by request, receive from the agency's own durable (INTERFACES §4).

async with HubClient(hub, credentials) as client, NatsClient("harbour-house", place) as nats:
    sending = asyncio.create_task(Sender(outbox, nats).run())
    async for message in nats.mailbox(bookmark, ChannelKeys(client, encryption_key)):
        store(message)
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import httpx2
from nats.aio.msg import Msg

from adapters.sdk.bookmark import Bookmark
from adapters.sdk.channel_keys import ChannelKeys, Unreadable
from adapters.sdk.clock import Clock, SystemClock
from adapters.sdk.encryption_key import EncryptionKey
from adapters.sdk.nats_line import NatsLine, NatsPlace
from adapters.sdk.nats_mailbox import REFUSED_FOR, NatsMailbox
from adapters.sdk.problem import AccessRefused, HubError, Problem, UnexpectedAnswer, problem_of
from adapters.sdk.retry import Backoff
from adapters.sdk.wire import read
from contracts.disclosure import Receipt

STATUS = "Concordat-Status"
ANSWER_SECONDS = 10.0
"""How long a reply is waited for: it comes after the hub's commit. Without one, nothing counts as accepted."""
_MEDIA_TYPE = "application/cloudevents+json"
_FIRST_ERROR = 300
_NOT_REGISTERED = "not-registered"


class NatsClient:
    """Everything raises Problem (the hub refuses), AccessRefused (the server lets us not in, or not there), Unreachable
    (no reply in time, no responder, no connection: not accepted) or UnexpectedAnswer.

    `Sender` empties an outbox over it as it does over `HubClient`.
    """

    def __init__(
        self,
        agency: str,
        place: NatsPlace,
        *,
        clock: Clock | None = None,
        backoff: Backoff | None = None,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.agency = agency
        self.clock: Clock = clock or SystemClock()
        self._line = NatsLine(agency, place)
        self._backoff = backoff or Backoff()
        self._answer_seconds = answer_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()

    async def publish(self, event: Mapping[str, Any], *, once: bool = False) -> Receipt:
        """Publish one event. The same event again gives the same receipt, so repeating is safe.

        `once`: a single attempt, for a caller that repeats by its own plan, as `Sender` does.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._publish(event)
            except HubError as error:
                if once or isinstance(error, UnexpectedAnswer) or (isinstance(error, Problem) and error.is_final):
                    raise
                wait = self._backoff.wait(attempt, error.retry_after if isinstance(error, Problem) else None)
                if wait is None:
                    raise
            await self.clock.sleep(wait)

    def mailbox(
        self,
        bookmark: Bookmark,
        keys: ChannelKeys,
        *,
        backoff: Backoff | None = None,
        refused_for: timedelta = REFUSED_FOR,
        on_unreadable: Callable[[str, Unreadable], None] | None = None,
    ) -> NatsMailbox:
        """Return what is received: see NatsMailbox. `on_unreadable` is given a disclosure's id and the reason."""
        return NatsMailbox(
            self._line,
            bookmark,
            keys,
            clock=self.clock,
            backoff=backoff,
            refused_for=refused_for,
            on_unreadable=on_unreadable,
        )

    async def _publish(self, event: Mapping[str, Any]) -> Receipt:
        subject = f"in.{self.agency}.{event['type']}"
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            reply = await self._line.ask(subject, body, {"Content-Type": _MEDIA_TYPE}, self._answer_seconds)
        except ValueError as error:
            raise Problem("too-large", httpx2.codes.REQUEST_ENTITY_TOO_LARGE, str(error)) from None
        return self._read(reply)

    def _read(self, reply: Msg) -> Receipt:
        headers = dict(reply.headers or {})
        status = headers.get(STATUS, "")
        if not (status.isascii() and status.isdigit()):
            raise UnexpectedAnswer("what answered over NATS is not this hub")
        response = httpx2.Response(int(status), headers=headers, content=reply.data)
        if response.status_code >= _FIRST_ERROR:
            problem = problem_of(response, self.clock.now())
            if problem.slug == _NOT_REGISTERED:
                # The account's fault and not the event's: it is kept and sent again.
                raise AccessRefused(problem.slug, problem.status, problem.detail)
            raise problem
        try:
            return read(Receipt, response.json())
        except ValueError:
            raise UnexpectedAnswer("the hub's answer is not JSON") from None


__all__ = ["ANSWER_SECONDS", "ChannelKeys", "EncryptionKey", "NatsClient", "NatsMailbox", "NatsPlace", "Unreadable"]

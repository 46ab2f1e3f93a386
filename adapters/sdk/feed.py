"""The feed: every message of the mailbox, in order, through disconnects and restarts."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

import httpx2

from adapters.sdk.bookmark import Bookmark
from adapters.sdk.client import HubClient
from adapters.sdk.message import Message, position_of
from adapters.sdk.position import Position
from adapters.sdk.problem import AccessRefused, HubError, Problem, Unreachable
from adapters.sdk.retry import Backoff

_MILLISECONDS = 1000

_log = logging.getLogger(__name__)


class Feed:
    """An endless async iterator of messages (server-sent events, WHATWG HTML §9.2).

        async for message in Feed(client, bookmark):
            store(message)

    A message counts as handled when the loop asks for the next one; only then does the bookmark move. One that was
    being handled when the process died comes again after the restart, with the same id. One that was handled never
    comes again. Resumes by itself after any disconnect; raises Problem only when the hub refuses this
    reader, and UnexpectedAnswer for what is no mailbox.
    """

    def __init__(
        self,
        client: HubClient,
        bookmark: Bookmark,
        *,
        types: Sequence[str] = (),
        episode: str | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._client = client
        self._bookmark = bookmark
        self._types = tuple(types)
        self._episode = episode
        self._backoff = backoff or Backoff(attempts=None)
        self._is_whole = not types and episode is None
        """Whether this reader sees every number, so that a missing one is a loss and not a filter's doing."""
        self._last: Position | None = bookmark.position()
        self._failures = 0
        self._asked_wait: float | None = None

    async def __aiter__(self) -> AsyncIterator[Message]:
        confirmation = _Confirmation(self._client)
        try:
            while True:
                try:
                    async with aclosing(self._connection()) as messages:
                        async for message in messages:
                            yield message
                            self._handled(message)
                            if message.position is not None:
                                confirmation.up_to(message.position)
                except Unreachable as error:
                    _log.info("the feed is interrupted: %s", error)
                except Problem as problem:
                    if problem.is_final or isinstance(problem, AccessRefused):
                        raise
                    _log.warning("the feed is interrupted: %s", problem)
                    self._asked_wait = problem.retry_after
                await self._pause()
        finally:
            await confirmation.close()

    async def _connection(self) -> AsyncGenerator[Message, None]:
        """Yield the messages of one connection that have not been handled yet."""
        after = self._bookmark.position() or await self._beginning()
        async with self._client.open_feed(after, self._types, self._episode) as source:
            self._asked_wait = None
            async for sent in source:
                self._failures = 0
                if sent.retry is not None:
                    self._asked_wait = sent.retry / _MILLISECONDS
                position = position_of(sent.id) if sent.id else None
                if not sent.data:
                    self._examined(position)
                    continue
                message = Message.read_line(sent.data, position)
                if not message.is_gap and self._bookmark.has_handled(message.id):
                    self._handled(message)
                    continue
                yield self._counted(message)

    async def _beginning(self) -> Position | None:
        """Return the place before the oldest message that is kept: a first start takes it all, not just what is new.

        None where the hub keeps nothing and says nothing of where it stands.
        """
        page = await self._client.inbox(limit=1)
        first = page.items[0].position if page.items else None
        return page.next if first is None else Position(first.generation, first.number - 1)

    def _counted(self, message: Message) -> Message:
        if not self._is_whole or message.is_gap or message.position is None or self._last is None:
            return message
        return replace(message, missed=self._last.missed_before(message.position))

    def _handled(self, message: Message) -> None:
        self._bookmark.handled(message.id, message.position)
        if message.position is not None or message.is_gap:
            # Beyond a stated gap the counting begins anew.
            self._last = message.position

    def _examined(self, position: Position | None) -> None:
        if position is None:
            return
        if self._last is None or not self._is_whole:
            self._bookmark.examined(position)
            self._last = position
        # A whole feed has handed over every number it has examined. A heartbeat further on means that something was
        # lost on the way: the bookmark stays, and so the next connection asks for it again.

    async def _pause(self) -> None:
        """Wait before connecting again: an instant after a stream that worked, ever longer while none does."""
        self._failures += 1
        await self._client.clock.sleep(self._backoff.wait(self._failures, self._asked_wait) or 0.0)
        self._asked_wait = None


class _Confirmation:
    """Tells the hub in the background how far has been handled, so that publishers see "delivered" at once.

    On the feed alone, delivery would show only at the next reconnect (INTERFACES §3, "delivered means").
    """

    def __init__(self, client: HubClient) -> None:
        self._client = client
        self._position: Position | None = None
        self._task: asyncio.Task[None] | None = None

    def up_to(self, position: Position) -> None:
        self._position = position
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._position is not None:
            position, self._position = self._position, None
            # It is said again with the next message, and by Last-Event-ID at the latest.
            with suppress(HubError, httpx2.HTTPError):
                await self._client.inbox(after=position, limit=1)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

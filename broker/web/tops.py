"""Where mailboxes stand, for all the feeds that a commit wakes: looked up together, not by each reader alone."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

from broker.ports.records import Position

Look = Callable[[Collection[str]], Awaitable[dict[str, Position]]]


class Tops:
    """Answers many readers with one look at the database at a time. Belongs to one event loop."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._asked: dict[str, list[asyncio.Future[Position]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def of(self, agency: str) -> Position:
        """Return the highest position in an agency's mailbox, committed at or after this call.

        Raises what looking raises.
        """
        answer: asyncio.Future[Position] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(agency, []).append(answer)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        while self._asked:
            asked, self._asked = self._asked, {}
            try:
                tops = await self._look(asked.keys())
            except Exception as error:  # noqa: BLE001 (whoever asked is told, and decides)
                for answer in (one for answers in asked.values() for one in answers if not one.done()):
                    answer.set_exception(error)
                continue
            for agency, answers in asked.items():
                for answer in answers:
                    if not answer.done():
                        answer.set_result(tops[agency])

"""Ending background work so that it has really ended."""

import asyncio
from typing import Any

AGAIN_SECONDS = 1.0


async def end(*tasks: "asyncio.Task[Any] | asyncio.Future[Any]") -> None:
    """Cancel tasks and wait for them; what they raise is theirs.

    A task is cancelled again as long as it goes on: where a cancellation meets an answer, `asyncio.wait_for` before
    Python 3.12 gives the answer and forgets the cancellation, in libraries too.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)

"""Waiting for mail, and being asked to stop meanwhile."""

import asyncio

import pytest

from broker.ports.notifier import LocalNotifier


def test_being_stopped_at_the_moment_of_a_wake_up_stops() -> None:
    """A relay that is told to stop just as mail comes in stops: it does not go back to waiting for ever."""

    async def story() -> None:
        notifier = LocalNotifier()
        waiting = asyncio.ensure_future(notifier.wait(60))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        notifier._release()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(story())


def test_a_wake_up_ends_the_wait_and_so_does_time() -> None:
    """Who waits is told of mail at once, and looks by itself when nobody tells it."""

    async def story() -> None:
        notifier = LocalNotifier()
        waiting = asyncio.ensure_future(notifier.wait(60))
        await asyncio.sleep(0)
        notifier.wake()
        await waiting
        await notifier.wait(0.001)

    asyncio.run(story())

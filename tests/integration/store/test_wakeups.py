"""Wake-ups between replicas."""

import asyncio
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from broker.store.wakeups import PostgresNotifier

LONG = 20.0
"""Seconds that no test waits: a wake-up that comes ends the wait."""


@pytest.fixture
def open_notifier(postgres_url: str) -> Iterator[Callable[[], PostgresNotifier]]:
    opened: list[PostgresNotifier] = []

    def once_more() -> PostgresNotifier:
        opened.append(PostgresNotifier(postgres_url))
        assert opened[-1].listening(LONG)
        return opened[-1]

    yield once_more
    for one in opened:
        one.close()


async def _woken(waiting: PostgresNotifier, waker: PostgresNotifier) -> bool:
    """Whether a waiter is woken by somebody who wakes again and again."""
    waiter = asyncio.create_task(waiting.wait(LONG))
    began = time.monotonic()
    while not waiter.done():
        await asyncio.sleep(0.05)
        waker.wake()
    return time.monotonic() - began < LONG / 2


def test_waiter_is_woken_by_its_own_replica_and_by_another(open_notifier: Callable[[], PostgresNotifier]) -> None:
    """Mail accepted by one replica reaches the feed that hangs on another."""
    here, elsewhere = open_notifier(), open_notifier()
    assert asyncio.run(_woken(here, here))
    assert asyncio.run(_woken(here, elsewhere))


def test_wait_ends_by_itself(open_notifier: Callable[[], PostgresNotifier]) -> None:
    """A feed that nobody wakes looks all the same."""
    asyncio.run(open_notifier().wait(0.05))


def test_lost_connection_is_made_anew(open_notifier: Callable[[], PostgresNotifier], postgres_url: str) -> None:
    """The server ends both connections: nobody fails, and wake-ups come through again."""
    here, elsewhere = open_notifier(), open_notifier()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%concordat_mail%'"
        ).fetchall()
    assert len(ended) == 2
    here.wake()
    assert asyncio.run(_woken(here, elsewhere))


def test_waking_never_fails(open_notifier: Callable[[], PostgresNotifier]) -> None:
    """Not a thousand times, not after closing, not without a server."""
    notifier = open_notifier()
    for _ in range(100_000):
        notifier.wake()
    notifier.close()
    notifier.wake()
    lonely = PostgresNotifier("postgresql://nobody@127.0.0.1:1/none")
    lonely.wake()
    assert not lonely.listening(0.0)
    lonely.close()


def test_only_postgresql_carries_wakeups() -> None:
    """One replica on SQLite wakes itself."""
    with pytest.raises(ValueError, match="PostgreSQL"):
        PostgresNotifier("sqlite://")

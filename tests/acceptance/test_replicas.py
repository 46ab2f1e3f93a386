"""Two replicas of one hub on one PostgreSQL: one ledger, one order, and mailboxes that both serve alike."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from adapters.sdk import Bookmark, HubClient, HubError, Problem
from contracts.disclosure import Receipt
from tests.acceptance.conftest import Process
from tests.acceptance.hub_process import HubProcess, seed_of_this_run
from tests.acceptance.reckoning import Witness, check_books, check_evidence, check_retries, check_told, mailbox
from tests.acceptance.traffic import AGENCIES, COUNCIL, HOME, POLICE, Reader, Traffic, running

KILLS = 5
LONGEST_HEARTBEAT = {"CONCORDAT_HEARTBEAT_SECONDS": "60"}
"""With so rare a look of its own at the database, what a feed hears soon it was woken for."""
PROMPTLY = 20
"""Seconds: long for a wake-up even on a machine that is busy, short against the heartbeat."""


def test_two_replicas_write_one_ledger_while_one_is_killed_again_and_again(
    process: Process, postgres_settings: dict[str, str], tmp_path: Path, extra_deaths: int
) -> None:
    """Agencies send to whichever replica answers, even to both at once, and nobody is told twice or not at all."""
    chance = seed_of_this_run()
    steady, dying = process(postgres_settings), process(postgres_settings)
    asyncio.run(_two_at_once(steady, dying, tmp_path, KILLS + extra_deaths, chance))


async def _two_at_once(steady: HubProcess, dying: HubProcess, folder: Path, kills: int, chance: random.Random) -> None:
    await steady.start()
    await dying.start()
    async with contextlib.AsyncExitStack() as stack:
        here = {one: await stack.enter_async_context(steady.client(one)) for one in AGENCIES}
        there = {one: await stack.enter_async_context(dying.client(one)) for one in AGENCIES}
        traffic = Traffic(_Either((here, there), chance).send)
        readers = [
            Reader(client, stack.enter_context(Bookmark.open(folder / f"{agency}.bookmark")))
            for agency, client in {**here, HOME: there[HOME]}.items()
        ]
        witnesses = [Witness(await stack.enter_async_context(one.client(COUNCIL, "audit"))) for one in (steady, dying)]
        async with running(*(one.run() for one in witnesses), *(one.run() for one in readers)):
            async with running(traffic.run(6), finish=True):
                for _ in range(kills):
                    await traffic.reached(chance.randint(5, 15))
                    await asyncio.sleep(chance.uniform(0, 0.03))
                    await dying.kill()
                    await traffic.reached(3)  # the other one goes on meanwhile
                    await dying.start()
                await traffic.reached(10)
                traffic.end()
            mailboxes = {agency: await mailbox(client) for agency, client in here.items()}
            for reader in readers:
                await reader.has(len(mailboxes[reader.agency]))
        assert {agency: await mailbox(client) for agency, client in there.items()} == mailboxes
        for reader in readers:
            assert [message.id for message in reader.received] == [one.id for one in mailboxes[reader.agency]]
            assert not any(message.missed or message.is_gap for message in reader.received)
        check_told(traffic.answered, mailboxes)
        for replica in (here, there):
            await check_retries(traffic.answered, replica)
        first, second = witnesses
        assert first.key is not None
        assert first.key == second.key
        # What either replica has ever shown is in the tree that the other one shows now.
        first.notes |= second.notes
        second.notes = dict(first.notes)
        await first.check_tree()
        await second.check_tree()
        for replica in (here, there):
            sample = chance.sample(mailboxes[POLICE], min(6, len(mailboxes[POLICE])))
            await check_evidence(replica[POLICE], sample, first.key)
    assert await dying.stop() == 0
    assert await steady.stop() == 0
    check_books(steady.settings, traffic.answered, first.notes.values())


def test_two_replicas_that_find_an_empty_database_found_one_hub(
    process: Process, postgres_settings: dict[str, str], extra_deaths: int
) -> None:
    """A deployment starts both at the same moment: one ledger, one partnership, one set of keys, and both serve it."""

    async def story() -> None:
        for _ in range(1 + extra_deaths // 20):
            both = [process(postgres_settings), process(postgres_settings)]
            await asyncio.gather(*(one.start() for one in both))
            async with contextlib.AsyncExitStack() as stack:
                clients = [
                    {one: await stack.enter_async_context(replica.client(one)) for one in AGENCIES} for replica in both
                ]
                traffic = Traffic(_Either(clients, seed_of_this_run()).send)
                await asyncio.gather(*(traffic.night(number) for number in range(1, 4)))
                boxes = [{agency: await mailbox(client) for agency, client in replica.items()} for replica in clients]
                assert boxes[0] == boxes[1]
                check_told(traffic.answered, boxes[0])
                witnesses = [
                    Witness(await stack.enter_async_context(replica.client(COUNCIL, "audit"))) for replica in both
                ]
                async with asyncio.timeout(PROMPTLY):
                    for witness in witnesses:
                        while not witness.notes:
                            with contextlib.suppress(HubError):
                                await witness.look()
                assert witnesses[0].key == witnesses[1].key
            for replica in both:
                assert await replica.stop() == 0
            check_books(both[0].settings, traffic.answered, witnesses[0].notes.values())
            _empty(postgres_settings)

    asyncio.run(story())


def _empty(settings: dict[str, str]) -> None:
    """Make both databases as they were before any hub."""
    for name in ("CONCORDAT_DATABASE_URL", "CONCORDAT_KEYSTORE_URL"):
        with psycopg.connect(settings[name], autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")


class _Either:
    """Sends an event to one replica, to the other if that does not answer, and sometimes to both at the same time."""

    def __init__(self, replicas: Sequence[Mapping[str, HubClient]], chance: random.Random) -> None:
        self._replicas = replicas
        self._chance = chance

    async def send(self, agency: str, event: dict[str, Any]) -> Receipt:
        both = [replica[agency] for replica in self._replicas]
        self._chance.shuffle(both)
        if self._chance.random() < 0.2:
            receipts = await asyncio.gather(*(self._try(client, event) for client in both))
            given = [receipt for receipt in receipts if receipt is not None]
            assert all(receipt == given[0] for receipt in given)
            if given:
                return given[0]
        while True:
            for client in both:
                receipt = await self._try(client, event)
                if receipt is not None:
                    return receipt

    async def _try(self, client: HubClient, event: dict[str, Any]) -> Receipt | None:
        try:
            return await client.publish(event, once=True)
        except HubError as error:
            if isinstance(error, Problem) and error.is_final:
                raise
            return None


def test_a_feed_is_woken_for_what_another_replica_accepted(
    process: Process, postgres_settings: dict[str, str], tmp_path: Path
) -> None:
    """The duty desk at one replica sees at once what was reported at the other."""

    async def story() -> None:
        async with _desk_and_reporter(process, postgres_settings | LONGEST_HEARTBEAT, tmp_path) as (desk, traffic):
            for night in range(2, 6):
                await _heard_promptly(desk, traffic, night)

    asyncio.run(story())


def test_a_lost_listener_is_replaced_and_what_it_missed_is_read(
    process: Process, postgres_settings: dict[str, str], tmp_path: Path
) -> None:
    """When PostgreSQL drops the connections that carry wake-ups, the duty desk waits for no heartbeat."""

    async def story() -> None:
        settings = postgres_settings | LONGEST_HEARTBEAT
        async with _desk_and_reporter(process, settings, tmp_path) as (desk, traffic):
            for night in range(2, 5):
                listeners = await _listeners(settings, 2)
                await asyncio.to_thread(_terminate, settings, listeners)
                await _heard_promptly(desk, traffic, night)

    asyncio.run(story())


def test_without_any_wake_up_the_database_is_still_read(
    process: Process, postgres_settings: dict[str, str], tmp_path: Path
) -> None:
    """A listener that hangs without being cut off delays the duty desk by a heartbeat, and the hub can be stopped."""

    async def story() -> None:
        settings = postgres_settings | {"CONCORDAT_HEARTBEAT_SECONDS": "1"}
        stopped: list[int] = []
        try:
            async with _desk_and_reporter(process, settings, tmp_path) as (desk, traffic):
                stopped = await _listeners(settings, 2)
                for listener in stopped:
                    os.kill(listener, signal.SIGSTOP)
                for night in range(2, 4):
                    await _heard_promptly(desk, traffic, night)
        finally:
            for listener in stopped:
                os.kill(listener, signal.SIGCONT)

    asyncio.run(story())


@contextlib.asynccontextmanager
async def _desk_and_reporter(
    process: Process, settings: dict[str, str], folder: Path
) -> AsyncIterator[tuple[Reader, Traffic]]:
    """A reader at one replica that is connected and waits, and agencies that publish at the other. Stops both."""
    read_at, written_at = process(settings), process(settings)
    await read_at.start()
    await written_at.start()
    async with contextlib.AsyncExitStack() as stack:
        clients = {one: await stack.enter_async_context(written_at.client(one)) for one in (COUNCIL, HOME, POLICE)}
        bookmark = stack.enter_context(Bookmark.open(folder / "bookmark"))
        desk = Reader(await stack.enter_async_context(read_at.client(COUNCIL)), bookmark)
        traffic = Traffic(lambda agency, event: clients[agency].publish(event))
        async with running(desk.run()):
            await _heard_promptly(desk, traffic, 1)
            yield desk, traffic
    for replica in (read_at, written_at):
        assert await replica.stop(PROMPTLY) == 0


async def _heard_promptly(desk: Reader, traffic: Traffic, night: int) -> None:
    """One child's night: each message of it reaches the desk soon after its publisher was answered."""
    begun = len(traffic.answered)
    await traffic.night(night)
    async with asyncio.timeout(PROMPTLY):
        for one in traffic.answered[begun:]:
            for told in one.receipt.told:
                if told.agency == desk.agency:
                    await desk.hears(told.disclosure_id)


async def _listeners(settings: dict[str, str], expected: int) -> list[int]:
    """Wait until that many connections carry wake-ups; return their process ids."""
    query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^(LISTEN|NOTIFY) '"
    async with asyncio.timeout(PROMPTLY):
        while True:
            with psycopg.connect(settings["CONCORDAT_DATABASE_URL"], autocommit=True) as connection:
                found = [row[0] for row in connection.execute(query)]
            if len(found) >= expected:
                return found
            await asyncio.sleep(0.02)


def _terminate(settings: dict[str, str], backends: list[int]) -> None:
    with psycopg.connect(settings["CONCORDAT_DATABASE_URL"], autocommit=True) as connection:
        for backend in backends:
            connection.execute("SELECT pg_terminate_backend(%s)", (backend,))

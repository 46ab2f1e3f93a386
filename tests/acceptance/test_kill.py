"""The hub dies at any moment of a night and comes back: nothing that it answered for is lost, doubled or unproved.

Death is SIGKILL, to a real process, from outside at random moments and from inside at chosen ones. It cannot show what
a power cut would: the pages that a killed process has written are the kernel's already, and reach the disk whether it
asked for them to be flushed or not. A hub that never flushed would pass all of this. `test_power_loss.py` cuts the
power on SQLite. On PostgreSQL what stands for it is that every connection runs with the settings under which it flushes
before it confirms, which `test_a_commit_is_on_the_disk_before_it_is_answered` asks of the connections themselves, and
that the hub refuses to start where one of them is off.
"""

import asyncio
import random
import signal
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text

from broker.store import tables
from broker.store.engine import UnsafeSettings
from broker.store.transactions import Database
from tests.acceptance.conftest import Process
from tests.acceptance.hub_entry import Fate
from tests.acceptance.hub_process import PATIENCE, HubDied, HubProcess, seed_of_this_run
from tests.acceptance.night import play_night
from tests.acceptance.reckoning import check_books
from tests.acceptance.traffic import COUNCIL, HOME, POLICE, Traffic

MOMENTS = (
    Fate("before", "INSERT INTO vault_keys", 2),  # a new child's key is not yet made
    Fate("before", "INSERT INTO entries", 3),  # its key is made, nothing of the event is kept
    Fate("after", "UPDATE head", 4),  # the entries are written and the head has moved, nothing else is
    Fate("before", "INSERT INTO mail ", 3),  # half of a batch is written
    Fate("after", "INSERT INTO mailboxes", 2),  # likewise
    Fate("commit", "INSERT INTO events", 3),  # all is written, nothing is committed
    Fate("wake", "", 1),  # committed; nobody has been answered
    Fate("wake", "", 4),
    Fate("before", "INSERT INTO deliveries", 2),  # a reader's confirmation
    Fate("before", "INSERT INTO checkpoints", 1),  # a head is signed and not kept
    Fate("before", "INSERT INTO vault_floor", 1),  # it is kept, the key store does not know of it
    Fate("commit", "INSERT INTO vault_floor", 1),
)
FIRST_MOMENTS = (
    Fate("file", "", 1),  # the key-encryption key's file is named and empty
    Fate("before", "INSERT INTO vault_identity"),
    Fate("before", "CREATE TABLE", 9),
    Fate("before", "INSERT INTO alembic_version"),
    Fate("before", "INSERT INTO vault_secrets"),
    Fate("file", "", 2),  # the first agency's key file is named and empty
    Fate("before", "INSERT INTO agencies"),
    Fate("commit", "INSERT INTO agencies"),
)


def test_nothing_answered_is_lost_doubled_or_unproved(
    process: Process, hub_settings: dict[str, str], tmp_path: Path, extra_deaths: int
) -> None:
    """Agencies rely on a receipt whatever happens to the hub, and on their mailboxes having neither gap nor double."""
    chance = seed_of_this_run()
    hub = process(hub_settings)
    chosen, at_random = (5, 3) if "CONCORDAT_DATABASE_URL" in hub_settings else (len(MOMENTS), 6)
    deaths = [*chance.sample(MOMENTS, chosen), *[None] * at_random, *chance.choices((*MOMENTS, None), k=extra_deaths)]
    chance.shuffle(deaths)

    asyncio.run(play_night(hub, tmp_path, lambda traffic, _: _die_often(hub, traffic, deaths, chance), chance))
    assert hub.lives == len(deaths) + 2


async def _die_often(hub: HubProcess, traffic: Traffic, deaths: Sequence[Fate | None], chance: random.Random) -> None:
    """Kill the hub once at random, then once for each death, each time after some progress; leave it running."""
    for death in (None, *deaths):
        if death is None:
            if not hub.is_running:
                await hub.start()
            # From outside: after some answers, and then at any instant of what comes next.
            await traffic.reached(chance.randint(2, 10))
            await asyncio.sleep(chance.uniform(0, 0.03))
            await hub.kill()
        else:
            # From inside: it meets the moment of its death as soon as that comes.
            await hub.start(death)
            assert await hub.ended() == -signal.SIGKILL, f"{death}: {hub.last_words()}"
    await hub.start()
    await traffic.reached(10)


def test_a_first_start_that_is_cut_off_is_simply_done_again(process: Process, hub_settings: dict[str, str]) -> None:
    """An operator whose machine goes down in the first second starts the hub again, and has a whole hub."""

    async def story() -> None:
        hub = process(hub_settings)
        for moment in FIRST_MOMENTS:
            await hub.start(moment)
            assert await hub.ended() == -signal.SIGKILL, f"{moment}: {hub.last_words()}"
        await hub.start()
        async with hub.client(COUNCIL) as council, hub.client(HOME) as home, hub.client(POLICE) as police:
            clients = {COUNCIL: council, HOME: home, POLICE: police}
            traffic = Traffic(lambda agency, event: clients[agency].publish(event))
            await traffic.night(1)
            assert all(one.receipt.told for one in traffic.answered)
        assert await hub.stop() == 0
        check_books(hub.settings, traffic.answered, ())
        database = Database(hub.settings.main_url)
        with database.reading() as connection:
            assert len(connection.execute(select(tables.agencies)).all()) == 8
            assert len(connection.execute(select(tables.protocols)).all()) == 1
        database.close()

    asyncio.run(asyncio.wait_for(story(), 2 * PATIENCE))


def test_a_commit_is_on_the_disk_before_it_is_answered(hub_settings: dict[str, str], process: Process) -> None:
    """What an agency was answered outlasts a power cut: both databases flush before they confirm."""
    hub = process(hub_settings)
    hub.state.joinpath("keys").mkdir(parents=True)
    for url in (hub.settings.main_url, hub.settings.keys_url):
        database = Database(url)
        with database.writing() as connection:
            if database.is_postgresql:
                for setting in ("fsync", "full_page_writes"):
                    assert connection.execute(text(f"SHOW {setting}")).scalar_one() == "on"
                # `local` would not wait for a standby; without one it is as good as `on`.
                assert connection.execute(text("SHOW synchronous_commit")).scalar_one() in {"on", "remote_apply"}
            else:
                assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
                assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        database.close()


def test_a_hub_refuses_a_database_that_confirms_too_early(process: Process, postgres_settings: dict[str, str]) -> None:
    """An operator who has traded safety for speed is told so at the start, before an agency relies on a receipt."""
    hub = process(postgres_settings)
    url = postgres_settings["CONCORDAT_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit = off")
    with pytest.raises(HubDied, match="synchronous_commit = off"):
        asyncio.run(hub.start())
    with pytest.raises(UnsafeSettings):
        Database(url)

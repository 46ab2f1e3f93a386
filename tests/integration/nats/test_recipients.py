"""Several agencies hear of one child, each by its own ways: everyone gets all that is theirs, and nothing else."""

import asyncio
import contextlib
from typing import Any

from broker.nats.channel import ChannelSettings
from broker.nats.rebuild import rebuild
from broker.ports.records import DisclosureFilter
from broker.ports.relay import Standing
from contracts.ledger_entry import Operation
from tests.placed_child import COUNCIL, HEALTH, HEARING, HOST, POLICE, missing, placement
from tests.webhook_desk import desks, subscribe

QUICK = ChannelSettings(lease_seconds=3.0, pause_seconds=0.05)
CHILDREN = 4


async def report(stand, children: int = 1) -> dict[str, set[str]]:
    """Place children and report them missing; return the ids of what the ledger says that each agency was told of it.

    The receipts alone would not do: they name only agencies that their publisher may know.
    """
    before = told_so_far(stand)
    for _ in range(children):
        placed = await stand.publish(placement())
        await stand.publish(missing(placed["subject"]))
    told = {agency: ids - before[agency] for agency, ids in told_so_far(stand).items()}
    assert all(len(ids) >= children for ids in told.values()), "each of them hears of each child"
    return told


def told_so_far(stand) -> dict[str, set[str]]:
    with stand.built.store.reading() as view:
        return {
            agency: {
                one.id
                for one in view.disclosures(DisclosureFilter(agency=None, recipient=agency, limit=500))
                if one.outcome is Operation.DISCLOSED
            }
            for agency in HEARING
        }


async def take_feed(client, ids: set[str]) -> list[dict[str, Any]]:
    """Read an agency's feed until all of these have come."""
    seen: dict[str, dict[str, Any]] = {}
    async with client.open_feed(None) as feed, asyncio.timeout(30), contextlib.aclosing(aiter(feed)) as events:
        async for event in events:
            if event.data:
                seen.setdefault(event.json()["id"], event.json())
            if ids <= seen.keys():
                return list(seen.values())
    raise AssertionError("the feed ended")


def test_everyone_gets_their_own_by_each_of_their_channels(tmp_path, server, kit):
    """A force on NATS, a council on NATS and feed, another by webhook, health on the feed: four views of one night."""

    async def story() -> None:
        async with (
            kit.hub(tmp_path, server, QUICK, webhook_allowed_networks="127.0.0.0/8") as stand,
            kit.rest(tmp_path, stand) as door,
            desks(HOST) as endpoints,
        ):
            await subscribe(door.client(HOST), endpoints[HOST].url)
            told = await report(stand, CHILDREN)
            by_nats = {one: await stand.reader(one) for one in (POLICE, COUNCIL)}
            for agency, reader in by_nats.items():
                await reader.take(len(told[agency]))
            by_feed = {one: await take_feed(door.client(one), told[one]) for one in (COUNCIL, HEALTH)}
            await endpoints[HOST].has(told[HOST])

            for agency, reader in by_nats.items():
                assert {one["id"] for one in reader.seen} == told[agency]
                assert len(reader.seen) == len(told[agency]), "once, since nothing failed"
            for agency, seen in by_feed.items():
                assert {one["id"] for one in seen} == told[agency]
            assert {name for name, _ in endpoints[HOST].got} == told[HOST]
            # One message has one id wherever it is read, and no two agencies share one.
            everyone = [one for agency in HEARING for one in told[agency]]
            assert len(everyone) == len(set(everyone))
            openings = [
                next(one["data"] for one in seen if one["type"] == "concordat.episode.opened.v1")
                for seen in (by_nats[POLICE].seen, by_feed[HEALTH])
            ]
            assert openings[0] != openings[1], "each is told what the protocol gives to its role"
            for agency in (POLICE, COUNCIL, HOST):
                await kit.until(lambda agency=agency: all(stand.delivered(agency).values()), f"delivery to {agency}")

    asyncio.run(story())


def test_after_a_rebuild_each_goes_on_from_its_own_place(tmp_path, server, kit):
    """One had confirmed all, one the first, two nothing: the lost store comes back with just what each still needs."""

    async def story() -> None:
        async with kit.hub(tmp_path, server, QUICK) as stand:
            told = await report(stand, CHILDREN)
            police, council = await stand.reader(POLICE), await stand.reader(COUNCIL)
            await police.take(len(told[POLICE]))
            first = (await council.fetch(1))[0]
            await first.ack()
            confirmed = first.headers["Nats-Msg-Id"]
            await kit.until(lambda: all(stand.delivered(POLICE).values()), "the acks of the force")
            await kit.until(lambda: stand.delivered(COUNCIL)[confirmed], "the ack of the council")
            server.kill()
            server.lose_streams()
            server.start()
            await stand.standing(Standing.MISSING)
            done = await rebuild(stand.client, stand.built.hub, kit.token_of, QUICK)
            unconfirmed = {
                POLICE: set(),
                COUNCIL: told[COUNCIL] - {confirmed},
                HOST: told[HOST],
                HEALTH: told[HEALTH],
            }
            assert done.waiting >= sum(len(ids) for ids in unconfirmed.values())
            await stand.relaying()
            after = await report(stand)
            for agency, ids in unconfirmed.items():
                reader = await stand.reader(agency)
                await reader.take(len(ids) + len(after[agency]))
                assert {one["id"] for one in reader.seen} == ids | after[agency]
                numbers = sorted(int(one["concordatsequence"].partition(".")[2]) for one in reader.seen)
                assert numbers == list(range(numbers[0], stand.mailbox(agency) + 1)), "no number is missing"

    asyncio.run(story())

"""A whole night with every agency at work, while something happens to the hub; and the reckoning in the morning."""

import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from adapters.sdk import Bookmark, HubClient, Outbox, Sender
from contracts.disclosure import Receipt
from tests.acceptance.hub_process import STUBBORN, HubProcess
from tests.acceptance.reckoning import Witness, check_books, check_evidence, check_retries, check_told, mailbox
from tests.acceptance.traffic import AGENCIES, COUNCIL, HOME, POLICE, Reader, Send, Traffic, running

Happening = Callable[[Traffic, Mapping[str, HubClient]], Awaitable[None]]


async def play_night(hub: HubProcess, folder: Path, happening: Happening, chance: random.Random) -> None:
    """Let agencies report and read until all has happened that is to happen; check what each of them holds then.

    The hub is started, stopped at the end, and its books are gone through.
    """
    await hub.start()
    async with contextlib.AsyncExitStack() as stack:
        clients = {agency: await stack.enter_async_context(hub.client(agency)) for agency in AGENCIES}
        witness = Witness(await stack.enter_async_context(hub.client(COUNCIL, "audit")))
        outboxes = {one: stack.enter_context(Outbox.open(folder / f"{one}.outbox")) for one in (POLICE, COUNCIL)}
        senders = [Sender(outbox, clients[agency], STUBBORN) for agency, outbox in outboxes.items()]
        readers = [
            Reader(client, stack.enter_context(Bookmark.open(folder / f"{agency}.bookmark")))
            for agency, client in clients.items()
        ]
        traffic = Traffic(_two_ways_to_send(clients, outboxes))
        tasks = (witness.run(), *(reader.run() for reader in readers), *(sender.run() for sender in senders))
        async with running(*tasks):
            async with running(traffic.run(4), finish=True):
                await happening(traffic, clients)
                traffic.end()
            mailboxes = {agency: await mailbox(client) for agency, client in clients.items()}
            for reader in readers:
                await reader.has(len(mailboxes[reader.agency]))
        # What reached each application is its mailbox: in order, each once, and nothing was found missing on the way.
        for reader in readers:
            assert [message.id for message in reader.received] == [one.id for one in mailboxes[reader.agency]]
            assert not any(message.missed or message.is_gap for message in reader.received)
        check_told(traffic.answered, mailboxes)
        await check_retries(traffic.answered, clients)
        assert {agency: await mailbox(client) for agency, client in clients.items()} == mailboxes
        await witness.check_tree()
        assert witness.key is not None
        for agency in (POLICE, HOME):
            sample = chance.sample(mailboxes[agency], min(10, len(mailboxes[agency])))
            await check_evidence(clients[agency], sample, witness.key)
    assert await hub.stop() == 0
    check_books(hub.settings, traffic.answered, witness.notes.values())


def _two_ways_to_send(clients: Mapping[str, HubClient], outboxes: Mapping[str, Outbox]) -> Send:
    """Some agencies keep an outbox; the others ask again themselves, under the same id."""

    async def send(agency: str, event: dict[str, Any]) -> Receipt:
        if agency not in outboxes:
            return await clients[agency].publish(event)
        outcome = await outboxes[agency].outcome_of(outboxes[agency].put(event))
        assert outcome.receipt is not None, outcome.refusal
        return outcome.receipt

    return send

"""What must be true after the hub has died often: asked of the hub as its agencies ask, and then of its databases."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from adapters.sdk import HubClient, HubError, Message, Position, gather_evidence, prove
from broker.ledger.tree import Frontier
from broker.settings import Settings
from broker.store import tables
from broker.store.database import SqlView
from broker.store.kek import load_or_create_kek
from broker.store.keystore import SqlVault
from broker.store.sealing import Seals
from broker.store.transactions import Database
from contracts.commitment import opens
from contracts.ledger_entry import Operation
from contracts.merkle import hash_leaf, roots_at
from contracts.tiles import tiles_of
from contracts.tlog import Checkpoint, open_checkpoint
from contracts.transparency import VerifierKey
from tests.acceptance.traffic import Answered

AT_ONCE = 16
LOOK = 0.05
"""Seconds between two looks at the published checkpoint."""


@dataclass
class Witness:
    """Somebody who keeps every checkpoint that the hub has ever shown."""

    client: HubClient
    notes: dict[str, Checkpoint] = field(default_factory=dict)
    key: VerifierKey | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            with contextlib.suppress(HubError):  # there is none yet, or nobody answers just now
                await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> Checkpoint:
        """Keep the newest checkpoint and return it. Raises HubError."""
        if self.key is None:
            self.key = VerifierKey.parse(await self.client.verifier_key())
        note = await self.client.checkpoint()
        self.notes[note] = open_checkpoint(note, self.key)
        return self.notes[note]

    async def check_tree(self) -> None:
        """Compute the root of every checkpoint ever shown from the leaves as published now: the tree never forked."""
        newest = await self.look()
        leaves: list[bytes] = []
        for tile in tiles_of(newest.size):
            hashes = await self.client.tile(tile)
            if tile.level == 0:
                leaves += [hashes[start : start + 32] for start in range(0, len(hashes), 32)]
        roots = roots_at(leaves, [shown.size for shown in self.notes.values()])
        assert all(roots[shown.size] == shown.root for shown in self.notes.values())


async def mailbox(client: HubClient) -> tuple[Message, ...]:
    """Read a whole mailbox, and check that it is numbered 1, 2, 3 … and holds nothing twice."""
    messages: list[Message] = []
    after: Position | None = None
    while True:
        page = await client.inbox(after, limit=500)
        messages += page.items
        if not page.items:
            break
        after = page.next
    assert [message.position for message in messages] == [Position(1, n) for n in range(1, len(messages) + 1)]
    assert len({message.id for message in messages}) == len(messages)
    return tuple(messages)


def check_told(answered: Iterable[Answered], mailboxes: Mapping[str, Sequence[Message]]) -> None:
    """Everyone of whom a publisher was answered "told" has exactly that in the mailbox, and only there, once."""
    where = Counter((agency, message.id) for agency, mail in mailboxes.items() for message in mail)
    anywhere = Counter(message.id for mail in mailboxes.values() for message in mail)
    told = [(one.agency, one.disclosure_id) for each in answered for one in each.receipt.told]
    assert told
    assert len({disclosure for _, disclosure in told}) == len(told)
    assert all(where[pair] == 1 and anywhere[pair[1]] == 1 for pair in told)


async def check_retries(answered: Sequence[Answered], clients: Mapping[str, HubClient]) -> None:
    """Whoever sends an event again gets the same receipt again."""

    async def again(one: Answered) -> None:
        assert await clients[one.agency].publish(one.event) == one.receipt

    await side_by_side(again(one) for one in answered)


async def check_evidence(client: HubClient, mail: Sequence[Message], key: VerifierKey) -> None:
    """Entry, opening and proof of each message fit together under a published checkpoint, and prove its very data."""

    async def proved(message: Message) -> None:
        prove(await gather_evidence(client, message.id), key, message.data)

    await side_by_side(proved(message) for message in mail)


async def side_by_side(work: Iterable[Any]) -> None:
    """Await all, some at a time."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(each: Any) -> None:
        async with slots:
            await each

    async with asyncio.TaskGroup() as group:
        for each in work:
            group.create_task(one(each))


def check_books(settings: Settings, answered: Sequence[Answered], shown: Iterable[Checkpoint]) -> None:
    """Go through every row of a hub's databases: nothing in them is missing, doubled, or without its ledger entry."""
    vault = SqlVault(settings.keys_url, load_or_create_kek(settings.kek_path))
    database = Database(settings.main_url)
    try:
        with database.reading() as connection:
            view = SqlView(connection, Seals(vault))
            leaves = connection.execute(select(tables.entries).order_by(tables.entries.c.place)).all()
            _check_ledger(view.frontier(), leaves)
            kept = connection.execute(select(tables.checkpoints)).all()
            sizes = [(row.size, row.root) for row in kept] + [(one.size, one.root) for one in shown]
            roots = roots_at([row.leaf_hash for row in leaves], [size for size, _ in sizes])
            assert all(roots[size] == root for size, root in sizes)
            assert {one.size for one in shown} <= {row.size for row in kept}
            details = {row.id: _details(view, row) for row in leaves if row.operation != Operation.PADDING}
            _check_events(connection.execute(select(tables.events)).all(), leaves, details, answered)
            disclosures = connection.execute(select(tables.disclosures)).all()
            mail = connection.execute(select(tables.mail)).all()
            boxes = connection.execute(select(tables.mailboxes)).all()
            _check_disclosures(disclosures, leaves, mail, boxes)
            delivered = [
                (detail["disclosure"], detail["channel"])
                for row in leaves
                if row.operation == Operation.DELIVERED
                for detail in [details[row.id]]
            ]
            assert len(set(delivered)) == len(delivered)
            arrived = connection.execute(select(tables.deliveries.c.disclosure, tables.deliveries.c.channel)).all()
            assert sorted(delivered) == sorted(map(tuple, arrived))
    finally:
        database.close()
        vault.close()


def _check_ledger(head: Frontier, leaves: Sequence[Any]) -> None:
    assert [row.place for row in leaves] == list(range(head.size))
    assert all(hash_leaf(row.leaf) == row.leaf_hash for row in leaves)
    assert len({row.leaf for row in leaves}) == len(leaves)
    assert roots_at([row.leaf_hash for row in leaves], [head.size]) == {head.size: head.root()}


def _details(view: SqlView, row: Any) -> dict[str, Any]:
    """Open every commitment of an entry, and return the full detail."""
    entry = view.entry(row.id)
    assert entry is not None
    assert entry.opening is not None
    opening, commitments = json.loads(entry.opening), json.loads(entry.leaf)["commitments"]
    assert opening.keys() == commitments.keys()
    payload = view.mail_of(row.id)
    for name, sealed in opening.items():
        value = sealed.get("value")
        if "form" in sealed:
            form = view.form(bytes.fromhex(sealed["form"]))
            assert form is not None
            sealed["value"] = value = {**json.loads(form), **value}
        if name == "payload" and entry.operation is Operation.DISCLOSED:
            assert payload is not None
            value = json.loads(payload.content or b"null")["data"]
        if name != "payload" or value is not None:
            assert opens(commitments[name], bytes.fromhex(sealed["key"]), value), (entry.operation, name)
    return dict(opening["full_detail"]["value"])


def _check_events(
    events: Sequence[Any],
    leaves: Sequence[Any],
    details: Mapping[str, Mapping[str, Any]],
    answered: Sequence[Answered],
) -> None:
    accepted = {row.id: details[row.id] for row in leaves if row.operation == Operation.ACCEPTED}
    assert {row.entry: row.id for row in events} == {entry: detail["event_id"] for entry, detail in accepted.items()}
    assert Counter(row.entry for row in events).most_common(1)[0][1] == 1
    by_publishers = Counter(row.id for row in events if row.receipt is not None)
    assert by_publishers == Counter(one.event["id"] for one in answered)
    assert {(row.id, row.entry) for row in events if row.receipt is not None} == {
        (one.receipt.event_id, one.receipt.entry) for one in answered
    }


def _check_disclosures(
    disclosures: Sequence[Any], leaves: Sequence[Any], mail: Sequence[Any], boxes: Sequence[Any]
) -> None:
    decided = {row.id: row.operation for row in leaves if row.operation in {Operation.DISCLOSED, Operation.WITHHELD}}
    assert {row.id: row.outcome for row in disclosures} == decided
    assert len(disclosures) == len(decided)
    told = Counter(row.id for row in disclosures if row.outcome == Operation.DISCLOSED)
    assert Counter(row.disclosure for row in mail) == told
    # One decision for each recipient and event: nobody is told the same under two ids.
    decisions = Counter((row.event_source, row.event_id, row.recipient) for row in disclosures)
    assert decisions.most_common(1)[0][1] == 1
    for box in boxes:
        numbers = sorted(row.number for row in mail if row.recipient == box.recipient)
        assert numbers == list(range(1, box.top + 1))

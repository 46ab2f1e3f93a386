"""One invented night in a database: entries, events, disclosures and mail that fit together as a flow writes them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from broker.ports.records import (
    AcknowledgementRecord,
    Delivery,
    DisclosureRecord,
    EntryRecord,
    EventRecord,
    Mailbox,
    MailRecord,
    Scope,
)
from broker.ports.store import Unit
from broker.store.database import SqlStore
from broker.store.keystore import SqlVault
from contracts.disclosure import NotToldReason, Operation
from contracts.vocabulary import AcknowledgementAction

NORTHMERE, EASTVALE, HOME = "northmere-police", "eastvale-council", "harbour-house"
OPENED = "concordat.episode.opened.v1"
KEK = bytes(range(32))


@dataclass
class Night:
    """Writes what one accepted event leaves behind. Ids are counted, times pass a second at a time."""

    prefix: str = "01JD6QK3Z8"
    now: datetime = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_id(self) -> str:
        self.now += timedelta(seconds=1)
        return f"{self.prefix}{next(self.numbers):016d}"

    def append(self, unit: Unit, entries: Sequence[EntryRecord]) -> None:
        """Give entries their places, and move the edge of the tree over them."""
        edge = unit.frontier()
        grown, nodes = edge.append(entry.leaf_hash for entry in entries)
        unit.put_frontier(grown, nodes)
        unit.add_entries(entries, edge.size)

    def entry(self, operation: Operation, scope: Scope | None, opening: bytes | None = b"{}") -> EntryRecord:
        entry_id = self.new_id()
        leaf = b'{"id":"%s"}' % entry_id.encode()
        return EntryRecord(entry_id, operation, leaf, sha256(b"\0" + leaf).digest(), scope, opening)

    def publish(
        self,
        unit: Unit,
        *,
        subject: str = "episode/01JD6QK3Z8T0V5W2N4Y6B8C0CX",
        publisher: str = NORTHMERE,
        tell: Sequence[str] = (EASTVALE,),
        withhold: Sequence[str] = (),
        type: str = OPENED,  # noqa: A002 (the record's own word)
        content: bytes = b'{"circumstances":"invented"}',
        released: tuple[str, ...] = ("circumstances", "risk.level"),
        hidden: tuple[str, ...] = ("associates[].name",),
        child: str | None = None,
    ) -> tuple[EventRecord, tuple[DisclosureRecord, ...]]:
        """Accept one event: entries, event, disclosures, mail and mailboxes."""
        scope = Scope(subject, publisher)
        accepted = self.entry(Operation.ACCEPTED, scope, content)
        outcomes = [(one, Operation.DISCLOSED) for one in tell] + [(one, Operation.WITHHELD) for one in withhold]
        entries = [self.entry(outcome, scope, content) for _, outcome in outcomes]
        self.append(unit, [accepted, *entries])
        source, event_id = f"//hub.northmere.example/agencies/{publisher}", self.new_id()
        event = EventRecord(
            source, event_id, type, subject, publisher, b"mac", self.now, accepted.id, content, b"receipt:" + content
        )
        unit.add_events([event])
        disclosures, mail = [], []
        for (recipient, outcome), entry in zip(outcomes, entries, strict=True):
            mailbox = unit.mailbox(recipient)
            was_told = outcome is Operation.DISCLOSED
            number = mailbox.top + 1 if was_told else None
            disclosures.append(
                DisclosureRecord(
                    id=entry.id,
                    event_source=source,
                    event_id=event_id,
                    type=type,
                    subject=subject,
                    child=child,
                    publisher=publisher,
                    recipient=recipient,
                    roles=("responsible_authority", "host_authority"),
                    outcome=outcome,
                    reason=None if was_told else NotToldReason.NO_CLAUSE,
                    at=self.now,
                    event_time=self.now - timedelta(minutes=5),
                    protocol="northmere-missing-children@3" if was_told else None,
                    released=released if was_told else (),
                    withheld=hidden,
                    generation=mailbox.generation if was_told else None,
                    number=number,
                )
            )
            if number is not None:
                mail.append(
                    MailRecord(recipient, mailbox.generation, number, entry.id, type, subject, scope, content, self.now)
                )
                unit.put_mailboxes([Mailbox(recipient, mailbox.generation, number)])
        unit.add_disclosures(disclosures)
        unit.add_mail(mail)
        return event, tuple(disclosures)

    def deliver(self, unit: Unit, disclosure: str, channel: str = "feed") -> datetime:
        self.new_id()
        unit.add_deliveries([Delivery(disclosure, channel, self.now)])
        return self.now

    def acknowledge(
        self, unit: Unit, told: DisclosureRecord, action: AcknowledgementAction, note: bytes = b"note"
    ) -> AcknowledgementRecord:
        one = AcknowledgementRecord(
            self.new_id(), told.id, told.recipient, action, self.now, Scope(told.subject, told.recipient), note
        )
        unit.add_acknowledgements([one])
        return one


@pytest.fixture
def night() -> Night:
    return Night()


@pytest.fixture
def vault_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'keys.sqlite'}"


@pytest.fixture
def vault(vault_url: str) -> Iterator[SqlVault]:
    opened = SqlVault(vault_url, KEK)
    yield opened
    opened.close()


@pytest.fixture
def open_store(database_url: str, vault: SqlVault) -> Iterator[Callable[[], SqlStore]]:
    """Opens the same database as often as asked: as another replica would, or as the same hub after a restart."""
    opened: list[SqlStore] = []

    def once_more() -> SqlStore:
        opened.append(SqlStore(database_url, vault))
        return opened[-1]

    yield once_more
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], SqlStore]) -> SqlStore:
    return open_store()

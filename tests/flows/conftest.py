"""A hub without doors: real store, real cores, a clock that the test moves."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from ulid import ULID

from broker.cli.partnership import SOUTHFOLD, WESTMOOR, found
from broker.flows.check import read
from broker.flows.checkpoint import publish_checkpoint
from broker.flows.hub import Hub
from broker.flows.mailbox import read_mail
from broker.flows.parts import Parts
from broker.flows.publish import Published, publish
from broker.flows.registry import Registry
from broker.flows.sequencer import Sequencer
from broker.flows.tellers import Alone
from broker.flows.tick import tick
from broker.ledger.checkpoint import CheckpointSigner
from broker.ports.clock import SetClock
from broker.ports.fresh import FreshMail
from broker.ports.notifier import LocalNotifier
from broker.ports.records import DisclosureFilter, DisclosureRecord
from broker.ports.store import View
from broker.ports.vault import MemoryVault
from broker.store import tables
from broker.store.database import SqlStore
from contracts.envelope import rfc3339
from contracts.ledger_entry import Operation
from contracts.vocabulary.library import packaged

TONIGHT = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)


@dataclass
class Doors:
    """What a door would do: publish in an agency's name, read its mailbox."""

    hub: Hub
    clock: SetClock
    sent: list[dict[str, Any]] = field(default_factory=list)

    def close(self) -> None:
        """Close the hub."""
        self.hub.sequencer.close()
        self.hub.store.close()

    @contextmanager
    def view(self) -> Iterator[View]:
        """Read what is committed."""
        with self.hub.store.reading() as view:
            yield view

    def disclosures(self, **wanted: Any) -> tuple[DisclosureRecord, ...]:
        """Return disclosures and withholdings as oversight finds them, newest first."""
        with self.view() as view:
            return view.disclosures(DisclosureFilter(**({"agency": None, "limit": 500} | wanted)))

    def operations(self) -> Counter[Operation]:
        """Count the ledger's entries by operation, as its table has them."""
        with self.view() as view:
            rows = view._connection.execute(select(tables.entries.c.operation)).scalars().all()
        return Counter(Operation(row) for row in rows)

    def pass_hours(self, hours: float) -> None:
        """Let time pass, and the hub look at its clock."""
        self.clock.advance(timedelta(hours=hours))
        self.run(lambda draft: tick(draft, self.hub.parts))

    def size(self) -> int:
        """Return the size of the ledger's tree."""
        with self.view() as view:
            return view.frontier().size

    def step(self, document: dict[str, Any]) -> Callable[..., Published]:
        """Return the step that publishes a CloudEvent in the name of the agency of its source."""
        return self.step_as(document["source"].rpartition("/")[2], document)

    def step_as(self, agency: str, document: dict[str, Any]) -> Callable[..., Published]:
        """Return the step that publishes a CloudEvent in the name of whose token it came with."""
        incoming = read(document)
        return lambda draft: publish(draft, agency, incoming, self.hub.parts)

    def publish_checkpoint(self) -> Any:
        """Publish the ledger's head."""
        hub = self.hub
        return publish_checkpoint(hub.store, hub.parts.vault, hub.signer, hub.parts.clock)

    def event(self, agency: str, event_type: str, data: dict[str, Any], **attributes: Any) -> dict[str, Any]:
        """Make a CloudEvent."""
        return {
            "specversion": "1.0",
            "id": str(ULID()),
            "source": f"/agencies/{agency}",
            "type": event_type,
            "time": rfc3339(self.clock.now()),
            "data": data,
        } | attributes

    def run(self, *steps: Callable[..., Any]) -> list[Any]:
        """Commit steps as one batch; raise the first that was dropped."""
        outcomes = self.hub.sequencer.commit(list(steps))
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return outcomes

    def send(self, document: dict[str, Any]) -> Published:
        """Publish a CloudEvent in the name of the agency of its source."""
        self.sent.append(document)
        (published,) = self.run(self.step(document))
        return published

    def publish(self, agency: str, event_type: str, data: dict[str, Any], **attributes: Any) -> Published:
        """Make and publish a CloudEvent."""
        return self.send(self.event(agency, event_type, data, **attributes))

    def mail(self, agency: str) -> list[dict[str, Any]]:
        """Return everything in an agency's mailbox."""
        with self.hub.store.reading() as view:
            page = read_mail(view, agency, None, 500, hub=self.hub.parts.own_name)
        return [orjson.loads(item) for item in page.items]

    def place(self, **changes: Any) -> str:
        """Have Eastvale place the child in Harbour House; return the hub's handle of the child."""
        data = {
            "child": {"local_reference": "EC-2041", "name": "Robin Example", "birth_date": "2012-05-14"},
            "placement": {"began_at": "2026-11-01T09:00:00Z", "code": "K2", "area": WESTMOOR},
            "involved": [
                {"agency": "harbour-house", "role": "care_provider"},
                {"agency": "westmoor-council", "role": "host_authority"},
                {"agency": "northmere-health", "role": "health"},
                {"agency": "bright-path", "role": "charity"},
            ],
        } | changes
        receipt = self.publish("eastvale-council", "concordat.placement.notified.v1", data).receipt
        assert receipt.subject is not None
        return receipt.subject.removeprefix("child/")

    def located(self, agency: str, episode: str, **changes: Any) -> Published:
        """Have an agency report the child found."""
        data = {"located_at": "2026-11-20T21:30:00Z"} | changes
        return self.publish(agency, "concordat.child.located.v1", data, subject=f"episode/{episode}")

    def returned(self, agency: str, episode: str, **changes: Any) -> Published:
        """Have an agency report the child back."""
        data = {"returned_at": "2026-11-20T21:35:00Z", "setting": "placement"} | changes
        return self.publish(agency, "concordat.child.returned.v1", data, subject=f"episode/{episode}")

    def risk(self, agency: str, episode: str, level: str = "high", **changes: Any) -> Published:
        """Have a force assess the risk anew."""
        data = {"risk": {"level": level} | changes}
        return self.publish(agency, "concordat.risk.changed.v1", data, subject=f"episode/{episode}")

    def confirm(self, agency: str, episode: str, other: str, role: str) -> Published:
        """Have a record holder confirm another agency's part."""
        data = {"involved": [{"agency": other, "role": role}]}
        return self.publish(agency, "concordat.involvement.confirmed.v1", data, subject=f"episode/{episode}")

    def offer(self, agency: str, episode: str, to: str, **more: Any) -> Published:
        """Have a force offer the episode to another."""
        return self.publish(agency, "concordat.handover.offered.v1", {"to": to} | more, subject=f"episode/{episode}")

    def accept(self, agency: str, episode: str, **more: Any) -> Published:
        """Have the force that is asked take the episode over."""
        return self.publish(agency, "concordat.handover.accepted.v1", more, subject=f"episode/{episode}")

    def open(self, handle: str | None, episode: str | None = None, **changes: Any) -> Published:
        """Have Harbour House report the child missing."""
        data = {
            "child": {"name": "Robin Example"} | ({} if handle is None else {"handle": handle}),
            "last_seen": {"at": "2026-11-20T19:30:00Z", "place": {"words": "bus station", "area": WESTMOOR}},
            "circumstances": {"text": "Left after a call.", "contains": ["narrative"], "basis": "fact"},
            "risk": {"level": "medium"},
            "reporter": {"name": "Casey Invented", "telephone": "01632 960002"},
        } | changes
        return self.publish(
            "harbour-house", "concordat.episode.opened.v1", data, subject=f"episode/{episode or ULID()}"
        )


@dataclass
class Builder:
    """Builds hubs of the Northmere partnership, and closes them after the test."""

    keys: Path
    built: list[Doors] = field(default_factory=list)

    def __call__(self, url: str = "sqlite://", **given: Any) -> Doors:
        """Build a hub; `given` may name vault, clock, ids, random octets, words, tellers and a wrapper of its store."""
        vault = given.get("vault") or MemoryVault()
        sql = SqlStore(url, vault)
        store = given.get("wrapper", lambda one: one)(sql)
        clock = given.get("clock") or SetClock(TONIGHT)
        new_id = given.get("new_id", lambda: str(ULID()))
        parts = Parts(
            "hub.northmere.example",
            clock,
            vault,
            Registry(),
            new_id,
            given.get("random_bytes", secrets.token_bytes),
            given.get("words") or packaged(),
        )
        notifier = LocalNotifier()
        signer = CheckpointSigner("hub.northmere.example/ledger", Ed25519PrivateKey.generate())
        fresh = FreshMail()
        tellers = given.get("tellers") or Alone()
        hub = Hub(
            parts, store, Sequencer(store, notifier, parts, fresh, tellers), notifier, signer, fresh, tellers=tellers
        )
        found(hub, self.keys)
        self.built.append(Doors(hub, clock))
        return self.built[-1]

    def close(self) -> None:
        """Close every hub that was built."""
        for doors in self.built:
            doors.close()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The agencies' private keys, made once."""
    return tmp_path_factory.mktemp("agencies") / "keys"


@pytest.fixture
def build(keys: Path) -> Iterator[Builder]:
    """Build hubs."""
    builder = Builder(keys)
    yield builder
    builder.close()


@pytest.fixture
def doors(build: Builder) -> Doors:
    """The Northmere partnership on a store in memory."""
    return build()


@pytest.fixture
def kept_doors(build: Builder, database_url: str) -> Doors:
    """The Northmere partnership on a SQLite file, and on PostgreSQL."""
    return build(database_url)


__all__ = ["SOUTHFOLD", "TONIGHT", "Builder", "Doors"]

"""A hub without doors: real store, real cores, a clock that the test moves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ulid import ULID

from broker.cli.partnership import SOUTHFOLD, WESTMOOR, found
from broker.flows.check import read
from broker.flows.hub import Hub
from broker.flows.mailbox import read_mail
from broker.flows.parts import Parts
from broker.flows.publish import Published, publish
from broker.flows.registry import Registry
from broker.flows.sequencer import Sequencer
from broker.ledger.checkpoint import CheckpointSigner
from broker.ports.clock import SetClock
from broker.ports.notifier import LocalNotifier
from broker.ports.vault import MemoryVault
from broker.store.database import SqlStore
from contracts.envelope import rfc3339

TONIGHT = datetime(2026, 11, 20, 21, 40, tzinfo=UTC)


@dataclass
class Doors:
    """What a door would do: publish in an agency's name, read its mailbox."""

    hub: Hub
    clock: SetClock
    sent: list[dict[str, Any]] = field(default_factory=list)

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
        agency = document["source"].rpartition("/")[2]
        incoming = read(document)
        (published,) = self.run(lambda draft: publish(draft, agency, incoming, self.hub.parts))
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


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    """The Northmere partnership on a store in memory."""
    vault = MemoryVault()
    store = SqlStore("sqlite://", vault)
    clock = SetClock(TONIGHT)
    parts = Parts("hub.northmere.example", clock, vault, Registry(), lambda: str(ULID()))
    notifier = LocalNotifier()
    signer = CheckpointSigner("hub.northmere.example/ledger", Ed25519PrivateKey.generate())
    hub = Hub(parts, store, Sequencer(store, notifier, parts), notifier, signer)
    found(hub, tmp_path / "keys")
    yield Doors(hub, clock)
    hub.sequencer.close()
    store.close()


__all__ = ["SOUTHFOLD", "TONIGHT", "Doors"]

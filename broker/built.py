"""A hub that wiring has put together, with the parts that have to be closed after it."""

from dataclasses import dataclass

from broker.egress.sender import HttpSender
from broker.flows.hub import Hub
from broker.scribe.beside import Scribe
from broker.settings import Settings
from broker.store.database import SqlStore
from broker.store.keystore import SqlVault
from broker.store.replays import SqlReplays
from broker.store.wakeups import PostgresNotifier
from broker.tellers.crew import Crew


@dataclass(frozen=True)
class Built:
    """A hub and what must be closed after it."""

    hub: Hub
    vault: SqlVault
    store: SqlStore
    replays: SqlReplays
    settings: Settings
    scribe: Scribe | None = None
    """Ended with the hub's background work; nothing but that starts it."""

    def close(self) -> None:
        """Let the last batch finish; close the databases."""
        self.hub.sequencer.close()
        if isinstance(self.hub.tellers, Crew):
            self.hub.tellers.close()
        if isinstance(self.hub.notifier, PostgresNotifier):
            self.hub.notifier.close()
        if isinstance(self.hub.outgoing, HttpSender):
            self.hub.outgoing.close()
        self.store.close()
        self.replays.close()
        self.vault.close()

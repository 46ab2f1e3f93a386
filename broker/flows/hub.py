"""A hub that has been put together: what the doors (web, later NATS) are given."""

from dataclasses import dataclass, field

from broker.flows.parts import Parts
from broker.flows.sequencer import Sequencer
from broker.flows.tellers import Alone, Tellers
from broker.ledger.checkpoint import CheckpointSigner
from broker.ports.fresh import FreshMail
from broker.ports.notifier import Notifier
from broker.ports.outgoing import NoWayOut, Outgoing
from broker.ports.store import Store


@dataclass(frozen=True)
class Hub:
    """Everything behind the doors."""

    parts: Parts
    store: Store
    sequencer: Sequencer
    notifier: Notifier
    signer: CheckpointSigner
    fresh: FreshMail
    outgoing: Outgoing = field(default_factory=NoWayOut)
    tellers: Tellers = field(default_factory=Alone)

"""What recipients' machines have confirmed of the stream: delivered, in the told matrix and in the ledger, once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from broker.flows.deliver import confirm, deliver
from broker.flows.draft import Draft
from broker.flows.order import Desk
from broker.flows.parts import Parts
from broker.ports.records import Position
from broker.ports.relay import Lease, OutPosition
from broker.ports.store import Unit

CHANNEL = "nats"


@dataclass(frozen=True)
class Acked:
    """What one recipient has confirmed."""

    recipient: str
    floor: Position | None
    """Up to here it has dealt with everything; None if that is not known."""
    floor_sequence: int = 0
    """The same place as a sequence of the stream."""
    beyond: tuple[str, ...] = ()
    """Disclosure ids confirmed above the floor."""
    refused: frozenset[str] = frozenset()
    """Disclosure ids that it has refused for good (`+TERM`): dealt with, and not delivered."""


@dataclass(frozen=True)
class RecordAcked:
    """An order: record deliveries, each once, and say whether that is all; if not, it is to be given again."""

    acked: Acked
    lease: Lease
    patient: ClassVar[bool] = True
    size: ClassVar[int] = 0

    def foresee(self, unit: Unit, _parts: Parts) -> None:
        if self.acked.floor is not None:
            unit.expect_undelivered(self.acked.recipient, self.acked.floor)
        unit.expect_positions(self.lease.name)

    def run(self, draft: Draft, desk: Desk, most: int) -> bool:
        return record_acked(draft, self.acked, self.lease, desk.parts, most)


def record_acked(draft: Draft, acked: Acked, lease: Lease, parts: Parts, most: int) -> bool:
    """Record deliveries, each once whichever way it came, `most` of them at a time; say whether that is all.

    Once it is, the floor is kept for a rebuild.
    """
    if acked.floor is not None:
        confirm(draft, acked.recipient, acked.floor, CHANNEL, parts, refused=acked.refused, most=most)
        if draft.mailbox(acked.recipient).is_new(acked.floor):
            return False
    for disclosure_id in acked.beyond:
        disclosure = draft.disclosure(disclosure_id)
        mine = disclosure is not None and disclosure.recipient == acked.recipient
        if disclosure is not None and mine and draft.is_undelivered(disclosure):
            deliver(draft, disclosure, CHANNEL, parts)

    def write(unit: Unit) -> None:
        raise_floors(unit, lease, (acked,))

    draft.also(write)
    return True


def raise_floors(unit: Unit, lease: Lease, acked: Sequence[Acked]) -> None:
    """Keep how far recipients have confirmed everything, unless another has taken over since."""
    held = unit.lease_of(lease.name)
    if held is None or held.term != lease.term:
        return
    known = unit.out_positions()
    changed = []
    for one in acked:
        if one.floor is None:
            continue
        before = known.get(one.recipient) or OutPosition(one.recipient, one.floor.generation, one.floor.number)
        if before.generation == one.floor.generation and before.acked <= one.floor.number:
            changed.append(replace(before, acked=one.floor.number, acked_sequence=one.floor_sequence))
    unit.put_out_positions(changed)

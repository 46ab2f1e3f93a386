"""How far the relay has sent each recipient's mail, kept for the day the stream is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from broker.flows.draft import Draft
from broker.flows.order import Desk
from broker.flows.parts import Parts
from broker.ports.records import Position
from broker.ports.relay import Lease, OutPosition, OutStream
from broker.ports.store import Unit


@dataclass(frozen=True)
class Remember:
    """An order: keep how far mail has gone."""

    lease: Lease
    made: OutStream
    sent: Mapping[str, Position]
    patient: ClassVar[bool] = True
    size: ClassVar[int] = 0

    def foresee(self, unit: Unit, _parts: Parts) -> None:
        unit.expect_positions(self.lease.name)

    def run(self, draft: Draft, _desk: Desk, _most: int) -> None:
        draft.also(lambda unit: remember(unit, self.lease, self.made, self.sent))


def remember(unit: Unit, lease: Lease, made: OutStream, sent: Mapping[str, Position]) -> None:
    """Keep how far mail has gone, unless another has taken over since: then it knows better."""
    held = unit.lease_of(lease.name)
    if held is None or held.term != lease.term:
        return
    known = unit.out_positions()
    changed: list[OutPosition] = []
    for recipient, at in sent.items():
        before = known.get(recipient)
        if before is None or before.generation != at.generation:
            changed.append(OutPosition(recipient, at.generation, at.number))
        elif before.stored != at.number:
            changed.append(replace(before, stored=at.number))
    unit.put_out_positions(changed)
    unit.put_out_stream(made)

"""Reading is recorded too: one `consulted` entry per reader, object and hour (DPA 2018 s.62)."""

from dataclasses import dataclass

from broker.flows import record
from broker.flows.draft import Draft
from broker.flows.parts import Parts
from broker.ports.records import Scope
from contracts.envelope import rfc3339
from contracts.ledger_entry import Operation


@dataclass(frozen=True)
class Caller:
    """Who asks: an agency, with the scopes of its token."""

    agency: str
    scopes: frozenset[str]

    @property
    def oversees(self) -> bool:
        """Whether it sees across agencies."""
        return "oversight" in self.scopes

    @property
    def audits(self) -> bool:
        """Whether it sees what its agency disclosed, and not only what it received."""
        return "audit" in self.scopes


def consult(draft: Draft, caller: Caller, consulted: str, parts: Parts) -> None:
    """Record that a caller has read something; `consulted` names it by ids only."""
    now = parts.clock.now()
    key = parts.mac("consulted", f"{caller.agency}\n{consulted}\n{now:%Y-%m-%dT%H}".encode()).hex()
    if draft.consulted(key):
        return
    draft.add_consultation(key)
    draft.entries.append(
        record.entry(
            parts,
            Operation.CONSULTED,
            entry_id=parts.new_id(),
            at=now,
            actor=parts.name_of(caller.agency),
            scope=Scope("hub", caller.agency),
            commitments={
                "full_detail": record.whole(
                    {
                        "consulted": consulted,
                        "as": "oversight" if caller.oversees else "audit" if caller.audits else "recipient",
                        "at": rfc3339(now),
                    }
                )
            },
        )
    )

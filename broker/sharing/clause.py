"""A clause made ready for decisions: its label, its condition and what its rules reach."""

from collections.abc import Callable
from dataclasses import dataclass

from broker.sharing.selectors import Reaches, reach_of
from contracts.facts import Facts
from contracts.protocol import Clause, LegalBasis, Protocol, RegimePair, Transform, When
from contracts.vocabulary import RISK_ORDER, Role

Holds = Callable[[Facts], bool]


@dataclass(frozen=True, eq=False, slots=True)
class BoundRule:
    """One permit, limit or forbid of a clause."""

    clause: "BoundClause"
    reaches: Reaches
    transform: Transform | None = None
    absolute: bool = False


class BoundClause:
    """A clause of one protocol version. Compared by identity: a rulebook binds each clause once."""

    __slots__ = (
        "applies",
        "clause",
        "contracts",
        "fingerprint",
        "forbids",
        "label",
        "legal_basis",
        "limits",
        "permits",
        "protocol",
        "reference",
        "regime",
        "silent",
        "version",
    )

    def __init__(self, protocol: Protocol, clause: Clause, fingerprint: str) -> None:
        self.clause = clause
        self.protocol = protocol.protocol
        self.version = str(protocol.version)
        self.contracts = protocol.contracts
        self.reference = protocol.reference
        self.fingerprint = fingerprint
        self.label = f"{protocol.reference}#{clause.id}"
        """`name@version#clause`."""
        self.silent = clause.silent
        self.legal_basis: LegalBasis = protocol.purposes[clause.purpose].legal_basis
        self.regime: RegimePair = clause.regime
        self.applies: Holds = holds(clause.when)
        self.permits = tuple(BoundRule(self, reach_of(rule), rule.transform) for rule in clause.permit)
        self.limits = tuple(BoundRule(self, reach_of(rule), rule.transform) for rule in clause.limit)
        self.forbids = tuple(BoundRule(self, reach_of(rule), absolute=rule.absolute) for rule in clause.forbid)

    def __repr__(self) -> str:
        return f"BoundClause({self.label})"

    def is_to(self, recipient: str, classes: frozenset[str], roles: frozenset[Role]) -> bool:
        """Say whether the clause speaks of this recipient, by its role in the episode, its name or a class of it."""
        to = self.clause.to
        return to.role in roles or to.agency == recipient or to.party_class in classes


def holds(when: When | None) -> Holds:
    """Return the test of a clause's condition. Every part must hold; a fact that is not known never holds."""
    tests = () if when is None else tuple(_tests(when))
    if not tests:
        return lambda _: True
    if len(tests) == 1:
        return tests[0]
    return lambda facts: all(test(facts) for test in tests)


def _tests(when: When) -> list[Holds]:
    tests: list[Holds] = []
    if when.episode is not None:
        statuses = frozenset(when.episode)
        tests.append(lambda facts: facts.episode in statuses)
    if when.risk_at_least is not None:
        levels = frozenset(RISK_ORDER[RISK_ORDER.index(when.risk_at_least) :])
        tests.append(lambda facts: facts.risk in levels)
    if when.intervention_level is not None:
        interventions = frozenset(when.intervention_level)
        tests.append(lambda facts: facts.intervention_level in interventions)
    if when.jurisdiction is not None:
        jurisdictions = frozenset(when.jurisdiction)
        tests.append(lambda facts: facts.jurisdiction in jurisdictions)
    if when.hours_since_last_seen is not None:
        at_least = when.hours_since_last_seen.at_least or 0
        less_than = when.hours_since_last_seen.less_than

        def elapsed(facts: Facts) -> bool:
            hours = facts.hours_since_last_seen()
            return hours is not None and at_least <= hours and (less_than is None or hours < less_than)

        tests.append(elapsed)
    if when.handover is not None:
        stages = frozenset(when.handover)
        tests.append(lambda facts: facts.handover in stages)
    if when.recipient_is is not None:
        standings = frozenset(when.recipient_is)
        tests.append(lambda facts: not standings.isdisjoint(facts.recipient_is))
    return tests

"""What the clauses of a protocol do to an event for one kind of recipient, field by field, before any event exists."""

from collections.abc import Iterator
from dataclasses import dataclass

from broker.cli.ended import Ended, Exit
from broker.sharing.clause import BoundClause
from broker.sharing.ruling import rule_on
from broker.sharing.selectors import ceiling, floor
from contracts.catalogue import CATALOGUE, HISTORY, leaves_of
from contracts.disclosure import FieldOutcome, Outcome
from contracts.protocol import Protocol
from contracts.vocabulary import Role


@dataclass(frozen=True)
class PlannedField:
    """What becomes of one field, in the most open case and in the most guarded."""

    outcome: FieldOutcome
    """In the most open case."""
    guarded: FieldOutcome
    """In the most guarded case: an account that holds everything, a child whose whereabouts are protected."""
    categories: tuple[str, ...]

    @property
    def depends(self) -> bool:
        """Whether the two cases differ."""
        return self.outcome != self.guarded


def clauses_for(protocol: Protocol, event_type: str, to: str) -> tuple[BoundClause, ...]:
    """Return the clauses on an event type for a recipient: a role, `agency:<id>` or `class:<name>`.

    Raises Ended for an event type or recipient that does not exist.
    """
    if event_type not in CATALOGUE or event_type == HISTORY:
        raise Ended("no contract of this event type exists: the types are in docs/reference/events/", Exit.WRONG_USAGE)
    kind, colon, name = to.partition(":")
    if colon and kind not in ("agency", "class"):
        raise Ended(_RECIPIENT, Exit.WRONG_USAGE)
    if not colon and to not in {role.value for role in Role}:
        raise Ended(_RECIPIENT, Exit.WRONG_USAGE)
    roles = frozenset() if colon else frozenset({Role(to)})
    agency, classes = name if kind == "agency" else "", frozenset({name} if kind == "class" else ())
    return tuple(
        bound
        for bound in (BoundClause(protocol, clause, "") for clause in protocol.clauses)
        if bound.clause.covers(event_type) and bound.is_to(agency, classes, roles)
    )


_RECIPIENT = f"a recipient is agency:<id>, class:<name> or one of the roles {', '.join(role.value for role in Role)}"


def plan(event_type: str, clauses: tuple[BoundClause, ...]) -> Iterator[PlannedField]:
    """Yield every field of the event type, in the contract's order, with what the clauses do to it."""
    for leaf in leaves_of(event_type):
        yield PlannedField(
            rule_on(leaf, floor(leaf), clauses).outcome,
            rule_on(leaf, ceiling(leaf), clauses).outcome,
            tuple(sorted(category.value for category in floor(leaf))),
        )


def in_words(outcome: FieldOutcome) -> str:
    """Say one outcome: released, or transformed and how, or withheld and why."""
    if outcome.outcome is Outcome.TRANSFORMED:
        return f"as {outcome.transform}"
    if outcome.outcome is Outcome.RELEASED:
        return "released"
    return f"withheld ({(outcome.reason or '').replace('_', ' ')})"

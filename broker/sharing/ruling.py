"""The ruling on one field: the least restrictive permit, capped by the most restrictive limit, unless forbidden."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from broker.sharing.clause import BoundClause, BoundRule
from broker.sharing.transforms import RELEASE, WITHHOLD, Scope, Transformation, restrictiveness, transformation
from contracts.categories import Category
from contracts.disclosure import FieldOutcome, Outcome
from contracts.fields import Leaf


class Reason(StrEnum):
    """Why a field is withheld."""

    NO_PERMIT = "no_permit"
    FORBIDDEN = "forbidden"
    FORBIDDEN_ABSOLUTELY = "forbidden_absolutely"
    """Forbidden by a rule that an emergency release cannot override either."""
    NEWER_THAN_PROTOCOL = "newer_than_protocol"
    """A permit would reach the field, but its parties had not read of it when they signed."""
    TRANSFORM_NOT_APPLICABLE = "transform_not_applicable"
    NOTHING_LEFT = "nothing_left"
    """The transform applies, but this value has nothing that it would keep."""
    NARROWED_BY_PUBLISHER = "narrowed_by_publisher"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_CONTRACT = "unknown_contract"
    NOT_DECIDED_BY_FIELD = "not_decided_by_field"
    """A history: each event in it is decided under its own type."""
    DEPENDS_ON_CONTENTS = "depends_on_contents"
    """Said to a recipient only: the account may be withheld for what it contains, and none was released here."""
    DEPENDS_ON_PROTECTION = "depends_on_protection"
    """Said to a recipient only: the field may be withheld where whereabouts are protected; none was released here."""


@dataclass(frozen=True, eq=False, slots=True)
class Ruling:
    """What becomes of one field while it counts as certain categories."""

    outcome: FieldOutcome
    """As the auditor sees it."""
    shown: FieldOutcome | None = None
    """As the recipient may see it: without a silent clause; None where it is not to be told."""
    change: Transformation | None = None
    scope: Scope | None = None

    @property
    def withholds(self) -> bool:
        """Whether the field is not released at all."""
        return self.outcome.outcome is Outcome.WITHHELD


def withheld(path: str, reason: Reason, clause: str | None = None, transform: str | None = None) -> FieldOutcome:
    """Return the outcome of a field that is withheld; with the transform that could not be made, if that is why."""
    return FieldOutcome(path=path, outcome=Outcome.WITHHELD, transform=transform, clause=clause, reason=reason.value)


def released(path: str) -> Ruling:
    """Return the ruling that a field goes out as it is, by no clause: an agency's own record."""
    outcome = FieldOutcome(path=path, outcome=Outcome.RELEASED)
    return Ruling(outcome, outcome)


def reached(
    leaf: Leaf, categories: frozenset[Category], clauses: Sequence[BoundClause]
) -> tuple[list[BoundRule], list[BoundRule], list[BoundRule]]:
    """Return the permits, limits and forbids that reach the leaf while it counts as these categories.

    A limit or forbid reaches every field that it selects, a permit only those that its parties knew when they signed.
    """

    def those(rules: Iterable[BoundRule]) -> list[BoundRule]:
        return [rule for rule in rules if rule.reaches(leaf.path, categories)]

    return (
        those(rule for clause in clauses if leaf.since <= clause.contracts for rule in clause.permits),
        those(rule for clause in clauses for rule in clause.limits),
        those(rule for clause in clauses for rule in clause.forbids),
    )


def rule_on(leaf: Leaf, categories: frozenset[Category], clauses: Sequence[BoundClause]) -> Ruling:
    """Return the ruling of the clauses that apply on a leaf that counts as these categories."""
    permits, limits, forbids = reached(leaf, categories, clauses)
    kind = leaf.kind
    loosest = min(permits, key=lambda rule: restrictiveness(kind, rule.transform), default=None)
    tightest = max(limits, key=lambda rule: restrictiveness(kind, rule.transform), default=None)
    permitted = WITHHOLD if loosest is None else restrictiveness(kind, loosest.transform)
    capped = RELEASE if tightest is None else restrictiveness(kind, tightest.transform)

    causes = _causes(
        leaf,
        loosest if permitted == WITHHOLD else None,
        _too_early(leaf, categories, clauses),
        limits,
        forbids,
        permitted=permitted < WITHHOLD,
    )
    if causes:
        visible = next((_visible(cause) for cause in causes if _visible(cause) is not None), None)
        return Ruling(_outcome(leaf.path, causes[0]), None if visible is None else _outcome(leaf.path, visible))
    decider = tightest if tightest is not None and capped > permitted else loosest
    assert decider is not None  # noqa: S101 (without a permit there is a cause to withhold)
    return _given(leaf, decider)


_Cause = tuple[Reason, BoundRule | None]


def _too_early(leaf: Leaf, categories: frozenset[Category], clauses: Sequence[BoundClause]) -> BoundRule | None:
    """Return a permit that would reach the leaf, had its parties known of it."""
    return next(
        (
            rule
            for clause in clauses
            if leaf.since > clause.contracts
            for rule in clause.permits
            if rule.reaches(leaf.path, categories)
        ),
        None,
    )


def _causes(
    leaf: Leaf,
    inapplicable: BoundRule | None,
    too_early: BoundRule | None,
    limits: list[BoundRule],
    forbids: list[BoundRule],
    *,
    permitted: bool,
) -> list[_Cause]:
    """Return every cause to withhold, the weightiest first."""
    causes: list[_Cause] = [(Reason.FORBIDDEN_ABSOLUTELY, rule) for rule in forbids if rule.absolute]
    causes += [(Reason.FORBIDDEN, rule) for rule in forbids if not rule.absolute]
    if not permitted and inapplicable is None and too_early is not None:
        causes.append((Reason.NEWER_THAN_PROTOCOL, too_early))
    elif not permitted:
        reason = Reason.NO_PERMIT if inapplicable is None else Reason.TRANSFORM_NOT_APPLICABLE
        causes.append((reason, inapplicable))
    causes += [
        (Reason.TRANSFORM_NOT_APPLICABLE, rule)
        for rule in limits
        if restrictiveness(leaf.kind, rule.transform) == WITHHOLD
    ]
    return causes


def _visible(cause: _Cause) -> _Cause | None:
    """Return what a recipient may know of a cause: of a silent clause nothing, but that nothing permits, always."""
    rule = cause[1]
    if rule is None or not rule.clause.silent:
        return cause
    return (Reason.NO_PERMIT, None) if rule in rule.clause.permits else None


def _outcome(path: str, cause: _Cause) -> FieldOutcome:
    reason, rule = cause
    if rule is None:
        return withheld(path, reason)
    tried = rule.transform if reason is Reason.TRANSFORM_NOT_APPLICABLE else None
    return withheld(path, reason, rule.clause.label, None if tried is None else tried.value)


def _given(leaf: Leaf, decider: BoundRule) -> Ruling:
    clause, transform = decider.clause, decider.transform
    outcome = FieldOutcome(
        path=leaf.path,
        outcome=Outcome.RELEASED if transform is None else Outcome.TRANSFORMED,
        transform=None if transform is None else transform.value,
        clause=clause.label,
    )
    return Ruling(
        outcome,
        outcome.model_copy(update={"clause": None}) if clause.silent else outcome,
        None if transform is None else transformation(leaf.kind, transform),
        Scope(leaf.path, clause.protocol, clause.version),
    )

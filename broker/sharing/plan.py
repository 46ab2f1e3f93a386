"""A plan: every leaf of one contract with its ruling, compiled once for a set of clauses.

Some rulings cannot be known before the event: an account counts as what it contains, and a flagged child's place counts
as protected. Such a leaf is *variable*. The recipient is shown the same of a variable leaf whether the event had none
or it was withheld, and whether or not the child is flagged; so that what it is shown follows from what it was given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from broker.sharing.clause import BoundClause
from broker.sharing.ruling import Reason, Ruling, reached, released, rule_on, withheld
from broker.sharing.selectors import ceiling, floor, keeps_back
from broker.sharing.transforms import Setting
from contracts.catalogue import HISTORY, UnknownType, leaves_of
from contracts.categories import EVERY_CATEGORY, Category
from contracts.disclosure import FieldOutcome, Outcome
from contracts.fields import Leaf
from contracts.values import Kind

Redact = Callable[[Any, list[Ruling], Setting], Any]
"""Value as JSON → what is released of it, or None for nothing; appends the ruling on each leaf value that it meets."""

EVERYTHING = ("**",)
"""The mark of a publisher that keeps a whole event back."""


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """What a set of clauses does to one event type."""

    event_type: str
    redact: Redact
    paths: tuple[str, ...]
    """Every contract path, in the contract's order."""
    unseen: Mapping[str, FieldOutcome]
    """What the recipient is shown of a leaf of which nothing was released: contract path → outcome."""


def compile_plan(
    event_type: str, clauses: tuple[BoundClause, ...], flagged: bool, narrowed: tuple[str, ...] = ()
) -> Plan:
    """Return the plan of the clauses that apply, for a child who is flagged or not, less what the publisher keeps back.

    A contract that is not known here, and the history of an episode, release nothing.
    """
    leaves = _leaves(event_type)
    if leaves is None:
        return Plan(event_type, _whole(withheld("**", Reason.UNKNOWN_CONTRACT)), (), {})
    if event_type == HISTORY:
        return _plan(
            event_type, leaves, {leaf.path: _keeping(leaf, Reason.NOT_DECIDED_BY_FIELD) for leaf in leaves}, {}
        )
    parts: dict[str, Redact] = {}
    unseen: dict[str, FieldOutcome] = {}
    for leaf in leaves:
        variable = reached(leaf, floor(leaf), clauses) != reached(leaf, ceiling(leaf), clauses)
        hidden = _unseen(leaf, clauses, variable=variable)
        if hidden is not None:
            unseen[leaf.path] = hidden
        if any(keeps_back(mark, leaf.path) for mark in narrowed):
            parts[leaf.path] = _keeping(leaf, Reason.NARROWED_BY_PUBLISHER)
        elif variable and leaf.kind is Kind.NARRATIVE:
            parts[leaf.path] = _by_contents(leaf, clauses, flagged=flagged)
        else:
            ruling = rule_on(leaf, ceiling(leaf) if flagged else floor(leaf), clauses)
            parts[leaf.path] = _apply(_unflagged(leaf, ruling, clauses) if variable else ruling)
    return _plan(event_type, leaves, parts, unseen)


def own_record(event_type: str) -> Plan:
    """Return the plan of an agency's own record: all of it, if its contract is known."""
    leaves = _leaves(event_type)
    if leaves is None or event_type == HISTORY:
        return compile_plan(event_type, (), flagged=True)
    return _plan(event_type, leaves, {leaf.path: _apply(released(leaf.path)) for leaf in leaves}, {})


def _leaves(event_type: str) -> tuple[Leaf, ...] | None:
    try:
        return leaves_of(event_type)
    except UnknownType:
        return None


def _plan(
    event_type: str, leaves: tuple[Leaf, ...], parts: Mapping[str, Redact], unseen: Mapping[str, FieldOutcome]
) -> Plan:
    tree = _tree({path: (path.split("."), part) for path, part in parts.items()}, "")
    return Plan(event_type, tree, tuple(leaf.path for leaf in leaves), unseen)


# --- what the recipient is shown ---------------------------------------------------------------------------------


def _unseen(leaf: Leaf, clauses: tuple[BoundClause, ...], *, variable: bool) -> FieldOutcome | None:
    """Return what a recipient is shown of a leaf of which nothing was released; None if it may as well be absent."""
    always = rule_on(leaf, floor(leaf), clauses)
    if always.withholds and always.shown is not None:
        # More categories only add causes: what withholds the harmless case withholds every case.
        return always.shown
    worst = rule_on(leaf, ceiling(leaf), clauses)
    if not variable or not worst.withholds or worst.shown is None:
        return None
    contents = leaf.kind is Kind.NARRATIVE
    return withheld(leaf.path, Reason.DEPENDS_ON_CONTENTS if contents else Reason.DEPENDS_ON_PROTECTION)


def _unmarked(leaf: Leaf, ruling: Ruling) -> Ruling:
    """Return the ruling on a variable account, shown without the clause that would betray what it contains.

    An account that is released as it is shows its own marks, and so may show its clause; unless a flag decided too.
    """
    if ruling.shown is None or (not leaf.whereabouts and ruling.outcome.outcome is Outcome.RELEASED):
        return ruling
    return replace(ruling, shown=ruling.shown.model_copy(update={"clause": None}))


def _unflagged(leaf: Leaf, ruling: Ruling, clauses: tuple[BoundClause, ...]) -> Ruling:
    """Return the ruling on a variable leaf that is no account, shown as for a child who is not flagged.

    Where a flagged child's place would be transformed and another's released, the two may look the same (a place that
    was only ever known by its area), so how and by which clause it came out cannot be shown as it depends on the flag.
    """
    return replace(ruling, shown=rule_on(leaf, floor(leaf), clauses).shown)


# --- closures over the contract's tree ---------------------------------------------------------------------------


def _apply(ruling: Ruling) -> Redact:
    if ruling.withholds:
        # What a recipient is shown of a withheld leaf stands in `Plan.unseen`, whether or not the event has the leaf.
        silently = replace(ruling, shown=None)

        def withhold(_value: Any, rulings: list[Ruling], _setting: Setting) -> Any:
            rulings.append(silently)

        return withhold
    change, scope = ruling.change, ruling.scope
    if change is None or scope is None:

        def release(value: Any, rulings: list[Ruling], _setting: Setting) -> Any:
            rulings.append(ruling)
            return value

        return release
    outcome = ruling.outcome
    empty = Ruling(withheld(outcome.path, Reason.NOTHING_LEFT, outcome.clause, outcome.transform))

    def transform(value: Any, rulings: list[Ruling], setting: Setting) -> Any:
        result = change(value, setting, scope)
        rulings.append(empty if result is None else ruling)
        return result

    return transform


def _keeping(leaf: Leaf, reason: Reason) -> Redact:
    return _apply(Ruling(withheld(leaf.path, reason)))


def _by_contents(leaf: Leaf, clauses: tuple[BoundClause, ...], *, flagged: bool) -> Redact:
    """Return the redaction of an account, whose ruling follows from the categories that it is marked with."""
    always = floor(leaf) | ({Category.PROTECTED_WHEREABOUTS} if flagged and leaf.whereabouts else frozenset())
    known: dict[frozenset[str], Redact] = {}  # at most one for each of the 2^9 sets of categories

    def redact(value: Any, rulings: list[Ruling], setting: Setting) -> Any:
        contains = value.get("contains") if isinstance(value, dict) else None
        marks = EVERY_CATEGORY if contains is None else frozenset(contains)
        part = known.get(marks)
        if part is None:
            categories = always | marks if marks <= EVERY_CATEGORY else EVERY_CATEGORY
            if flagged and Category.LOCATION in marks:
                categories |= {Category.PROTECTED_WHEREABOUTS}  # an account of a place is one of this child's place
            part = _apply(_unmarked(leaf, rule_on(leaf, categories, clauses)))
            if marks <= EVERY_CATEGORY:
                known[marks] = part
        return part(value, rulings, setting)

    return redact


def _whole(outcome: FieldOutcome) -> Redact:
    ruling = Ruling(outcome)

    def redact(value: Any, rulings: list[Ruling], _setting: Setting) -> Any:
        if value:
            rulings.append(ruling)

    return redact


def _tree(parts: Mapping[str, tuple[list[str], Redact]], prefix: str) -> Redact:
    """Return the redaction of an object from those of the leaves below it, in contract order."""
    groups: dict[str, dict[str, tuple[list[str], Redact]]] = {}
    members: dict[str, Redact] = {}
    for path, (steps, part) in parts.items():
        groups.setdefault(steps[0], {})[path] = (steps[1:], part)
    for step, below in groups.items():
        [(rest, part), *others] = below.values()
        inner = part if not rest and not others else _tree(below, f"{prefix}{step}.")
        members[step.removesuffix("[]")] = _each(inner, f"{prefix}{step}") if step.endswith("[]") else inner
    return _object(tuple(members.items()), prefix)


def _object(members: tuple[tuple[str, Redact], ...], prefix: str) -> Redact:
    # An unknown member's own name may be anything: the outcome gives its place alone.
    unknown = Ruling(withheld(f"{prefix}?", Reason.UNKNOWN_FIELD))

    def redact(value: Any, rulings: list[Ruling], setting: Setting) -> Any:
        if not isinstance(value, dict):
            rulings.append(unknown)
            return None
        kept = {}
        met = 0
        for name, part in members:
            if name in value:
                met += 1
                inner = part(value[name], rulings, setting)
                if inner is not None:
                    kept[name] = inner
        rulings.extend([unknown] * (len(value) - met))
        return kept or None

    return redact


def _each(item: Redact, path: str) -> Redact:
    unknown = Ruling(withheld(path, Reason.UNKNOWN_FIELD))

    def redact(value: Any, rulings: list[Ruling], setting: Setting) -> Any:
        if not isinstance(value, list):
            rulings.append(unknown)
            return None
        kept = [inner for one in value if (inner := item(one, rulings, setting)) is not None]
        return kept or None

    return redact

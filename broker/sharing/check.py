"""What to look at in a protocol before it is signed: slips that the format allows and nobody will have meant."""

from collections.abc import Iterator
from dataclasses import dataclass

from broker.sharing.clause import BoundClause
from broker.sharing.document import ParsedDocument
from broker.sharing.ruling import rule_on
from broker.sharing.selectors import ceiling, floor, path_matches
from broker.sharing.transforms import ORDER
from broker.sharing.tree import Path, ProtocolFault
from contracts.catalogue import CATALOGUE, HISTORY, leaves_of
from contracts.fields import Leaf
from contracts.protocol import Clause, Forbid, Limit, Permit, Protocol, When
from contracts.releases import latest
from contracts.vocabulary import EpisodeStatus


@dataclass(frozen=True, order=True)
class ProtocolWarning:
    """One thing to reconsider in a protocol: line and column (both from 1), and what to do. It does not invalidate."""

    line: int
    column: int
    message: str


Finding = ProtocolFault | ProtocolWarning
_At = tuple[Path, str, bool]
"""Where, what, and whether it is an error."""


def check(parsed: ParsedDocument) -> tuple[Finding, ...]:
    """Return what is wrong (`ProtocolFault`: do not activate) or doubtful (`ProtocolWarning`), in order of the text."""
    found: list[Finding] = []
    protocol = parsed.protocol
    for path, message, wrong in (*_contracts(protocol), *_purposes(protocol), *_clauses(protocol)):
        line, column = parsed.positions.of_key(path) if path[:1] == ("purposes",) else parsed.positions.of(path)
        found.append((ProtocolFault if wrong else ProtocolWarning)(line, column, message))
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.column, finding.message)))


def _contracts(protocol: Protocol) -> Iterator[_At]:
    if protocol.contracts > max(latest(), 1):
        yield ("contracts",), "this hub has no such release of the contracts yet: name the one that was read", True


def _purposes(protocol: Protocol) -> Iterator[_At]:
    used = {clause.purpose for clause in protocol.clauses}
    for name in protocol.purposes:
        if name not in used:
            yield ("purposes", name), "no clause has this purpose: use it or remove it", False


def _clauses(protocol: Protocol) -> Iterator[_At]:
    for index, clause in enumerate(protocol.clauses):
        path: Path = ("clauses", index)
        yield from _events(clause, path)
        yield from _recipients(protocol, clause, path)
        leaves = _covered(clause)
        if leaves:
            yield from _rules(clause, path, leaves)
            yield from _newer(protocol, clause, path, leaves)
        if clause.when is not None:
            yield from _revealed(protocol, clause, clause.when, path)


def _covered(clause: Clause) -> tuple[Leaf, ...]:
    """Return every leaf of every event that a clause covers; a history's events are decided under their own types."""
    return tuple(
        leaf for event_type in CATALOGUE if event_type != HISTORY and clause.covers(event_type)
        for leaf in leaves_of(event_type)
    )  # fmt: skip


def _events(clause: Clause, path: Path) -> Iterator[_At]:
    for index, pattern in enumerate(clause.events):
        if not any(clause.model_copy(update={"events": (pattern,)}).covers(known) for known in CATALOGUE):
            yield (*path, "events", index), "no contract has an event type like this: correct its spelling", True


def _recipients(protocol: Protocol, clause: Clause, path: Path) -> Iterator[_At]:
    named = clause.to.agency
    if named is not None and not any(named == party.agency for party in protocol.parties):
        yield (
            (*path, "to", "agency"),
            "this agency is not named among the parties: unless it is of a class that is, the clause tells nobody",
            False,
        )
    of_class = clause.to.party_class
    if of_class is not None and not any(of_class == party.party_class for party in protocol.parties):
        yield (
            (*path, "to", "class"),
            "this class is not among the parties: the clause tells only those of it that are parties otherwise",
            False,
        )


def _rules(clause: Clause, path: Path, leaves: tuple[Leaf, ...]) -> Iterator[_At]:
    groups: tuple[tuple[str, tuple[Permit | Limit | Forbid, ...]], ...] = (
        ("permit", clause.permit),
        ("limit", clause.limit),
        ("forbid", clause.forbid),
    )
    for name, rules in groups:
        for index, rule in enumerate(rules):
            yield from _rule(rule, (*path, name, index), leaves)


def _newer(protocol: Protocol, clause: Clause, path: Path, leaves: tuple[Leaf, ...]) -> Iterator[_At]:
    for index, permit in enumerate(clause.permit):
        reached = _reached(permit, leaves)
        newer = {leaf.path for leaf in reached if protocol.contracts < leaf.since <= latest()}
        if newer:
            message = (
                f"fields that later releases of the contracts brought are withheld: `{'`, `'.join(sorted(newer))}`. "
                f"To share them, read them and write `contracts: {latest()}`"
            )
            yield (*path, "permit", index), message, False


def _rule(rule: Permit | Limit | Forbid, path: Path, leaves: tuple[Leaf, ...]) -> Iterator[_At]:
    for index, selector in enumerate(rule.fields or ()):
        if not any(path_matches(selector, leaf.path) for leaf in leaves):
            # A permit that reaches nothing releases nothing; a limit or forbid was meant to protect something.
            protects = not isinstance(rule, Permit)
            message = "no field of the events that this clause covers has this path: correct it or remove it"
            yield (*path, "fields", index), message, protects
    for index, category in enumerate(rule.categories or ()):
        if not any(category in ceiling(leaf) for leaf in leaves):
            message = "no field of the events that this clause covers can be of this category"
            yield (*path, "categories", index), message, False
    reached = _reached(rule, leaves)
    if not reached:
        if rule.categories is not None and isinstance(rule, Permit):
            message = (
                "no field has only these categories, so this permits nothing: "
                "an account counts as narrative and as all that it contains"
            )
            yield (*path, "categories"), message, False
        return
    transform = None if isinstance(rule, Forbid) else rule.transform
    if transform is not None and not any(transform in ORDER.get(leaf.kind, ()) for leaf in reached):
        effect = "nothing is released by it" if isinstance(rule, Permit) else "all of them are withheld by it"
        yield (*path, "transform"), f"this transform applies to none of the fields selected: {effect}", False


def _reached(rule: Permit | Limit | Forbid, leaves: tuple[Leaf, ...]) -> list[Leaf]:
    """Return the leaves that a rule can reach in one event or another."""
    if rule.fields is not None:
        return [leaf for leaf in leaves if any(path_matches(selector, leaf.path) for selector in rule.fields)]
    selected = frozenset(rule.categories or ())
    if isinstance(rule, Permit):
        return [leaf for leaf in leaves if floor(leaf) <= selected]
    return [leaf for leaf in leaves if not ceiling(leaf).isdisjoint(selected)]


# --- conditions that would tell ----------------------------------------------------------------------------------

_FACT_FIELDS = {
    "risk_at_least": frozenset({"risk.level"}),
    "intervention_level": frozenset({"intervention_level"}),
    "jurisdiction": frozenset({"jurisdiction"}),
    "hours_since_last_seen": frozenset({"last_seen.at"}),
}
"""Conditions, and the fields from which a recipient may know the fact that they read."""

_ENTERED_BY = {
    EpisodeStatus.OPEN: "concordat.episode.opened.v1",
    EpisodeStatus.LOCATED: "concordat.child.located.v1",
    EpisodeStatus.RETURNED: "concordat.child.returned.v1",
    EpisodeStatus.CLOSED: "concordat.episode.closed.v1",
}


def _revealed(protocol: Protocol, clause: Clause, when: When, path: Path) -> Iterator[_At]:
    """Warn of conditions whose fact the recipient may not see: hearing, or not, of an event would tell it."""
    peers = [other for other in protocol.clauses if other.to == clause.to]
    seen = _may_see(protocol, peers)
    told = {event_type for event_type in CATALOGUE if any(peer.covers(event_type) for peer in peers if peer.permit)}
    for condition, fields in _FACT_FIELDS.items():
        if getattr(when, condition) is not None and seen.isdisjoint(fields):
            yield (*path, "when", condition), _tells(f"`{'` or `'.join(sorted(fields))}`"), False
    for index, status in enumerate(when.episode or ()):
        if _ENTERED_BY[status] not in told:
            yield (*path, "when", "episode", index), _tells(f"`{_ENTERED_BY[status]}`"), False
    if when.handover is not None and not any(event_type.startswith("concordat.handover.") for event_type in told):
        yield (*path, "when", "handover"), _tells("`concordat.handover.*`"), False


def _may_see(protocol: Protocol, clauses: list[Clause]) -> frozenset[str]:
    """Return the paths of the fields that clauses may release, of whichever event, in the most open case."""
    bound = tuple(BoundClause(protocol, clause, "") for clause in clauses)
    paths = set()
    for event_type in CATALOGUE:
        covering = tuple(clause for clause in bound if clause.clause.covers(event_type))
        for leaf in leaves_of(event_type) if covering and event_type != HISTORY else ():
            if not rule_on(leaf, floor(leaf), covering).withholds:
                paths.add(leaf.path)
    return frozenset(paths)


def _tells(source: str) -> str:
    return (
        f"this condition tells the recipient a fact that no clause for it releases: hearing of an event, or not, gives "
        f"it away. Permit {source} to the same recipients, or leave the condition out"
    )

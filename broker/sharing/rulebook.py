"""The rulebook: every protocol of the hub, ready to answer who may be told what."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from broker.sharing.clause import BoundClause
from broker.sharing.decide import NO_GROUNDS, OWN_GROUNDS, Decision, grounds_of
from broker.sharing.plan import EVERYTHING, compile_plan, own_record
from contracts.agency import Agency
from contracts.disclosure import NotToldReason
from contracts.envelope import Audience
from contracts.facts import Facts
from contracts.protocol import Protocol
from contracts.vocabulary import Role

LONDON = ZoneInfo("Europe/London")
PLANS_KEPT = 2048
"""Plans in memory: one for each event type, set of clauses and narrowing. One takes about 100 KiB at most."""
CANDIDATES_KEPT = 8192


@dataclass(frozen=True)
class ActiveProtocol:
    """A protocol that the hub has activated, and the agencies whose signatures of it have been verified."""

    protocol: Protocol
    fingerprint: str
    signed_by: frozenset[str]
    """Agency ids. Members of a class sign for themselves: accession goes pair by pair."""

    def binds(self, agency: str, classes: frozenset[str]) -> bool:
        """Say whether the agency is a party and has signed."""
        return agency in self.signed_by and self.protocol.has_party(agency, classes)


@dataclass(frozen=True, slots=True)
class Question:
    """May this recipient be told of this event, and what of it?"""

    event_type: str
    controller: Agency
    """The agency that publishes the event, or whose event caused it."""
    recipient: Agency
    roles: frozenset[Role]
    """The recipient's confirmed roles in the episode."""
    facts: Facts
    audience: Audience = field(default_factory=Audience)
    flagged: bool = False
    """Whether the whereabouts of the child or a carer are protected."""


class _Between(NamedTuple):
    """What the choice of clauses depends on."""

    event_type: str
    controller: str
    controller_classes: frozenset[str]
    recipient: str
    recipient_classes: frozenset[str]
    roles: frozenset[Role]
    today: date


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The clauses between two agencies for an event type on one day, before their conditions are looked at."""

    in_force: tuple[BoundClause, ...]
    lapsed: tuple[BoundClause, ...]
    """Clauses that would apply, were their protocol in force."""


class Rulebook:
    """All active protocols. Built anew whenever the set of protocols or signatures changes; then never changes."""

    def __init__(self, protocols: tuple[ActiveProtocol, ...]) -> None:
        """Bind every clause once; ValueError if one version of a protocol stands twice."""
        ordered = sorted(protocols, key=lambda active: (active.protocol.protocol, active.protocol.version))
        references = [active.protocol.reference for active in ordered]
        if len(set(references)) != len(references):
            raise ValueError("each version of a protocol stands in a rulebook once")
        self._bound = tuple(
            (
                active,
                tuple(BoundClause(active.protocol, clause, active.fingerprint) for clause in active.protocol.clauses),
            )
            for active in ordered
        )
        self._candidates = lru_cache(CANDIDATES_KEPT)(self._find)
        self._plan = lru_cache(PLANS_KEPT)(compile_plan)
        self._own = lru_cache(PLANS_KEPT)(own_record)
        self._grounds = lru_cache(PLANS_KEPT)(grounds_of)
        self._decided = lru_cache(CANDIDATES_KEPT)(self._decide)

    def decide(self, question: Question) -> Decision:
        """Return the decision on a question. An agency's own record goes back to it whole."""
        controller, recipient, facts = question.controller, question.recipient, question.facts
        today = _day_in_london(facts.now)
        if recipient.id == controller.id:
            plan = self._own(question.event_type)
            return Decision(None, OWN_GROUNDS, OWN_GROUNDS, plan, recipient.id, today)
        candidates = self._candidates(
            _Between(
                question.event_type,
                controller.id,
                controller.classes,
                recipient.id,
                recipient.classes,
                question.roles,
                today,
            )
        )
        applying = tuple([clause for clause in candidates.in_force if clause.applies(facts)])
        lapsed: tuple[BoundClause, ...] = ()
        narrowed = recipient.id in question.audience.agencies
        if not narrowed and not any(clause.permits for clause in applying):
            lapsed = tuple(clause for clause in candidates.lapsed if clause.permits and clause.applies(facts))
        marks = EVERYTHING if narrowed else question.audience.fields
        return self._decided(
            question.event_type, applying, lapsed, narrowed, question.flagged, marks, recipient.id, today
        )

    def _decide(
        self,
        event_type: str,
        applying: tuple[BoundClause, ...],
        lapsed: tuple[BoundClause, ...],
        narrowed: bool,
        flagged: bool,
        marks: tuple[str, ...],
        recipient: str,
        today: date,
    ) -> Decision:
        """Return what the clauses that apply come to, or without any the lapsed ones that would."""
        plan = self._plan(event_type, applying, flagged, marks)
        if lapsed:
            grounds = self._grounds(lapsed)
            return Decision(NotToldReason.PROTOCOL_EXPIRED, grounds, NO_GROUNDS, plan, recipient, today)
        reason = NotToldReason.NARROWED_BY_PUBLISHER if narrowed else None
        if reason is None and not any(clause.permits for clause in applying):
            reason = NotToldReason.NO_CLAUSE
        shown = self._grounds(tuple(clause for clause in applying if not clause.silent))
        return Decision(reason, self._grounds(applying), shown, plan, recipient, today)

    def _find(self, between: _Between) -> _Candidates:
        """Find the clauses between a pair.

        The highest version in force supersedes every other of its name for everybody, also for a party that has not
        signed it: a superseded agreement releases nothing, and its pairs stay dark until both have signed. A lapsed
        protocol counts only where no version of its name is in force.
        """
        current = {
            active.protocol.protocol: active.protocol.version
            for active, _ in self._bound
            if active.protocol.in_force.covers(between.today)
        }
        in_force: list[BoundClause] = []
        lapsed: list[BoundClause] = []
        for active, clauses in self._bound:
            version = current.get(active.protocol.protocol)
            if version not in (None, active.protocol.version):
                continue
            if not (
                active.binds(between.controller, between.controller_classes)
                and active.binds(between.recipient, between.recipient_classes)
            ):
                continue
            matching = [
                clause
                for clause in clauses
                if clause.clause.covers(between.event_type)
                and clause.is_to(between.recipient, between.recipient_classes, between.roles)
            ]
            (lapsed if version is None else in_force).extend(matching)
        return _Candidates(tuple(in_force), tuple(lapsed))


@lru_cache(64)
def _day_in_london(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()

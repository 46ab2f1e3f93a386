"""An invented partnership to tell stories of: its agencies, its protocol (INTERFACES, section 6) and its questions."""

import json
from datetime import UTC, datetime
from typing import Any

from broker.sharing.decide import Decision
from broker.sharing.redact import Redaction
from broker.sharing.rulebook import ActiveProtocol, Question, Rulebook
from contracts.agency import Agency
from contracts.catalogue import contract_of
from contracts.envelope import Audience
from contracts.facts import Facts
from contracts.parse import parse_data
from contracts.protocol import Protocol, fingerprint
from contracts.vocabulary import AgencyKind, EpisodeStatus, Role

OPENED = "concordat.episode.opened.v1"
KEY = bytes(range(32))

POLICE = Agency("northmere-police", "Northmere Police", AgencyKind.POLICE_FORCE)
SOUTHFOLD = Agency("southfold-police", "Southfold Police", AgencyKind.POLICE_FORCE)
COUNCIL = Agency("eastvale-council", "Eastvale Council", AgencyKind.LOCAL_AUTHORITY)
HOME = Agency("harbour-house", "Harbour House", AgencyKind.CHILDRENS_HOME, classes=frozenset({"childrens_homes"}))
CHARITY = Agency("bright-path", "Bright Path", AgencyKind.CHARITY)
EVERYONE = frozenset(agency.id for agency in (POLICE, SOUTHFOLD, COUNCIL, HOME, CHARITY))

NIGHT = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)

SAMPLE = """\
protocol: northmere-missing-children
version: 3
title: Northmere safeguarding partnership, children who go missing
parties:
  - agency: northmere-police
  - agency: eastvale-council
  - class: childrens_homes
in_force: { from: 2026-09-01, until: 2027-08-31, review_by: 2027-06-01 }
purposes:
  find-and-protect: { description: Find the child and keep them from harm,
                      legal_basis: { discloser: ["DPA 2018 s.35"], recipient: ["UK GDPR 6(1)(e)", "UK GDPR 9(2)(g)", "DPA 2018 Sch 1 para 18"] } }
retention: { mailbox: P30D, episode: P1Y }
clauses:
  - id: care-provider-during-search
    purpose: find-and-protect
    regime: { discloser: part3, recipient: uk_gdpr }
    to: { role: care_provider }
    events: [concordat.episode.*, concordat.risk.changed.v1, concordat.child.*]
    when: { episode: [open, located] }
    permit:
      - { fields: ["risk.**", "last_seen.at", "circumstances"] }
      - { fields: ["last_seen.place"], transform: coarse_location }
      - { categories: [operational] }
    limit:
      - { categories: [identity], transform: initials }
    forbid:
      - { categories: [third_party, criminal_justice], because: "not needed to receive the child back" }
      - { categories: [protected_whereabouts], absolute: true }
signatures:
  - { agency: northmere-police, key: "…", signature: "…" }
"""  # noqa: E501 (verbatim)


def clause(number: int = 1, **parts: Any) -> dict[str, Any]:
    """A clause to care providers about every event; `parts` say the rest."""
    return {
        "id": f"clause-{number}",
        "purpose": "find",
        "regime": {"discloser": "part3", "recipient": "uk_gdpr"},
        "to": {"role": "care_provider"},
        "events": ["concordat.*"],
        **parts,
    }


def document(*clauses: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A protocol of the whole partnership with these clauses; `parts` replace its other members."""
    return {
        "protocol": "night",
        "version": 1,
        "title": "An invented protocol",
        "parties": [{"agency": agency} for agency in sorted(EVERYONE - {HOME.id})] + [{"class": "childrens_homes"}],
        "in_force": {"from": "2026-01-01", "until": "2027-12-31"},
        "purposes": {
            "find": {"description": "Find the child", "legal_basis": {"discloser": ["s.35"], "recipient": ["6(1)(e)"]}}
        },
        "retention": {"mailbox": "P30D", "episode": "P1Y"},
        "clauses": list(clauses),
        **parts,
    }


def active(content: dict[str, Any], signed_by: frozenset[str] = EVERYONE) -> ActiveProtocol:
    """The protocol of a document, signed by these agencies."""
    return ActiveProtocol(Protocol.read(content), fingerprint(content), signed_by)


def book(*clauses: dict[str, Any], **parts: Any) -> Rulebook:
    """A rulebook of one protocol that all have signed."""
    return Rulebook((active(document(*clauses, **parts)),))


def ask(event_type: str = OPENED, **parts: Any) -> Question:
    """The police ask whether the home may be told, on an open episode; `parts` replace that."""
    facts = parts.pop("facts", Facts(now=NIGHT, episode=EpisodeStatus.OPEN))
    audience = Audience.parse(parts.pop("audience", None))
    return Question(
        event_type=event_type,
        facts=facts,
        audience=audience,
        **{"controller": POLICE, "recipient": HOME, "roles": frozenset({Role.CARE_PROVIDER}), **parts},
    )


def plain(event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    """Data as the hub holds it after reading it by its contract."""
    parsed = parse_data(contract_of(event_type), data)
    return json.loads(parsed.model_dump_json(exclude_none=True, exclude_unset=True))


def tell(rulebook: Rulebook, data: dict[str, Any], **parts: Any) -> tuple[Decision, Redaction]:
    """Decide and redact one event."""
    question = ask(**parts)
    decision = rulebook.decide(question)
    return decision, decision.redact(plain(question.event_type, data), KEY)


def reasons(redaction: Redaction) -> dict[str, str | None]:
    """Contract path → reason of the outcomes of an event."""
    return {outcome.path: outcome.reason for outcome in redaction.outcomes}

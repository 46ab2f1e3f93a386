"""A generated partnership: a force that publishes, eight agencies that are told, each by a clause of its own."""

from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from adapters.sdk import HubClient, compose, new_id
from broker.cli.keys import key_file, load_or_create_key, public_jwk, signature_over
from broker.flows.activate import activate
from broker.flows.draft import Draft
from broker.flows.enrol import enrol
from broker.flows.hub import Hub
from contracts.agency import Agency
from contracts.envelope import rfc3339
from contracts.vocabulary import AgencyKind

PUBLISHER = "northmere-police"
RISK_CHANGED = "concordat.risk.changed.v1"
_AREA = "E10999001"

RECIPIENTS = {
    "eastvale-council": ("responsible_authority", AgencyKind.LOCAL_AUTHORITY),
    "westmoor-council": ("host_authority", AgencyKind.LOCAL_AUTHORITY),
    "southfold-police": ("home_force", AgencyKind.POLICE_FORCE),
    "harbour-house": ("care_provider", AgencyKind.CHILDRENS_HOME),
    "northmere-health": ("health", AgencyKind.HEALTH),
    "bright-path": ("charity", AgencyKind.CHARITY),
    "northmere-school": ("education", AgencyKind.EDUCATION),
    "northmere-youth-justice": ("youth_justice", AgencyKind.YOUTH_JUSTICE),
}
"""Who is told, in which role."""

_PERMITS = (
    [{"categories": ["operational", "narrative", "contact", "third_party"]}],
    [{"categories": ["operational", "narrative"]}, {"fields": ["risk.assessed_at"], "transform": "hour"}],
    [{"categories": ["operational", "narrative", "contact"]}],
    [{"fields": ["risk.**", "intervention_level"]}],
)
_BASES = {"discloser": ["DPA 2018 s.35"], "recipient": ["UK GDPR 6(1)(e)", "UK GDPR 9(2)(g)"]}


def _protocol() -> dict[str, Any]:
    """One protocol with a clause for each recipient: permits, a limit and a forbid in every one."""
    clauses = [
        {
            "id": f"{role.replace('_', '-')}-during-search",
            "purpose": "find-and-protect",
            "regime": {"discloser": "part3", "recipient": "uk_gdpr"},
            "to": {"role": role},
            "events": ["concordat.episode.*", "concordat.risk.*", "concordat.child.*", "concordat.involvement.*"],
            "when": {"episode": ["open", "located"]},
            "permit": permit,
            "limit": [{"fields": ["risk.supplied_by.name"], "transform": "initials"}],
            "forbid": [{"categories": ["criminal_justice"], "because": "intelligence stays with the force"}],
        }
        for permit, (role, _) in zip(cycle(_PERMITS), RECIPIENTS.values(), strict=False)
    ]
    return {
        "protocol": "northmere-benchmark",
        "version": 1,
        "title": "A generated partnership, to be measured",
        "parties": [{"agency": agency} for agency in (PUBLISHER, *RECIPIENTS)],
        "in_force": {"from": "2026-01-01", "until": "2035-12-31", "review_by": "2035-06-30"},
        "purposes": {
            "find-and-protect": {"description": "Find the child and keep them from harm.", "legal_basis": _BASES}
        },
        "retention": {"mailbox": "P30D", "episode": "P1Y"},
        "clauses": clauses,
    }


def found(hub: Hub, keys: Path) -> tuple[Agency, ...]:
    """Register the partnership, sign its protocol and bring it into force; return the agencies as registered."""
    kinds = {PUBLISHER: AgencyKind.POLICE_FORCE} | {name: kind for name, (_, kind) in RECIPIENTS.items()}
    own = {name: load_or_create_key(key_file(keys, name)) for name in kinds}
    agencies = tuple(
        Agency(
            name,
            name,
            kind,
            areas=frozenset({_AREA} if name == PUBLISHER else ()),
            keys=(public_jwk(own[name]),),
            scopes=frozenset({"publish", "subscribe"}),
        )
        for name, kind in kinds.items()
    )
    document = _protocol()
    document["signatures"] = [signature_over(document, name, own[name]) for name in own]

    def register(draft: Draft) -> None:
        for agency in agencies:
            enrol(draft, agency)
        activate(draft, document, hub.parts)

    for outcome in hub.sequencer.commit([register]):
        if isinstance(outcome, BaseException):
            raise outcome
    return agencies


async def open_episodes(client: HubClient, count: int) -> list[str]:
    """Open episodes in which all eight are confirmed; return their subjects."""
    named = [{"agency": agency, "role": role} for agency, (role, _) in RECIPIENTS.items()]
    subjects = [f"episode/{new_id()}" for _ in range(count)]
    for subject in subjects:
        opening = {"child": {"name": "Robin Example"}, "risk": {"level": "medium"}, "involved": named}
        await client.publish(_event("concordat.episode.opened.v1", opening, subject))
        await client.publish(_event("concordat.involvement.confirmed.v1", {"involved": named}, subject))
    return subjects


def events(subjects: list[str], count: int) -> list[dict[str, Any]]:
    """Make events of about 1 KB, one episode after the other."""
    return [_event(RISK_CHANGED, _assessment(), subject) for subject in islice(cycle(subjects), count)]


def _event(event_type: str, data: dict[str, Any], subject: str) -> dict[str, Any]:
    return compose(PUBLISHER, event_type, data, time=datetime.now(UTC), subject=subject)


def _assessment() -> dict[str, Any]:
    now = rfc3339(datetime.now(UTC))
    why = "Has not answered the telephone since the evening meal and does not know this part of the town. " * 3
    return {
        "risk": {
            "level": "high",
            "previous": "medium",
            "scheme": "Invented scheme of Northmere, version 3",
            "assessed_at": now,
            "next_review_at": now,
            "rationale": {"text": why.strip(), "contains": ["narrative"], "basis": "assessment"},
            "factors": {"text": "Cold night, no coat, no money.", "contains": ["narrative"], "basis": "fact"},
            "supplied_by": {"name": "Casey Invented", "post": "Duty officer", "telephone": "01632 960002"},
        },
        "intervention_level": 2,
    }

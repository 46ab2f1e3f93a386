"""Examples of the report and the risk."""

from contracts.examples.base import (
    CHARITY,
    COUNCIL,
    HOME,
    IDENTITY,
    INFORMANT,
    NEIGHBOUR,
    PERSON,
    PLACE,
    POLICE,
    Fault,
    account,
    examples,
)

RISK = {
    "level": "high",
    "previous": "medium",
    "scheme": "College of Policing 2016",
    "assessed_at": "2026-11-22T21:39:00Z",
    "obtained_at": "2026-11-22T21:20:00Z",
    "next_review_at": "2026-11-23T03:00:00Z",
    "rationale": account("Robin has no inhaler and the night is cold.", "health", basis="assessment"),
    "factors": account("Was found in the company of older youths last time.", "third_party", basis="hearsay"),
    "health_factors": account("Asthma.", "health"),
    "exploitation_factors": account("No sign of it.", "criminal_justice", basis="assessment"),
    "supplied_by": PERSON,
    "told_by": INFORMANT,
}
MISSING_CHILD = {
    "handle": "01JD6QK3Z8T0V5W2N4Y6B8C0CH",
    "local_reference": "HH-ROOM-0",
    **IDENTITY,
    "description": "Short brown hair, about 150 cm.",
    "health_needs": account("Asthma; has no inhaler.", "health"),
}
LAST_SEEN = {
    "at": "2026-11-22T19:05:00+00:00",
    "between": {"earliest": "2026-11-22T19:00:00Z", "latest": "2026-11-22T19:30:00Z"},
    "place": PLACE,
    "heading": account("Towards the bus station, on foot.", "location"),
    "clothing": "Green coat, white trainers.",
    "carrying": "A red rucksack, a telephone, no money.",
    "seen_with": account("An older youth in a grey hood.", "third_party", basis="hearsay"),
}
_DECLINED = {"declined_at": "2026-11-22T21:30:00Z", "ground": "whereabouts_known"}

EXAMPLES = {
    "concordat.episode.opened.v1": examples(
        HOME,
        "concordat.episode.opened.v1",
        minimal={"child": {}},
        full={
            "child": MISSING_CHILD,
            "reported_at": "2026-11-22T21:38:00Z",
            "jurisdiction": "england",
            "last_seen": LAST_SEEN,
            "circumstances": account("Did not come back from football training.", "operational"),
            "risk": RISK,
            "intervention_level": 2,
            "reporter": PERSON,
            "informant": INFORMANT,
            "force_reference": "NP-EXAMPLE-1",
            "involved": [
                {"agency": CHARITY, "role": "interview_provider", "acting_for": COUNCIL},
                {"agency": HOME, "role": "care_provider"},
                {"agency": COUNCIL, "role": "responsible_authority"},
                {"agency": POLICE, "role": "owning_force"},
            ],
            "protected_whereabouts": False,
        },
        invalid={"child": {"nhs_number": "9434765918"}},
        fault=Fault("/data/child/nhs_number", "value_error"),
    ),
    "concordat.risk.changed.v1": examples(
        POLICE,
        "concordat.risk.changed.v1",
        minimal={"risk": {"level": "medium"}},
        full={"risk": RISK, "intervention_level": 3},
        invalid={"risk": {"level": "absent"}},
        fault=Fault("/data/risk/level", "enum"),
    ),
    "concordat.risk.assessed.v1": examples(
        HOME,
        "concordat.risk.assessed.v1",
        minimal={"risk": {"level": "medium"}},
        full={"risk": RISK, "intervention_level": 2},
        invalid={"risk": {"level": "medium"}, "intervention_level": 4},
        fault=Fault("/data/intervention_level", "less_than_equal"),
    ),
    "concordat.report.declined.v1": examples(
        POLICE,
        "concordat.report.declined.v1",
        minimal=_DECLINED,
        full={
            **_DECLINED,
            "reason": account("Robin was seen at the harbour an hour ago.", "location"),
            "intervention_level": 1,
            "next_review_at": "2026-11-22T23:00:00Z",
            "suggested": NEIGHBOUR,
            "force_reference": "NP-EXAMPLE-2",
            "declined_by": PERSON,
        },
        invalid={**_DECLINED, "declined_at": "this evening"},
        fault=Fault("/data/declined_at", "value_error"),
    ),
}

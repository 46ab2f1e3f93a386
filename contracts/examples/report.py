"""Examples of the report, the risk and who is involved."""

from contracts.examples.base import (
    CHARITY,
    COUNCIL,
    HEALTH,
    HOME,
    IDENTITY,
    PERSON,
    PLACE,
    POLICE,
    Fault,
    account,
    examples,
)

_RISK = {
    "level": "high",
    "previous": "medium",
    "scheme": "College of Policing 2016",
    "assessed_at": "2026-11-22T21:39:00Z",
    "next_review_at": "2026-11-23T03:00:00Z",
    "rationale": account("Robin has no inhaler and the night is cold.", "health", basis="assessment"),
    "factors": account("Was found in the company of older youths last time.", "third_party", basis="hearsay"),
    "supplied_by": PERSON,
}

EXAMPLES = {
    "concordat.episode.opened.v1": examples(
        HOME,
        "concordat.episode.opened.v1",
        minimal={"child": {}},
        full={
            "child": {
                "handle": "01JD6QK3Z8T0V5W2N4Y6B8C0CH",
                "local_reference": "HH-ROOM-0",
                **IDENTITY,
                "description": "Short brown hair, about 150 cm.",
                "health_needs": account("Asthma; has no inhaler.", "health"),
            },
            "reported_at": "2026-11-22T21:38:00Z",
            "jurisdiction": "england",
            "last_seen": {
                "at": "2026-11-22T19:05:00+00:00",
                "between": {"earliest": "2026-11-22T19:00:00Z", "latest": "2026-11-22T19:30:00Z"},
                "place": PLACE,
                "clothing": "Green coat, white trainers.",
                "seen_with": account("An older youth in a grey hood.", "third_party", basis="hearsay"),
            },
            "circumstances": account("Did not come back from football training.", "operational"),
            "risk": _RISK,
            "intervention_level": 2,
            "reporter": PERSON,
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
        full={"risk": _RISK, "intervention_level": 3},
        invalid={"risk": {"level": "absent"}},
        fault=Fault("/data/risk/level", "enum"),
    ),
    "concordat.involvement.added.v1": examples(
        COUNCIL,
        "concordat.involvement.added.v1",
        minimal={"involved": [{"agency": HEALTH, "role": "health"}]},
        full={
            "involved": [{"agency": HEALTH, "role": "health", "acting_for": COUNCIL}],
            "reason": account("Robin is known to the asthma clinic.", "health"),
        },
        invalid={"involved": []},
        fault=Fault("/data/involved", "too_short"),
    ),
    "concordat.involvement.confirmed.v1": examples(
        COUNCIL,
        "concordat.involvement.confirmed.v1",
        minimal={"involved": [{"agency": HEALTH, "role": "health"}]},
        full={
            "involved": [
                {"agency": CHARITY, "role": "advocate", "acting_for": COUNCIL},
                {"agency": HEALTH, "role": "health"},
            ]
        },
        invalid={"involved": [{"agency": HEALTH}]},
        fault=Fault("/data/involved/0/role", "missing"),
    ),
}

"""Examples of prevention events."""

from contracts.examples.base import CHARITY, CHILD, COUNCIL, HOME, IDENTITY, PLACE, POLICE, Fault, account, examples

_CHILD = {"local_reference": "EX-0001"}
_BEGAN = {"began_at": "2026-09-01T10:00:00Z"}

EXAMPLES = {
    "concordat.placement.notified.v1": examples(
        COUNCIL,
        "concordat.placement.notified.v1",
        subject=CHILD,
        minimal={"child": _CHILD, "placement": _BEGAN, "involved": []},
        full={
            "child": {**_CHILD, **IDENTITY},
            "placement": {
                **_BEGAN,
                "code": "K2",
                "provider": "PR4",
                "ofsted_urn": "1000000",
                "area": "E06000999",
                "authority_number": "999",
                "address": PLACE,
            },
            "involved": [
                {"agency": CHARITY, "role": "advocate", "acting_for": COUNCIL},
                {"agency": COUNCIL, "role": "responsible_authority"},
                {"agency": HOME, "role": "care_provider"},
                {"agency": POLICE, "role": "home_force"},
            ],
            "protected_whereabouts": True,
        },
        invalid={"child": {**_CHILD, "birth_date": "2013-02-29"}, "placement": _BEGAN, "involved": []},
        fault=Fault("/data/child/birth_date", "value_error"),
    ),
    "concordat.placement.ended.v1": examples(
        COUNCIL,
        "concordat.placement.ended.v1",
        subject=CHILD,
        minimal={"child": _CHILD, "ended_at": "2026-11-20T10:00:00Z"},
        full={
            "child": {**_CHILD, **IDENTITY},
            "ended_at": "2026-11-20T10:00:00Z",
            "planned": True,
            "reason": "planned_move",
            "next_area": "E06000998",
            "note": account("Robin takes the books along.", "narrative"),
        },
        invalid={"child": {}, "ended_at": "2026-11-20T10:00:00Z"},
        fault=Fault("/data/child/local_reference", "missing"),
    ),
    "concordat.prevention_plan.agreed.v1": examples(
        HOME,
        "concordat.prevention_plan.agreed.v1",
        subject=CHILD,
        minimal={"child": _CHILD, "agreed_at": "2026-11-02T15:00:00Z"},
        full={
            "child": {**_CHILD, **IDENTITY},
            "agreed_at": "2026-11-02T15:00:00Z",
            "agreed_by": [
                {"agency": CHARITY, "role": "advocate", "acting_for": COUNCIL},
                {"agency": HOME, "role": "care_provider"},
            ],
            "plan_reference": "HH-PLAN-0",
            "next_review_at": "2027-02-02T15:00:00Z",
            "triggers": account("A quarrel, or a call that Robin does not speak of.", "narrative"),
            "first_steps": account("Ring Robin, then the trainer; drive to the bus station.", "location"),
            "places_to_check": account("The bus station, the harbour.", "location"),
            "people_to_ask": account("The trainer, and a friend from an earlier school.", "third_party"),
            "report_when": account("At nine in the evening, or at once without the inhaler.", "health"),
            "childs_voice": account("Ring me first.", "narrative"),
            "share_view": account("The police may read it if I am missing.", "narrative"),
            "actions": [
                {
                    "what": account("Keep a second inhaler at the office.", "health"),
                    "owner": HOME,
                    "due_at": "2026-11-09T12:00:00Z",
                }
            ],
        },
        invalid={"child": _CHILD, "agreed_at": "2026-11-02T15:00:00Z", "triggers": {}},
        fault=Fault("/data/triggers/text", "missing"),
    ),
}

"""Examples of an absence that is not yet a report."""

from contracts.examples.base import CHARITY, CHILD, COUNCIL, HOME, PERSON, PLACE, Fault, account, examples
from contracts.examples.report import MISSING_CHILD, RISK

_NOTED = {"child": {}, "noted_at": "2026-11-22T19:30:00Z"}

EXAMPLES = {
    "concordat.absence.noted.v1": examples(
        HOME,
        "concordat.absence.noted.v1",
        subject=CHILD,
        minimal=_NOTED,
        full={
            "child": MISSING_CHILD,
            "kind": "M",
            "noted_at": "2026-11-22T19:30:00Z",
            "absent_at": "2026-11-22T19:05:00Z",
            "absent_between": {"earliest": "2026-11-22T19:00:00Z", "latest": "2026-11-22T19:30:00Z"},
            "expected_at": "2026-11-22T20:30:00Z",
            "expected_between": {"earliest": "2026-11-22T20:00:00Z", "latest": "2026-11-22T21:00:00Z"},
            "intervention_level": 1,
            "next_review_at": "2026-11-22T20:30:00Z",
            "place": PLACE,
            "circumstances": account("Robin was to be back by seven from football training.", "location"),
            "steps_taken": account("Rang Robin twice and the trainer once.", "third_party"),
            "risk": RISK,
            "noted_by": PERSON,
            "involved": [
                {"agency": CHARITY, "role": "out_of_hours_team", "acting_for": COUNCIL},
                {"agency": HOME, "role": "care_provider"},
            ],
        },
        invalid={**_NOTED, "expected_between": {"earliest": "2026-11-22T21:00:00Z", "latest": "2026-11-22T20:00:00Z"}},
        fault=Fault("/data/expected_between", "value_error"),
    ),
}

"""Examples of an enquiry that one agency asks of another."""

from contracts.examples.base import CHARITY, NEIGHBOUR, PERSON, PLACE, POLICE, Fault, account, examples

_ID = {"enquiry_id": "01JD6QK3Z8T0V5W2N4Y6B8C0EQ"}
_TASK = {"text": "Ask at the bus station whether Robin took the night bus."}

EXAMPLES = {
    "concordat.enquiry.requested.v1": examples(
        POLICE,
        "concordat.enquiry.requested.v1",
        minimal={**_ID, "task": _TASK, "assignee": NEIGHBOUR},
        full={
            **_ID,
            "kind": "transport",
            "task": account("Ask at the bus station whether Robin took the night bus.", "location"),
            "assignee": NEIGHBOUR,
            "due_at": "2026-11-22T23:30:00Z",
            "place": PLACE,
            "concerning": account("The driver of the last bus.", "third_party"),
            "requested_by": PERSON,
        },
        invalid={**_ID, "task": _TASK},
        fault=Fault("/data/assignee", "missing"),
    ),
    "concordat.enquiry.completed.v1": examples(
        CHARITY,
        "concordat.enquiry.completed.v1",
        minimal={**_ID, "completed_at": "2026-11-22T21:20:00Z", "outcome": "found_nothing"},
        full={
            **_ID,
            "completed_at": "2026-11-22T21:20:00Z",
            "outcome": "found_something",
            "findings": account("The driver remembers a child in a green coat.", "location", basis="hearsay"),
            "place": PLACE,
            "others": account("An older youth paid for both.", "third_party", basis="hearsay"),
            "completed_by": PERSON,
        },
        invalid={**_ID, "completed_at": "2026-11-22T21:20:00Z", "outcome": "found nothing"},
        fault=Fault("/data/outcome", "string_pattern_mismatch"),
    ),
}

"""Examples of deadlines."""

from contracts.examples.base import MADE, POLICE, Fault, examples

_DUE = {"deadline": MADE, "kind": "emergency_review", "due_at": "2026-11-26T00:30:00Z"}

EXAMPLES = {
    "concordat.deadline.due.v1": examples(
        "",
        "concordat.deadline.due.v1",
        minimal=_DUE,
        full={**_DUE, "began_at": "2026-11-23T00:30:00Z", "owner": POLICE},
        invalid={"deadline": MADE, "kind": "emergency_review"},
        fault=Fault("/data/due_at", "missing"),
    ),
    "concordat.deadline.missed.v1": examples(
        "",
        "concordat.deadline.missed.v1",
        minimal=_DUE,
        full={**_DUE, "began_at": "2026-11-23T00:30:00Z", "owner": POLICE},
        invalid={**_DUE, "owner": ""},
        fault=Fault("/data/owner", "string_pattern_mismatch"),
    ),
}

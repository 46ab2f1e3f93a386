"""Examples of a challenge and its answer."""

from contracts.examples.base import COUNCIL, DISCLOSURE, MADE, PERSON, POLICE, Fault, account, examples

_RAISED = {
    "challenge": MADE,
    "raised_at": "2026-11-22T22:30:00Z",
    "about": "risk_level",
    "to": POLICE,
    "reason": account("Robin has no inhaler; medium is too low.", "health", basis="assessment"),
}
_ANSWERED = {"challenge": MADE, "answered_at": "2026-11-22T22:50:00Z", "result": "upheld"}

EXAMPLES = {
    "concordat.challenge.raised.v1": examples(
        COUNCIL,
        "concordat.challenge.raised.v1",
        minimal=_RAISED,
        full={
            **_RAISED,
            "disclosure_id": DISCLOSURE,
            "level": "manager",
            "asked": account("High, and a search of the harbour.", "location"),
            "answer_by": "2026-11-22T23:00:00Z",
            "raised_by": PERSON,
        },
        invalid={name: value for name, value in _RAISED.items() if name != "reason"},
        fault=Fault("/data/reason", "missing"),
    ),
    "concordat.challenge.answered.v1": examples(
        POLICE,
        "concordat.challenge.answered.v1",
        minimal=_ANSWERED,
        full={
            **_ANSWERED,
            "level": "manager",
            "reason": account("The night is colder than was thought.", "health"),
            "done": account("The risk is high; a patrol goes to the harbour.", "location"),
            "answered_by": PERSON,
        },
        invalid={**_ANSWERED, "challenge": MADE.lower()},
        fault=Fault("/data/challenge", "string_pattern_mismatch"),
    ),
}

"""Examples of who is on duty, and of a meeting."""

from contracts.examples.base import COUNCIL, HOME, PERSON, POLICE, Fault, account, examples

_HELD = {"held_at": "2026-11-22T20:00:00Z"}

EXAMPLES = {
    "concordat.spoc.assigned.v1": examples(
        COUNCIL,
        "concordat.spoc.assigned.v1",
        minimal={"person": {"name": "Sam Sample"}, "began_at": "2026-11-22T18:00:00Z"},
        full={
            "person": PERSON,
            "deputy": {"name": "Alex Placeholder", "post": "team manager", "telephone": "+44 1632 960004"},
            "role": "responsible_authority",
            "began_at": "2026-11-22T18:00:00Z",
            "expires_at": "2026-11-23T08:00:00Z",
            "hours": "18:00 to 08:00",
        },
        invalid={"person": {"telephone": "ask the desk"}, "began_at": "2026-11-22T18:00:00Z"},
        fault=Fault("/data/person/telephone", "string_pattern_mismatch"),
    ),
    "concordat.strategy_meeting.held.v1": examples(
        COUNCIL,
        "concordat.strategy_meeting.held.v1",
        minimal=_HELD,
        full={
            **_HELD,
            "meeting_id": "01JD6QK3Z8T0V5W2N4Y6B8C0MT",
            "kind": "strategy",
            "chair": PERSON,
            "attendance": [
                {"agency": POLICE, "name": "Kim Sample", "post": "detective sergeant", "present": True},
                {"agency": HOME, "present": False},
            ],
            "discussion": account("Robin goes to the harbour after a quarrel.", "location", basis="assessment"),
            "childs_voice": account("I want to stay where I am.", "narrative"),
            "significant_harm": False,
            "section_47": False,
            "actions": [
                {
                    "what": account("Ask the bus company for its recordings.", "location"),
                    "owner": POLICE,
                    "due_at": "2026-11-23T12:00:00Z",
                }
            ],
            "expected_at": "2026-11-24T14:00:00Z",
        },
        invalid={**_HELD, "actions": [{"owner": POLICE}]},
        fault=Fault("/data/actions/0/what", "missing"),
    ),
}

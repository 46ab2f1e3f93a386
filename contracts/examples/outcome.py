"""Examples of looking at how it goes for the child."""

from contracts.examples.base import COUNCIL, EPISODE, PERSON, Fault, account, examples

_REVIEWED = {"reviewed_at": "2027-02-22T10:00:00Z", "outcome": "better"}

EXAMPLES = {
    "concordat.outcome.reviewed.v1": examples(
        COUNCIL,
        "concordat.outcome.reviewed.v1",
        minimal=_REVIEWED,
        full={
            **_REVIEWED,
            "from_day": "2026-11-22",
            "until_day": "2027-02-21",
            "episodes": [EPISODE.removeprefix("episode/")],
            "episodes_since": 0,
            "what_changed": account("Robin rings when it gets late.", "narrative", basis="assessment"),
            "what_helped": account("That one person came back each time.", "narrative", basis="assessment"),
            "childs_voice": account("They listen more.", "narrative"),
            "calls_avoided": 12,
            "next_review_at": "2027-05-24T10:00:00Z",
            "reviewed_by": PERSON,
        },
        invalid={**_REVIEWED, "episodes_since": "none"},
        fault=Fault("/data/episodes_since", "int_type"),
    ),
}

"""Examples of the prevention interview."""

from contracts.examples.base import COUNCIL, POLICE, SPAN, Fault, account, examples

EXAMPLES = {
    "concordat.prevention_interview.completed.v1": examples(
        POLICE,
        "concordat.prevention_interview.completed.v1",
        minimal={"completed_at": "2026-11-23T04:00:00Z"},
        full={
            "completed_at": "2026-11-23T01:20:00Z",
            "completed_between": SPAN,
            "force": POLICE,
            "interviewer": "missing persons officer",
            "seen_how": "in_person",
            "seen_alone": True,
            "childs_voice": account("I just wanted to get away for a night.", "narrative"),
            "reasons": account("A quarrel in the house.", "narrative", basis="hearsay"),
            "harm": account("None that Robin speaks of.", "health"),
            "offences": account("None that Robin speaks of.", "criminal_justice"),
            "associates": account("An older youth called Jo.", "third_party", basis="hearsay"),
            "places": account("The bus station.", "location"),
            "passed_to": [COUNCIL],
            "advice": account("A telephone that works would help.", "operational", basis="assessment"),
        },
        invalid={"completed_at": "2026-11-23T04:00:00Z", "passed_to": ["Eastvale Council"]},
        fault=Fault("/data/passed_to/0", "string_pattern_mismatch"),
    ),
}

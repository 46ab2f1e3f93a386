"""Examples of a handover between forces, and of the history that travels with it."""

from contracts.examples.base import NEIGHBOUR, PERSON, POLICE, Fault, account, examples

_OPENED = {
    "type": "concordat.episode.opened.v1",
    "time": "2026-11-22T21:40:00Z",
    "data": {"child": {"name": "R. E.", "birth_date": "2012"}, "risk": {"level": "medium"}},
}
_RISK = {
    "type": "concordat.risk.changed.v1",
    "time": "2026-11-22T22:10:00Z",
    "data": {"risk": {"level": "high", "rationale": account("The night is cold.", "health")}},
}

EXAMPLES = {
    "concordat.handover.offered.v1": examples(
        POLICE,
        "concordat.handover.offered.v1",
        minimal={"to": NEIGHBOUR},
        full={
            "to": NEIGHBOUR,
            "reason": account("Robin was seen twice in Southfold.", "location"),
            "expires_at": "2026-11-23T02:00:00Z",
            "contact": PERSON,
        },
        invalid={"to": "Southfold Police"},
        fault=Fault("/data/to", "string_pattern_mismatch"),
    ),
    "concordat.handover.accepted.v1": examples(
        NEIGHBOUR,
        "concordat.handover.accepted.v1",
        minimal={},
        full={
            "force_reference": "SP-EXAMPLE-1",
            "contact": PERSON,
            "note": account("A patrol goes to the bus station first.", "location"),
        },
        invalid={"force_reference": 1},
        fault=Fault("/data/force_reference", "string_type"),
    ),
    "concordat.handover.declined.v1": examples(
        NEIGHBOUR,
        "concordat.handover.declined.v1",
        minimal={"reason": {"text": "The sightings were of another child."}},
        full={
            "reason": account("The sightings were of another child.", "third_party", basis="assessment"),
            "suggested": POLICE,
        },
        invalid={"reason": "The sightings were of another child."},
        fault=Fault("/data/reason", "model_type"),
    ),
    "concordat.handover.lapsed.v1": examples(
        "",
        "concordat.handover.lapsed.v1",
        minimal={"to": NEIGHBOUR, "offered_at": "2026-11-22T23:00:00Z"},
        full={"to": NEIGHBOUR, "offered_at": "2026-11-22T23:00:00.500Z"},
        invalid={"to": NEIGHBOUR},
        fault=Fault("/data/offered_at", "missing"),
    ),
    "concordat.episode.history.v1": examples(
        "",
        "concordat.episode.history.v1",
        minimal={"events": []},
        full={"events": [_OPENED, _RISK]},
        invalid={"events": [{"type": "concordat.risk.changed.v1", "time": "2026-11-22T22:10:00Z"}]},
        fault=Fault("/data/events/0/data", "missing"),
    ),
}

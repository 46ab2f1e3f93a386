"""Examples of found, well, back, and closed."""

from contracts.examples.base import HOME, NEIGHBOUR, PLACE, POLICE, Fault, account, examples

EXAMPLES = {
    "concordat.child.located.v1": examples(
        NEIGHBOUR,
        "concordat.child.located.v1",
        minimal={"located_at": "2026-11-23T01:15:00Z"},
        full={
            "located_at": "2026-11-23T01:15:00Z",
            "found_by": "patrol officer",
            "area": "E06000998",
            "place": PLACE,
            "condition": account("Cold, breathing well.", "health"),
            "found_with": account("Alone.", "third_party"),
        },
        invalid={"located_at": "2026-11-23T01:15:00"},
        fault=Fault("/data/located_at", "value_error"),
    ),
    "concordat.wellbeing.confirmed.v1": examples(
        NEIGHBOUR,
        "concordat.wellbeing.confirmed.v1",
        minimal={"confirmed_at": "2026-11-23T01:40:00Z"},
        full={
            "confirmed_at": "2026-11-23T01:40:00Z",
            "confirmed_by": "duty paramedic",
            "seen_in_person": True,
            "concerns": account("A grazed knee.", "health"),
        },
        invalid={"confirmed_at": "2026-11-23T01:40:00Z", "seen_in_person": 1},
        fault=Fault("/data/seen_in_person", "bool_type"),
    ),
    "concordat.child.returned.v1": examples(
        HOME,
        "concordat.child.returned.v1",
        minimal={"returned_at": "2026-11-23T03:05:00Z", "setting": "placement"},
        full={
            "returned_at": "2026-11-23T03:05:00Z",
            "setting": "other",
            "place": PLACE,
            "condition": account("Tired and hungry.", "health"),
        },
        invalid={
            "returned_at": "2026-11-23T03:05:00Z",
            "setting": "other",
            "place": {"point": {"latitude": 91, "longitude": 0}},
        },
        fault=Fault("/data/place/point/latitude", "less_than_equal"),
    ),
    "concordat.episode.closed.v1": examples(
        POLICE,
        "concordat.episode.closed.v1",
        minimal={"closed_at": "2026-11-23T09:00:00Z", "reason": "located_and_well"},
        full={
            "closed_at": "2026-11-23T09:00:00Z",
            "reason": "located_with_concerns",
            "outcome": account("Robin missed the last bus.", "operational"),
        },
        invalid={"closed_at": 1795424400, "reason": "located_and_well"},
        fault=Fault("/data/closed_at", "datetime_type"),
    ),
}

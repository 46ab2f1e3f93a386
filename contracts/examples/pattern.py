"""Examples of what recurs."""

from contracts.examples.base import EPISODE, OTHER_EPISODE, PERSON, POLICE, Fault, account, examples

_FLAGGED = {"flagged_at": "2026-12-02T09:00:00Z", "pattern": "same_place"}

EXAMPLES = {
    "concordat.pattern.flagged.v1": examples(
        POLICE,
        "concordat.pattern.flagged.v1",
        minimal=_FLAGGED,
        full={
            **_FLAGGED,
            "episodes": [EPISODE.removeprefix("episode/"), OTHER_EPISODE],
            "account": account("Both times the bus station on a Friday.", "location"),
            "persons": account("An older youth called Jo.", "third_party", basis="hearsay"),
            "places": account("The bus station.", "location"),
            "exploitation_kinds": ["county_lines"],
            "proposed": account("A patrol on Fridays, and a youth worker.", "operational"),
            "flagged_by": PERSON,
        },
        invalid={**_FLAGGED, "episodes": ["the last two"]},
        fault=Fault("/data/episodes/0", "string_pattern_mismatch"),
    ),
}

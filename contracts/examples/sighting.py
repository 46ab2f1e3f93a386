"""Examples of a sighting."""

from contracts.examples.base import CHARITY, INFORMANT, PERSON, PLACE, Fault, account, examples

EXAMPLES = {
    "concordat.sighting.reported.v1": examples(
        CHARITY,
        "concordat.sighting.reported.v1",
        minimal={},
        full={
            "seen_at": "2026-11-22T20:45:00Z",
            "seen_between": {"earliest": "2026-11-22T20:30:00Z", "latest": "2026-11-22T21:00:00Z"},
            "certainty": "likely",
            "area": "E06000999",
            "place": PLACE,
            "heading": account("Towards the harbour, on foot.", "location"),
            "account": account("A child in a green coat waited for the night bus.", "location", basis="hearsay"),
            "clothing": "Green coat.",
            "condition": account("Coughing.", "health", basis="hearsay"),
            "seen_with": account("An older youth in a grey hood.", "third_party", basis="hearsay"),
            "recording": "Invented Street camera 0, held by the bus company",
            "seen_by": PERSON,
            "informant": INFORMANT,
        },
        invalid={"area": "Eastvale"},
        fault=Fault("/data/area", "string_pattern_mismatch"),
    ),
}

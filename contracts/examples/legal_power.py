"""Examples of legal powers used."""

from contracts.examples.base import COUNCIL, HOST, NEIGHBOUR, PERSON, PLACE, SPAN, Fault, account, examples

_USED = {"power": "police_protection", "used_at": "2026-11-23T01:15:00Z"}

EXAMPLES = {
    "concordat.legal_power.used.v1": examples(
        NEIGHBOUR,
        "concordat.legal_power.used.v1",
        minimal=_USED,
        full={
            **_USED,
            "used_between": SPAN,
            "ends_at": "2026-11-26T01:15:00Z",
            "used_by": NEIGHBOUR,
            "officer": PERSON,
            "designated_officer": PERSON,
            "authority_told": HOST,
            "home_authority_told": COUNCIL,
            "court": "Invented family court",
            "reference": "SP-EXAMPLE-2",
            "against": account("The tenant of the flat, known as Jo.", "third_party"),
            "area": "E06000998",
            "place": PLACE,
            "reason": account("Found with strangers and frightened.", "third_party"),
            "childs_voice": account("I want my key worker.", "narrative"),
        },
        invalid={**_USED, "power": "section 46"},
        fault=Fault("/data/power", "string_pattern_mismatch"),
    ),
}

"""Examples of a referral to the National Referral Mechanism."""

from contracts.examples.base import CHARITY, COUNCIL, PERSON, Fault, account, examples

EXAMPLES = {
    "concordat.nrm.referred.v1": examples(
        COUNCIL,
        "concordat.nrm.referred.v1",
        minimal={"referred_at": "2026-11-28T11:00:00Z"},
        full={
            "referred_at": "2026-11-28T11:00:00Z",
            "first_responder": COUNCIL,
            "reference": "NRM-EXAMPLE-1",
            "exploitation_kinds": ["county_lines", "criminal"],
            "indicators": account("Two telephones and money that Robin cannot explain.", "criminal_justice"),
            "persons": account("Somebody known as Jo.", "third_party", basis="hearsay"),
            "places": account("A flat near the harbour.", "location", basis="hearsay"),
            "safe_where_they_are": True,
            "guardian": CHARITY,
            "crime_reference": "NP-EXAMPLE-2",
            "contact": PERSON,
        },
        invalid={"referred_at": "2026-11-28T11:00:00Z", "reference": ""},
        fault=Fault("/data/reference", "string_too_short"),
    ),
}

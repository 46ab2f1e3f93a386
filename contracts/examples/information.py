"""Examples of what is passed on, and of a decision not to."""

from contracts.examples.base import COUNCIL, HEALTH, PERSON, PLACE, Fault, account, examples

_DECIDED = {"decided_at": "2026-11-22T21:35:00Z", "ground": "child_objects"}

EXAMPLES = {
    "concordat.information.shared.v1": examples(
        HEALTH,
        "concordat.information.shared.v1",
        minimal={"information": {"text": "Robin has an appointment at the asthma clinic tomorrow."}},
        full={
            "topic": "health",
            "information": account("Robin has an appointment at the asthma clinic tomorrow.", "health", "location"),
            "learned_at": "2026-11-22T21:10:00Z",
            "place": PLACE,
            "health": account("Without an inhaler a cold night may bring an attack.", "health", basis="assessment"),
            "offences": account("None known.", "criminal_justice"),
            "others": account("A cousin came along last time.", "third_party"),
            "enquiry_id": "01JD6QK3Z8T0V5W2N4Y6B8C0EQ",
            "legal_basis": "Children's Wellbeing and Schools Act 2026, s.4",
            "told_outside": ["Invented Street pharmacy"],
            "shared_by": PERSON,
        },
        invalid={"information": {"text": "Robin has an appointment.", "contains": ["gossip"]}},
        fault=Fault("/data/information/contains/0", "enum"),
    ),
    "concordat.information.withheld.v1": examples(
        HEALTH,
        "concordat.information.withheld.v1",
        minimal=_DECIDED,
        full={
            **_DECIDED,
            "withheld_from": COUNCIL,
            "about": "health",
            "reason": account("It does not bear on tonight, and Robin asked for it to stay here.", "narrative"),
            "child_asked": True,
            "childs_view": account("That is between me and the nurse.", "narrative"),
            "next_review_at": "2026-11-23T09:00:00Z",
            "decided_by": PERSON,
        },
        invalid={"decided_at": "2026-11-22T21:35:00Z"},
        fault=Fault("/data/ground", "missing"),
    ),
}

"""Examples of contact with the child, and of a call that had to be made."""

from contracts.examples.base import HEALTH, HOME, INFORMANT, PERSON, PLACE, POLICE, Fault, account, examples

_PHONED = {"phoned_at": "2026-11-22T21:30:00Z"}

EXAMPLES = {
    "concordat.contact.made.v1": examples(
        HOME,
        "concordat.contact.made.v1",
        minimal={"party": "child"},
        full={
            "contact_at": "2026-11-22T21:15:00Z",
            "contact_between": {"earliest": "2026-11-22T21:10:00Z", "latest": "2026-11-22T21:20:00Z"},
            "party": "friend",
            "means": "messaging",
            "address": "robin.example",
            "place": PLACE,
            "childs_voice": account("I am all right. I do not want to come back tonight.", "narrative", "location"),
            "condition": account("Sounded tired.", "health", basis="hearsay"),
            "heard": account("Music and two other voices.", "third_party"),
            "through": INFORMANT,
            "made_by": PERSON,
        },
        invalid={"party": "child", "contact_between": {"earliest": "2026-11-22T21:10:00Z"}},
        fault=Fault("/data/contact_between/latest", "missing"),
    ),
    "concordat.relay.phoned.v1": examples(
        POLICE,
        "concordat.relay.phoned.v1",
        minimal=_PHONED,
        full={
            **_PHONED,
            "agency": HEALTH,
            "body": "Invented Street clinic",
            "answered": True,
            "why": "no_channel",
            "relayed": "01JD6QK3Z8T0V5W2N4Y6B8C0D0",
            "spoke_with": {"name": "Lee Placeholder", "post": "night nurse", "telephone": "+44 1632 960005"},
            "number": "+44 1632 960005",
            "told": account("That Robin is missing and has no inhaler.", "health"),
            "phoned_by": PERSON,
        },
        invalid={**_PHONED, "answered": "yes"},
        fault=Fault("/data/answered", "bool_type"),
    ),
}

"""Examples of what is kept ready about a child, and its release at the report."""

from contracts.examples.base import CHILD, COUNCIL, EPISODE, HOME, IDENTITY, PLACE, Fault, account, examples
from contracts.examples.report import LAST_SEEN

_PROFILE = {
    "child": {
        **IDENTITY,
        "local_reference": "HH-ROOM-0",
        "first_language": "English",
        "communication": account("Speaks little when upset; writes well.", "health"),
    },
    "appearance": {
        "height_cm": 150,
        "build": "slight",
        "hair": "short, brown",
        "eyes": "brown, glasses for reading",
        "skin": "freckled",
        "marks": "A small scar on the left hand.",
        "usual_clothing": "Green coat, white trainers.",
    },
    "photo": {
        "reference": "HH-PHOTO-0",
        "held_by": HOME,
        "taken_on": "2026-10-01",
        "sha256": "00" * 32,
    },
    "vulnerabilities": account("Trusts new people quickly.", "narrative", basis="assessment"),
    "medical": account("Asthma; needs an inhaler when it is cold.", "health"),
    "gp_practice": "ZZ999",
    "exploitation": account("None known.", "criminal_justice", basis="assessment"),
    "associates": [
        {
            "name": "Jo Invented",
            "relation": "friend from an earlier school",
            "telephone": "+44 1632 960003",
            "address": PLACE,
            "concern": account("Older, and often out at night.", "third_party", basis="hearsay"),
        }
    ],
    "places": [{"place": PLACE, "why": "friends meet there", "found_before": True}],
    "handsets": [{"number": "+44 1632 960002", "make": "black, cracked screen", "network": "Invented Mobile"}],
    "accounts": [{"service": "Invented Chat", "handle": "robin.example"}],
    "money": [{"institution": "Invented Bank", "reference": "card ending 0000"}],
    "travel": {
        "usual": account("Takes the tram to the harbour.", "location"),
        "card": "TRAVEL-EXAMPLE-0",
        "vehicle": "blue bicycle",
    },
    "earlier": [
        {
            "episode": "01JD6QK3Z8T0V5W2N4Y6B8C0CW",
            "missing_at": "2026-08-03T20:00:00Z",
            "found_at": "2026-08-04T06:30:00Z",
            "found_place": PLACE,
            "learned": account("Robin goes to the harbour after a quarrel.", "location"),
        }
    ],
    "approach": account("Speak quietly, offer something to eat, ask later.", "narrative"),
    "childs_voice": account("Ask me before you ring everybody.", "narrative"),
    "share_view": account("The home and my social worker may read it.", "narrative"),
    "reviewed_on": "2026-11-01",
}

EXAMPLES = {
    "concordat.profile.updated.v1": examples(
        HOME,
        "concordat.profile.updated.v1",
        subject=CHILD,
        minimal={"profile": {"child": {}}},
        full={"profile": _PROFILE},
        invalid={"profile": {"child": {"upn": "A801200001001"}}},
        fault=Fault("/data/profile/child/upn", "value_error"),
    ),
    "concordat.profile.released.v1": examples(
        COUNCIL,
        "concordat.profile.released.v1",
        subject=EPISODE,
        minimal={"profile": {"child": {}}},
        full={"profile": _PROFILE, "last_seen": LAST_SEEN, "released_by": "duty social worker"},
        invalid={"profile": {"child": {}, "photo": {"held_by": HOME}}},
        fault=Fault("/data/profile/photo/reference", "missing"),
    ),
}

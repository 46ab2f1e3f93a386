"""Examples of an emergency release and its review."""

from contracts.examples.base import HEALTH, HOME, MADE, POLICE, SIGNATORY, Fault, account, examples

_MADE = {
    "release": MADE,
    "agency": HEALTH,
    "released": [{"type": "concordat.episode.opened.v1", "fields": ["child.health_needs"]}],
    "ground": "risk_to_life",
    "reason": account("The ambulance must know of the asthma.", "health"),
    "released_at": "2026-11-23T00:30:00Z",
    "expires_at": "2026-11-23T12:00:00Z",
    "released_by": SIGNATORY,
}
_REVIEWED = {
    "release": MADE,
    "reviewed_at": "2026-11-24T10:00:00Z",
    "finding": "justified",
    "reviewed_by": SIGNATORY,
}

EXAMPLES = {
    "concordat.emergency_release.made.v1": examples(
        HOME,
        "concordat.emergency_release.made.v1",
        minimal=_MADE,
        full={
            **_MADE,
            "released": [
                {"type": "concordat.episode.opened.v1", "fields": ["child.health_needs", "last_seen.place"]},
                {"type": "concordat.involvement.added.v1", "fields": ["involved[].agency"]},
            ],
        },
        invalid={**_MADE, "released": [{"type": "concordat.episode.opened.v1", "fields": ["child.**"]}]},
        fault=Fault("/data/released/0/fields/0", "string_pattern_mismatch"),
    ),
    "concordat.emergency_release.reviewed.v1": examples(
        POLICE,
        "concordat.emergency_release.reviewed.v1",
        minimal=_REVIEWED,
        full={
            **_REVIEWED,
            "finding": "partly_justified",
            "account": account("The place was not needed.", "operational", basis="assessment"),
            "recall": True,
            "clause_needed": True,
        },
        invalid={**_REVIEWED, "recall": "no"},
        fault=Fault("/data/recall", "bool_type"),
    ),
}

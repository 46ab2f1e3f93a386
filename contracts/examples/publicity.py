"""Examples of making a search public, and of taking it back."""

from contracts.examples.base import CHARITY, PERSON, POLICE, Fault, account, examples

_AUTHORISED = {"authorised_at": "2026-11-22T21:30:00Z", "authorised_by": PERSON}

EXAMPLES = {
    "concordat.publicity.authorised.v1": examples(
        POLICE,
        "concordat.publicity.authorised.v1",
        minimal={"authorised_at": "2026-11-22T21:30:00Z", "authorised_by": {}, "channels": ["police_site"]},
        full={
            **_AUTHORISED,
            "channels": ["police_site", "charity"],
            "reach": "local",
            "wording": "Have you seen Robin, 14, in a green coat? Ring 101.",
            "photo": "HH-PHOTO-0",
            "parents_view": account("Robin's mother asks for it.", "third_party"),
            "childs_view": account("Robin did not want it last time.", "narrative"),
            "weighed": account("The night is cold; schoolmates may tease Robin.", "health", basis="assessment"),
            "carried_by": [CHARITY],
            "expires_at": "2026-11-23T21:30:00Z",
        },
        invalid={**_AUTHORISED, "channels": []},
        fault=Fault("/data/channels", "too_short"),
    ),
    "concordat.publicity.withdrawn.v1": examples(
        POLICE,
        "concordat.publicity.withdrawn.v1",
        minimal={"withdrawn_at": "2026-11-22T21:39:00Z"},
        full={
            "withdrawn_at": "2026-11-22T21:39:00Z",
            "withdrawn_by": PERSON,
            "channels": ["charity"],
            "reason": account("Robin was found.", "narrative"),
        },
        invalid={"withdrawn_at": "2026-11-22"},
        fault=Fault("/data/withdrawn_at", "value_error"),
    ),
}

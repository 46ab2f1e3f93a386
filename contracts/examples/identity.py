"""Examples of saying whether two records are of one child."""

from typing import Any

from contracts.examples.base import (
    CHILD,
    COUNCIL,
    EPISODE,
    HEALTH,
    HOST,
    MADE,
    OTHER_CHILD,
    OTHER_EPISODE,
    PERSON,
    SIGNATORY,
    Fault,
    account,
    examples,
)

_ASSERTED = {"assertion": MADE, "same_as": OTHER_CHILD, "asserted_at": "2026-11-24T09:00:00Z"}
_CONFIRMED = {
    "assertion": MADE,
    "same_as": OTHER_CHILD,
    "confirmed_at": "2026-11-24T11:00:00Z",
    "grounds": ["nhs_number"],
    "confirmed_by": SIGNATORY,
}
_DISPUTED = {
    "assertion": MADE,
    "same_as": OTHER_CHILD,
    "disputed_at": "2026-11-24T12:00:00Z",
    "reason": account("Our record is of a twin.", "identity", "third_party"),
}
_SEPARATED: dict[str, Any] = {
    "separated_from": OTHER_CHILD,
    "separated_at": "2026-11-25T09:00:00Z",
    "mixed_since": "2026-11-24T11:00:00Z",
    "episodes": [],
    "action": "delete",
    "reason": account("The numbers of two twins had been exchanged.", "identity", "third_party"),
    "separated_by": SIGNATORY,
}

EXAMPLES = {
    "concordat.identity.asserted.v1": examples(
        COUNCIL,
        "concordat.identity.asserted.v1",
        subject=CHILD,
        minimal=_ASSERTED,
        full={
            **_ASSERTED,
            "grounds": ["nhs_number", "known_in_person"],
            "hints": ["name", "birth_date"],
            "account": account("The number on the clinic's letter is the one on our record.", "identity"),
            "asserted_by": PERSON,
        },
        invalid={**_ASSERTED, "same_as": "Robin Example"},
        fault=Fault("/data/same_as", "string_pattern_mismatch"),
    ),
    "concordat.identity.confirmed.v1": examples(
        HEALTH,
        "concordat.identity.confirmed.v1",
        subject=CHILD,
        minimal=_CONFIRMED,
        full={**_CONFIRMED, "account": account("Compared with the child's own card.", "identity")},
        invalid={**_CONFIRMED, "grounds": []},
        fault=Fault("/data/grounds", "too_short"),
    ),
    "concordat.identity.disputed.v1": examples(
        HOST,
        "concordat.identity.disputed.v1",
        subject=CHILD,
        minimal=_DISPUTED,
        full={**_DISPUTED, "disputed_by": PERSON},
        invalid={**_DISPUTED, "disputed_by": "our records team"},
        fault=Fault("/data/disputed_by", "model_type"),
    ),
    "concordat.identity.separated.v1": examples(
        COUNCIL,
        "concordat.identity.separated.v1",
        subject=CHILD,
        minimal=_SEPARATED,
        full={
            **_SEPARATED,
            "assertion": MADE,
            "episodes": [
                {"episode": EPISODE.removeprefix("episode/"), "child": CHILD.removeprefix("child/")},
                {"episode": OTHER_EPISODE, "child": OTHER_CHILD},
            ],
            "events": ["01JD6QK3Z8T0V5W2N4Y6B8C0D1"],
        },
        invalid={**_SEPARATED, "separated_by": {"post": "head of safeguarding"}},
        fault=Fault("/data/separated_by/name", "missing"),
    ),
}

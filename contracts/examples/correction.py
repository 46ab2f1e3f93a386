"""Examples of putting right what was said."""

from contracts.examples.base import DISCLOSURE, HOME, MADE, PERSON, Fault, account, examples

_CORRECTED = {
    "event_id": "01JD6QK3Z8T0V5W2N4Y6B8C0D1",
    "type": "concordat.episode.opened.v1",
    "corrected_at": "2026-11-23T08:00:00Z",
    "corrections": [{"field": "last_seen.place", "kind": "wrong"}],
}
_RECALLED = {"disclosure_id": DISCLOSURE, "ground": "corrected", "action": "replace"}
_ERASED = {"erased_at": "2027-11-23T08:00:00Z", "ground": "retention_ended"}

EXAMPLES = {
    "concordat.record.corrected.v1": examples(
        HOME,
        "concordat.record.corrected.v1",
        minimal=_CORRECTED,
        full={
            **_CORRECTED,
            "replaced_by": MADE,
            "reason": account("It was the other bus station.", "location"),
            "corrected_by": PERSON,
        },
        invalid={**_CORRECTED, "corrections": [{"field": "last_seen.place"}]},
        fault=Fault("/data/corrections/0/kind", "missing"),
    ),
    "concordat.disclosure.recalled.v1": examples(
        "",
        "concordat.disclosure.recalled.v1",
        minimal=_RECALLED,
        full={
            **_RECALLED,
            "fields": ["last_seen.place"],
            "replaced_by": "01JD6QK3Z8T0V5W2N4Y6B8C0DT",
            "answer_by": "2026-11-24T08:00:00Z",
        },
        invalid={**_RECALLED, "fields": ["/data/last_seen/place"]},
        fault=Fault("/data/fields/0", "string_pattern_mismatch"),
    ),
    "concordat.record.erased.v1": examples(
        HOME,
        "concordat.record.erased.v1",
        minimal=_ERASED,
        full={
            **_ERASED,
            "event_id": "01JD6QK3Z8T0V5W2N4Y6B8C0D1",
            "ground": "mistaken_identity",
            "recipients_delete": True,
            "erased_by": PERSON,
        },
        invalid={"erased_at": "2027-11-23T08:00:00Z"},
        fault=Fault("/data/ground", "missing"),
    ),
}

"""Examples of protocols that come into force and end."""

from contracts.examples.base import COUNCIL, POLICE, Fault, examples

_ACTIVATED = {
    "protocol": "northmere-missing-children",
    "version": 3,
    "fingerprint": "00" * 32,
    "activated_at": "2026-08-28T10:00:00Z",
    "in_force_from": "2026-09-01",
    "in_force_until": "2027-08-31",
}
_ENDED = {
    "protocol": "northmere-missing-children",
    "version": 2,
    "ended_at": "2026-08-31T23:00:00Z",
    "reason": "replaced",
}

EXAMPLES = {
    "concordat.protocol.activated.v1": examples(
        "",
        "concordat.protocol.activated.v1",
        subject=None,
        minimal=_ACTIVATED,
        full={
            **_ACTIVATED,
            "title": "Northmere safeguarding partnership, children who go missing",
            "review_by": "2027-06-01",
            "signed_by": [POLICE, COUNCIL],
        },
        invalid={**_ACTIVATED, "version": 0},
        fault=Fault("/data/version", "greater_than_equal"),
    ),
    "concordat.protocol.ended.v1": examples(
        "",
        "concordat.protocol.ended.v1",
        subject=None,
        minimal=_ENDED,
        full={**_ENDED, "reason": "withdrawn", "replaced_by": 3, "withdrawn_by": COUNCIL},
        invalid={**_ENDED, "version": "2"},
        fault=Fault("/data/version", "int_type"),
    ),
}

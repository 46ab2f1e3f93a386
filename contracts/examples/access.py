"""Examples of an agency barred from a child."""

from contracts.examples.base import CHARITY, CHILD, COUNCIL, SIGNATORY, Fault, account, examples

_RESTRICTED = {
    "agency": CHARITY,
    "restricted_at": "2026-11-24T09:00:00Z",
    "ground": "allegation",
    "restricted_by": SIGNATORY,
}
_LIFTED = {"agency": CHARITY, "lifted_at": "2026-12-24T09:00:00Z", "lifted_by": SIGNATORY}

EXAMPLES = {
    "concordat.access.restricted.v1": examples(
        COUNCIL,
        "concordat.access.restricted.v1",
        subject=CHILD,
        minimal=_RESTRICTED,
        full={
            **_RESTRICTED,
            "ground": "court_order",
            "reason": account("A volunteer is under investigation.", "criminal_justice"),
            "concerns": account("A volunteer who drove Robin to the sea.", "third_party"),
            "court_reference": "FC-EXAMPLE-1",
            "review_at": "2026-12-24T09:00:00Z",
        },
        invalid={name: value for name, value in _RESTRICTED.items() if name != "restricted_by"},
        fault=Fault("/data/restricted_by", "missing"),
    ),
    "concordat.access.lifted.v1": examples(
        COUNCIL,
        "concordat.access.lifted.v1",
        subject=CHILD,
        minimal=_LIFTED,
        full={**_LIFTED, "reason": account("The investigation has ended and the volunteer has left.", "narrative")},
        invalid={**_LIFTED, "agency": "Bright Path"},
        fault=Fault("/data/agency", "string_pattern_mismatch"),
    ),
}

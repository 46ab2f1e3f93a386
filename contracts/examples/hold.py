"""Examples of a legal hold."""

from contracts.examples.base import COUNCIL, MADE, SIGNATORY, Fault, account, examples

_PLACED = {
    "hold": MADE,
    "placed_at": "2026-12-01T09:00:00Z",
    "ground": "safeguarding_review",
    "placed_by": SIGNATORY,
}
_LIFTED = {
    "hold": MADE,
    "lifted_at": "2027-06-01T09:00:00Z",
    "reason": account("The review has been published.", "operational"),
    "lifted_by": [SIGNATORY, {"name": "Kim Invented", "post": "data protection officer"}],
}

EXAMPLES = {
    "concordat.hold.placed.v1": examples(
        COUNCIL,
        "concordat.hold.placed.v1",
        minimal=_PLACED,
        full={
            **_PLACED,
            "reference": "LCSPR-EXAMPLE-1",
            "reason": account("The partnership reviews how the winter went.", "operational"),
            "review_at": "2027-06-01T09:00:00Z",
        },
        invalid={**_PLACED, "placed_by": {"name": "Alex Placeholder"}},
        fault=Fault("/data/placed_by/post", "missing"),
    ),
    "concordat.hold.lifted.v1": examples(
        COUNCIL,
        "concordat.hold.lifted.v1",
        minimal=_LIFTED,
        full=_LIFTED,
        invalid={**_LIFTED, "lifted_by": [SIGNATORY, SIGNATORY]},
        fault=Fault("/data/lifted_by", "value_error"),
    ),
}

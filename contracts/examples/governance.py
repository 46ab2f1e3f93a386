"""Examples of events about the sharing itself."""

from contracts.examples.base import COUNCIL, DISCLOSURE, Fault, examples

_BY = {"name": "Alex Placeholder", "role": "duty social worker"}

EXAMPLES = {
    "concordat.acknowledgement.given.v1": examples(
        COUNCIL,
        "concordat.acknowledgement.given.v1",
        minimal={"disclosure_id": DISCLOSURE, "action": "seen", "by": _BY},
        full={
            "disclosure_id": DISCLOSURE,
            "up_to_sequence": "1.42",
            "action": "acting",
            "by": _BY,
            "note": "Ringing the home now.",
        },
        invalid={"disclosure_id": DISCLOSURE.lower(), "action": "seen", "by": _BY},
        fault=Fault("/data/disclosure_id", "string_pattern_mismatch"),
    ),
}

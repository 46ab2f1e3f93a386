"""Examples of one agency coming after another."""

from contracts.examples.base import COUNCIL, HOST, Fault, examples

_SUCCEEDED = {"former": HOST, "successor": COUNCIL, "how": "merged", "takes_effect_at": "2027-04-01T00:00:00Z"}

EXAMPLES = {
    "concordat.agency.succeeded.v1": examples(
        "",
        "concordat.agency.succeeded.v1",
        subject=None,
        minimal=_SUCCEEDED,
        full={**_SUCCEEDED, "how": "split", "areas": ["E06000998"]},
        invalid={**_SUCCEEDED, "areas": ["the north"]},
        fault=Fault("/data/areas/0", "string_pattern_mismatch"),
    ),
}

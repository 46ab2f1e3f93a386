"""Examples of telling a national body."""

from contracts.examples.base import PERSON, POLICE, Fault, account, examples

_TOLD = {"unit": "uk_missing_persons_unit", "notice": "missing", "notified_at": "2026-11-22T21:35:00Z"}

EXAMPLES = {
    "concordat.national_unit.notified.v1": examples(
        POLICE,
        "concordat.national_unit.notified.v1",
        minimal=_TOLD,
        full={
            **_TOLD,
            "reference": "UNIT-EXAMPLE-1",
            "reason": account("Robin may have crossed two force areas.", "location"),
            "contact": PERSON,
        },
        invalid={**_TOLD, "unit": "the national unit"},
        fault=Fault("/data/unit", "string_pattern_mismatch"),
    ),
}

"""Examples of prevention events."""

from contracts.examples.base import CHARITY, CHILD, COUNCIL, HOME, IDENTITY, PLACE, POLICE, Fault, examples

_CHILD = {"local_reference": "EX-0001"}
_BEGAN = {"began_at": "2026-09-01T10:00:00Z"}

EXAMPLES = {
    "concordat.placement.notified.v1": examples(
        COUNCIL,
        "concordat.placement.notified.v1",
        subject=CHILD,
        minimal={"child": _CHILD, "placement": _BEGAN, "involved": []},
        full={
            "child": {**_CHILD, **IDENTITY},
            "placement": {**_BEGAN, "code": "K2", "area": "E06000999", "address": PLACE},
            "involved": [
                {"agency": CHARITY, "role": "advocate", "acting_for": COUNCIL},
                {"agency": COUNCIL, "role": "responsible_authority"},
                {"agency": HOME, "role": "care_provider"},
                {"agency": POLICE, "role": "home_force"},
            ],
            "protected_whereabouts": True,
        },
        invalid={"child": {**_CHILD, "birth_date": "2013-02-29"}, "placement": _BEGAN, "involved": []},
        fault=Fault("/data/child/birth_date", "value_error"),
    ),
}

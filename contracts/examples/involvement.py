"""Examples of who is involved, and who is no longer."""

from contracts.examples.base import CHARITY, COUNCIL, HEALTH, Fault, account, examples

EXAMPLES = {
    "concordat.involvement.added.v1": examples(
        COUNCIL,
        "concordat.involvement.added.v1",
        minimal={"involved": [{"agency": HEALTH, "role": "health"}]},
        full={
            "involved": [{"agency": HEALTH, "role": "health", "acting_for": COUNCIL}],
            "reason": account("Robin is known to the asthma clinic.", "health"),
        },
        invalid={"involved": []},
        fault=Fault("/data/involved", "too_short"),
    ),
    "concordat.involvement.confirmed.v1": examples(
        COUNCIL,
        "concordat.involvement.confirmed.v1",
        minimal={"involved": [{"agency": HEALTH, "role": "health"}]},
        full={
            "involved": [
                {"agency": CHARITY, "role": "advocate", "acting_for": COUNCIL},
                {"agency": HEALTH, "role": "health"},
            ]
        },
        invalid={"involved": [{"agency": HEALTH}]},
        fault=Fault("/data/involved/0/role", "missing"),
    ),
    "concordat.involvement.ended.v1": examples(
        COUNCIL,
        "concordat.involvement.ended.v1",
        minimal={"involved": [{"agency": CHARITY, "role": "advocate"}]},
        full={
            "involved": [{"agency": CHARITY, "role": "advocate", "acting_for": COUNCIL}],
            "ended_at": "2026-11-22T21:00:00Z",
            "reason": account("Robin has chosen another advocate.", "narrative"),
        },
        invalid={"involved": [{"agency": CHARITY, "role": "friend"}]},
        fault=Fault("/data/involved/0/role", "enum"),
    ),
}

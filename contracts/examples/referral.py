"""Examples of referrals."""

from contracts.examples.base import CHARITY, COUNCIL, HEALTH, MADE, PERSON, Fault, account, examples

_MADE = {"referral": MADE, "referred_at": "2026-11-27T10:00:00Z", "service": "mental_health"}
_OUTCOME = {"referral": MADE, "decided_at": "2026-12-04T10:00:00Z", "result": "accepted"}

EXAMPLES = {
    "concordat.referral.made.v1": examples(
        COUNCIL,
        "concordat.referral.made.v1",
        minimal=_MADE,
        full={
            **_MADE,
            "referred_to": HEALTH,
            "reason": account("Sleeps badly since the summer.", "health"),
            "findings": ["push_factors", "wishes"],
            "child_agrees": True,
            "childs_voice": account("I would try it once.", "narrative"),
            "answer_by": "2026-12-04T17:00:00Z",
            "referred_by": PERSON,
        },
        invalid={"referred_at": "2026-11-27T10:00:00Z", "service": "mental_health"},
        fault=Fault("/data/referral", "missing"),
    ),
    "concordat.referral.outcome.v1": examples(
        HEALTH,
        "concordat.referral.outcome.v1",
        minimal=_OUTCOME,
        full={
            **_OUTCOME,
            "result": "passed_on",
            "answered_by": HEALTH,
            "passed_on_to": CHARITY,
            "begins_at": "2026-12-10T16:00:00Z",
            "account": account("A group for young people fits better.", "health", basis="assessment"),
            "contact": PERSON,
        },
        invalid={**_OUTCOME, "result": None},
        fault=Fault("/data/result", "string_type"),
    ),
}

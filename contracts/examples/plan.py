"""Examples of plans that changed."""

from contracts.examples.base import COUNCIL, EPISODE, OTHER_EPISODE, PERSON, Fault, account, examples

_UPDATED = {"updated_at": "2026-12-01T14:00:00Z", "plan": "prevention_plan", "findings_used": ["wishes"]}

EXAMPLES = {
    "concordat.plan.updated.v1": examples(
        COUNCIL,
        "concordat.plan.updated.v1",
        minimal=_UPDATED,
        full={
            **_UPDATED,
            "episodes": [EPISODE.removeprefix("episode/"), OTHER_EPISODE],
            "changes": account("Robin may come back by ten on Fridays and rings at nine.", "narrative"),
            "findings_not_used": account("The places, until police have looked at them.", "location"),
            "child_took_part": True,
            "childs_voice": account("Ten is fair.", "narrative"),
            "review_at": "2027-01-12T14:00:00Z",
            "updated_by": PERSON,
        },
        invalid={"updated_at": "2026-12-01T14:00:00Z", "plan": "prevention_plan"},
        fault=Fault("/data/findings_used", "missing"),
    ),
}

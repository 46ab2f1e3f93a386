"""Examples of offering the return home interview."""

from contracts.examples.base import CHARITY, COUNCIL, EPISODE, OTHER_EPISODE, PLACE, Fault, account, examples
from contracts.examples.interview import DUTY

_SPAN = {"earliest": "2026-11-23T15:00:00Z", "latest": "2026-11-23T16:00:00Z"}
_WHO = {"interviewer": "independent visitor", "interviewer_agency": CHARITY}

EXAMPLES = {
    "concordat.rhi.offered.v1": examples(
        COUNCIL,
        "concordat.rhi.offered.v1",
        minimal={"offered_at": "2026-11-23T15:30:00Z"},
        full={
            **_WHO,
            "offered_at": "2026-11-23T15:30:00Z",
            "offered_between": _SPAN,
            "episodes": [EPISODE.removeprefix("episode/"), OTHER_EPISODE],
            "offer_number": 2,
            "duty": DUTY,
            "offered_by": "key worker",
            "channel": "through_trusted_person",
            "same_person": True,
            "choice_of_person": True,
            "independent": True,
            "proposed_at": "2026-11-25T16:00:00Z",
            "answer_by": "2026-11-24T18:00:00Z",
        },
        invalid={"offered_at": "2026-11-23T15:30:00Z", "offer_number": 0},
        fault=Fault("/data/offer_number", "greater_than_equal"),
    ),
    "concordat.rhi.accepted.v1": examples(
        CHARITY,
        "concordat.rhi.accepted.v1",
        minimal={"accepted_at": "2026-11-24T12:00:00Z"},
        full={
            **_WHO,
            "accepted_at": "2026-11-24T12:00:00Z",
            "accepted_between": {"earliest": "2026-11-24T11:00:00Z", "latest": "2026-11-24T12:30:00Z"},
            "offer_number": 2,
            "appointment_at": "2026-11-25T16:00:00Z",
            "place": PLACE,
            "wishes": account("Wants to walk while talking.", "narrative"),
        },
        invalid={"accepted_at": "2026-11-24"},
        fault=Fault("/data/accepted_at", "value_error"),
    ),
    "concordat.rhi.declined.v1": examples(
        CHARITY,
        "concordat.rhi.declined.v1",
        minimal={"declined_at": "2026-11-23T15:40:00Z"},
        full={
            "declined_at": "2026-11-23T15:40:00Z",
            "declined_between": _SPAN,
            "offer_number": 1,
            "declined_by": "child",
            "reason": "not_this_person",
            "childs_voice": account("Not with somebody from the office.", "narrative"),
            "would_talk_to": account("The visitor from last year.", "narrative"),
            "told_whom": "key worker",
            "offer_again_at": "2026-11-24T16:00:00Z",
            "offer_again_by": CHARITY,
        },
        invalid={"declined_at": "2026-11-23T15:40:00Z", "would_talk_to": "The visitor from last year."},
        fault=Fault("/data/would_talk_to", "model_type"),
    ),
    "concordat.rhi.attempted.v1": examples(
        CHARITY,
        "concordat.rhi.attempted.v1",
        minimal={"attempted_at": "2026-11-25T16:00:00Z", "outcome": "not_there"},
        full={
            **_WHO,
            "attempted_at": "2026-11-25T16:00:00Z",
            "attempted_between": {"earliest": "2026-11-25T15:45:00Z", "latest": "2026-11-25T16:30:00Z"},
            "outcome": "not_ready",
            "place": PLACE,
            "account": account("Robin had slept badly and asked for tomorrow.", "narrative"),
            "next_attempt_at": "2026-11-26T16:00:00Z",
        },
        invalid={"attempted_at": "2026-11-25T16:00:00Z"},
        fault=Fault("/data/outcome", "missing"),
    ),
}

"""Examples of the return home interview."""

from contracts.examples.base import CHARITY, COUNCIL, EPISODE, HOME, HOST, OTHER_EPISODE, Fault, account, examples

_DUE = {"stage": "set", "returned_at": "2026-11-23T03:05:00Z", "due_at": "2026-11-26T03:05:00Z"}
_OVERDUE = {
    "returned_at": "2026-11-23T03:05:00Z",
    "due_at": "2026-11-26T03:05:00Z",
    "hours_overdue": 24,
    "offers": 2,
    "declines": 1,
    "attempts": 1,
}
_BOTH = [EPISODE.removeprefix("episode/"), OTHER_EPISODE]
DUTY = {
    "responsible_authority": COUNCIL,
    "host_authority": HOST,
    "owner": CHARITY,
    "basis": "provider_commissioned",
    "agreed_at": "2026-11-23T10:00:00Z",
}

EXAMPLES = {
    "concordat.rhi.due.v1": examples(
        "",
        "concordat.rhi.due.v1",
        minimal=_DUE,
        full={**_DUE, "responsible": COUNCIL},
        invalid={**_DUE, "stage": "missed"},
        fault=Fault("/data/stage", "enum"),
    ),
    "concordat.rhi.overdue.v1": examples(
        "",
        "concordat.rhi.overdue.v1",
        minimal=_OVERDUE,
        full={**_OVERDUE, "responsible": COUNCIL, "offer_again_at": "2026-11-27T16:00:00Z"},
        invalid={**_OVERDUE, "hours_overdue": -1},
        fault=Fault("/data/hours_overdue", "greater_than_equal"),
    ),
    "concordat.rhi.completed.v1": examples(
        CHARITY,
        "concordat.rhi.completed.v1",
        minimal={"completed_at": "2026-11-25T16:00:00Z"},
        full={
            "completed_at": "2026-11-26T16:00:00Z",
            "completed_between": {"earliest": "2026-11-26T15:00:00Z", "latest": "2026-11-26T16:30:00Z"},
            "episodes": _BOTH,
            "duty": DUTY,
            "interviewer": "independent visitor",
            "interviewer_agency": CHARITY,
            "same_person": True,
            "independent": True,
            "seen_alone": True,
            "offers_made": 2,
            "late_reason": "child_asked",
            "late_because": account("Robin asked for another day.", "operational"),
            "push_factors": account("A quarrel about the telephone.", "narrative"),
            "pull_factors": account("Friends at the bus station.", "third_party"),
            "childs_voice": account("I wanted to be asked.", "narrative"),
            "wishes": account("To see my friends with somebody knowing.", "narrative"),
            "share_wish": "some_only",
            "share_view": {"text": "The home may read it.", "contains": ["narrative"], "basis": "fact"},
            "harm_kinds": ["hunger_or_cold"],
            "harm": account("Was cold and hungry.", "health", basis="assessment"),
            "exploitation_kinds": ["none_known"],
            "exploitation": account("No sign of it.", "criminal_justice", basis="assessment"),
            "associates": account("Two friends from an earlier school.", "third_party"),
            "places": account("The bus station and the harbour.", "location"),
        },
        invalid={"completed_at": "2026-11-25T16:00:00Z", "harm": {"text": "", "contains": []}},
        fault=Fault("/data/harm/text", "string_too_short"),
    ),
    "concordat.rhi.shared.v1": examples(
        CHARITY,
        "concordat.rhi.shared.v1",
        minimal={"shared_at": "2026-11-27T09:00:00Z", "shared_with": [COUNCIL]},
        full={
            "shared_at": "2026-11-27T09:00:00Z",
            "completed_at": "2026-11-26T16:00:00Z",
            "episodes": _BOTH,
            "shared_with": [COUNCIL, HOME],
            "findings": ["push_factors", "wishes"],
            "wish_followed": False,
            "wish_not_followed": account("The council must know of the cold night; Robin was told why.", "narrative"),
        },
        invalid={"shared_at": "2026-11-27T09:00:00Z", "shared_with": []},
        fault=Fault("/data/shared_with", "too_short"),
    ),
}

"""Examples of the return home interview."""

from contracts.examples.base import CHARITY, COUNCIL, Fault, account, examples

_DUE = {"stage": "set", "returned_at": "2026-11-23T03:05:00Z", "due_at": "2026-11-26T03:05:00Z"}

EXAMPLES = {
    "concordat.rhi.due.v1": examples(
        "",
        "concordat.rhi.due.v1",
        minimal=_DUE,
        full={**_DUE, "responsible": COUNCIL},
        invalid={**_DUE, "stage": "missed"},
        fault=Fault("/data/stage", "enum"),
    ),
    "concordat.rhi.completed.v1": examples(
        CHARITY,
        "concordat.rhi.completed.v1",
        minimal={"completed_at": "2026-11-25T16:00:00Z"},
        full={
            "completed_at": "2026-11-26T16:00:00Z",
            "interviewer": "independent visitor",
            "independent": True,
            "late_because": account("Robin asked for another day.", "operational"),
            "push_factors": account("A quarrel about the telephone.", "narrative"),
            "pull_factors": account("Friends at the bus station.", "third_party"),
            "childs_voice": account("I wanted to be asked.", "narrative"),
            "share_view": {"text": "The home may read it.", "contains": ["narrative"], "basis": "fact"},
            "harm": account("None that Robin speaks of.", "health", basis="assessment"),
            "exploitation": account("No sign of it.", "criminal_justice", basis="assessment"),
            "associates": account("Two friends from an earlier school.", "third_party"),
            "places": account("The bus station and the harbour.", "location"),
        },
        invalid={"completed_at": "2026-11-25T16:00:00Z", "harm": {"text": "", "contains": []}},
        fault=Fault("/data/harm/text", "string_too_short"),
    ),
}

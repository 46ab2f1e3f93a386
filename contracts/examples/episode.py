"""Examples of episodes reopened, cancelled and linked."""

from contracts.examples.base import COUNCIL, OTHER_EPISODE, PERSON, POLICE, Fault, account, examples

_REOPENED = {"reopened_at": "2026-11-23T05:00:00Z", "reason": "missing_again"}
_CANCELLED = {"cancelled_at": "2026-11-22T22:00:00Z", "reason": "whereabouts_known"}
_LINKED = {"other": OTHER_EPISODE, "reason": "missing_together"}

EXAMPLES = {
    "concordat.episode.reopened.v1": examples(
        POLICE,
        "concordat.episode.reopened.v1",
        minimal=_REOPENED,
        full={
            **_REOPENED,
            "missing_since": "2026-11-23T04:30:00Z",
            "missing_between": {"earliest": "2026-11-23T04:00:00Z", "latest": "2026-11-23T04:45:00Z"},
            "account": account("Left the car at a crossing on the way back.", "location"),
            "reopened_by": PERSON,
        },
        invalid={**_REOPENED, "reopened_at": "five in the morning"},
        fault=Fault("/data/reopened_at", "value_error"),
    ),
    "concordat.episode.cancelled.v1": examples(
        POLICE,
        "concordat.episode.cancelled.v1",
        minimal=_CANCELLED,
        full={
            **_CANCELLED,
            "reason": "duplicate",
            "kept_episode": OTHER_EPISODE,
            "account": account("Two shifts reported the same absence.", "operational"),
            "cancelled_by": PERSON,
        },
        invalid={**_CANCELLED, "kept_episode": "NP-EXAMPLE-1"},
        fault=Fault("/data/kept_episode", "string_pattern_mismatch"),
    ),
    "concordat.episode.linked.v1": examples(
        POLICE,
        "concordat.episode.linked.v1",
        minimal=_LINKED,
        full={
            **_LINKED,
            "account": account("Both were seen on the same bus.", "third_party", "location"),
            "linked_by": PERSON,
        },
        invalid={"other": OTHER_EPISODE, "reason": ""},
        fault=Fault("/data/reason", "string_pattern_mismatch"),
    ),
    "concordat.episode.unlinked.v1": examples(
        COUNCIL,
        "concordat.episode.unlinked.v1",
        minimal={"other": OTHER_EPISODE},
        full={
            "other": OTHER_EPISODE,
            "account": account("The other child was at home that evening.", "third_party"),
            "unlinked_by": PERSON,
        },
        invalid={},
        fault=Fault("/data/other", "missing"),
    ),
}

"""What a children's home says."""

from typing import Any

from adapters.childrens_home.child_file import read_child_file
from adapters.childrens_home.words import CAME_BACK_TO, CHILD_FILE, PARTS, WORRY
from adapters.reference import Draft, NotUnderstood, Request
from adapters.reference.draft import account, coded, involved, place, present
from adapters.sdk import new_id

EPISODE = "episode"


def report_missing(request: Request) -> Draft:
    """A child of ours is missing. Needs `child`; the rest is told as far as it is known.

    `worry`, `last_seen` {when, where, wearing, with}, `what_happened`, `by` {name, post, phone}, `told` [{agency, as}],
    `level`, `episode` (an id of one's own choosing) and `handle` (where a person has matched the placement record).
    """
    reference = request.text("child")
    file = read_child_file(request.state, reference)
    seen, by = request.group("last_seen"), request.group("by")
    worry = coded(WORRY, request.optional("worry"))
    episode = request.optional("episode") or new_id()
    data = present(
        child=present(
            handle=request.optional("handle") or _handle(request, file),
            local_reference=reference,
            health_needs=account(file.get("health")),
            **{ours: file.get(local) for local, ours in CHILD_FILE.items()},
        ),
        reported_at=request.moment(),
        last_seen=present(
            at=seen.get("when"),
            place=place(seen.get("where")),
            clothing=seen.get("wearing"),
            seen_with=account(seen.get("with")),
        ),
        circumstances=account(request.optional("what_happened")),
        risk=present(level=worry),
        intervention_level=request.optional("level"),
        reporter=present(name=by.get("name"), post=by.get("post"), telephone=by.get("phone")),
        involved=involved(request.items("told"), PARTS),
        protected_whereabouts=file.get("protected_address"),
    )
    return Draft(
        "concordat.episode.opened.v1", data, f"episode/{episode}", remember=((EPISODE, reference, str(episode)),)
    )


def child_back(request: Request) -> Draft:
    """The child is back. `child` or `episode`; `at`, `setting` and `how` the child is."""
    data = present(
        returned_at=request.moment(),
        setting=coded(CAME_BACK_TO, request.optional("setting") or "here"),
        place=place(request.optional("where")),
        condition=account(request.optional("how")),
    )
    return Draft("concordat.child.returned.v1", data, _episode(request))


def _handle(request: Request, file: dict[str, Any]) -> str | None:
    """The hub's handle of this child, from the placement record that the council sent and its reference in our file."""
    reference = file.get("council_reference")
    return request.cases.handle_of_placed(reference) if isinstance(reference, str) else None


def _episode(request: Request) -> str:
    if request.optional("episode"):
        return request.episode()
    episode = request.cases.linked(EPISODE, request.text("child"))
    if episode is None:
        raise NotUnderstood("no report of this child was made here: name the 'episode'")
    return f"episode/{episode}"


VERBS = {"report_missing": report_missing, "child_back": child_back}

"""`concordat episode`: the episodes that an agency has a part in, and who has been told."""

from typing import Annotated, Any

import typer

from broker.cli.acting import Acting, for_agency
from broker.cli.noun import noun
from broker.cli.remote import segment
from broker.cli.speech import emit_json, emit_pretty, emit_table, say

app = noun("The episodes that an agency has a part in, and who has been told.")

IdArgument = Annotated[str, typer.Argument(metavar="EPISODE", help="Id of the episode.")]
_STEPS = ("told_at", "delivered_at", "seen_at", "acting_at", "actioned_at")


@app.command("list")
@for_agency
def list_episodes(
    acting: Acting,
) -> None:
    """List the episodes that this agency has published on or was told of.

    Example: concordat episode list --agency northmere-police
    """
    items = list(acting.remote.pages("/v1/episodes"))
    if acting.as_json:
        for item in items:
            emit_json(item)
        return
    emit_table(
        ("episode", "status", "risk", "first", "latest"),
        (
            (
                one["episode"],
                one.get("status"),
                _risk(one.get("risk")),
                _event(one, "first_event"),
                _event(one, "last_event"),
            )
            for one in items
        ),
    )


@app.command("show")
@for_agency
def show(
    acting: Acting,
    episode: IdArgument,
) -> None:
    """Show one episode as this agency may see it: its own events, and what it was told.

    Example: concordat episode show 01JD6QK3Z8T0V5W2N4Y6B8C0CX --agency northmere-police
    """
    found = acting.remote.get(f"/v1/episodes/{segment(episode)}")
    emit_json(found) if acting.as_json else emit_pretty(found)


@app.command("told")
@for_agency
def told(
    acting: Acting,
    episode: IdArgument,
) -> None:
    """Who has been told, whose system holds it, who has seen it, who acts; and who was not told.

    Example: concordat episode told 01JD6QK3Z8T0V5W2N4Y6B8C0CX --agency harbour-house
    """
    matrix = acting.remote.get(f"/v1/episodes/{segment(episode)}/told")
    if acting.as_json:
        for item in matrix["items"]:
            emit_json({"told": True} | item)
        for item in matrix["not_told"]:
            emit_json({"told": False} | item)
        return
    emit_table(
        ("event", "agency", "as", "told", "delivered", "seen", "acting", "done"),
        (
            (one["event"]["type"], one["agency"], one.get("role"), *(one.get(step) for step in _STEPS))
            for one in matrix["items"]
        ),
    )
    if matrix["not_told"]:
        emit_table(
            ("event", "not told", "why", "ring"),
            (
                (one["event"]["type"], one["agency"], one.get("reason"), "RING" if one.get("ring") else "")
                for one in matrix["not_told"]
            ),
        )
    say(f"As of {matrix['as_of']}.")


def _event(item: dict[str, Any], name: str) -> str:
    event = item.get(name) or {}
    return f"{event.get('time', '')} {event.get('type', '')}".strip()


def _risk(level: Any) -> Any:
    """Return a level's code, or in quotes the text that its sender had no code for."""
    return f'"{level["unmapped"]}"' if isinstance(level, dict) else level

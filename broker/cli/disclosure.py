"""`concordat disclosure`: a data protection officer asks who was told what, why, and on what basis."""

from typing import Annotated, Any

import typer

from broker.cli.acting import Acting, for_agency
from broker.cli.disclosure_report import Told, told_of, write_report
from broker.cli.ended import Ended, Exit
from broker.cli.noun import noun
from broker.cli.remote import segment
from broker.cli.speech import emit, emit_json, emit_pretty, emit_table, printable, say

app = noun("For data protection officers: who was told what, and why.")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the disclosure.")]
EpisodeOption = Annotated[str | None, typer.Option("--episode", metavar="ID", help="About this episode.")]
ChildOption = Annotated[
    str | None, typer.Option("--child", metavar="HANDLE", help="About this child, by the handle that the hub gave.")
]
MAX_SHOWN = 500


@app.command("search")
@for_agency
def search(
    acting: Acting,
    recipient: Annotated[str | None, typer.Option("--recipient", metavar="ID", help="Told, or not told.")] = None,
    publisher: Annotated[str | None, typer.Option("--publisher", metavar="ID", help="Whose event it was.")] = None,
    episode: EpisodeOption = None,
    child: ChildOption = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help="Of this event type; * at the end for any ending.")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option("--protocol", metavar="NAME@VERSION", help="Under this protocol.")
    ] = None,
    field: Annotated[str | None, typer.Option("--field", metavar="PATH", help="That released this field.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Not before, such as 2026-11-22T00:00:00Z.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Before this time.")] = None,
    outcome: Annotated[str | None, typer.Option("--outcome", help="disclosed or withheld.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MAX_SHOWN, help="At most so many.")] = 100,
) -> None:
    """Search what this agency disclosed and received, newest first. The search is itself recorded in the ledger.

    Example: concordat disclosure search --agency eastvale-council --recipient harbour-house --outcome withheld
    """
    filters = {
        "recipient": recipient,
        "publisher": publisher,
        "episode": episode,
        "child": child,
        "type": event_type,
        "protocol": protocol,
        "field": field,
        "from": since,
        "to": until,
        "outcome": outcome,
        "limit": limit,
    }
    answer = acting.remote.get("/v1/disclosures", **filters)
    if acting.as_json:
        for item in answer["items"]:
            emit_json(item)
    else:
        emit_table(
            ("when", "who", "told", "of", "outcome", "fields", "protocol", "id"), (_row(one) for one in answer["items"])
        )
    if answer["next"] is not None:
        say(f"Only the newest {limit} are shown: narrow the search, or raise --limit (at most {MAX_SHOWN}).")


def _row(item: dict[str, Any]) -> tuple[object, ...]:
    outcome = item["outcome"] + (f" ({item['reason']})" if item.get("reason") else "")
    fields = f"{len(item['released'])} given" + (f", {len(item['withheld'])} kept" if "withheld" in item else "")
    who, told, protocol = item["publisher"], item["recipient"], item.get("protocol")
    return (item["at"], who, told, item["type"], outcome, fields, protocol, item["id"])


@app.command("show")
@for_agency
def show(
    acting: Acting,
    disclosure: IdArgument,
) -> None:
    """Show one disclosure: when, to whom, under which protocol, which fields. Never a value.

    Example: concordat disclosure show 01JD6QK3Z8T0V5W2N4Y6B8C0DS --agency eastvale-council
    """
    found = acting.remote.get(f"/v1/disclosures/{segment(disclosure)}")
    emit_json(found) if acting.as_json else emit_pretty(found)


@app.command("explain")
@for_agency
def explain(
    acting: Acting,
    disclosure: IdArgument,
) -> None:
    """Say in sentences why each field was released, transformed or withheld.

    Example: concordat disclosure explain 01JD6QK3Z8T0V5W2N4Y6B8C0DS --agency eastvale-council
    """
    found = acting.remote.get(f"/v1/disclosures/{segment(disclosure)}/explanation")
    if acting.as_json:
        emit_json(found)
        return
    one = found["disclosure"]
    verb = "was told of" if one["outcome"] == "disclosed" else "was not told of"
    emit(printable(f"{one['recipient']} {verb} {one['type']} by {one['publisher']}, {one['at']}."))
    for sentence in found["sentences"]:
        emit(printable(sentence))


@app.command("report")
@for_agency
def report(
    acting: Acting,
    episode: EpisodeOption = None,
    child: ChildOption = None,
) -> None:
    """Report who was told what about one child or episode, who was not, and why: in order of time. No values.

    Example: concordat disclosure report --agency eastvale-council --episode 01JD6QK3Z8T0V5W2N4Y6B8C0CX
    """
    if (episode is None) == (child is None):
        raise Ended("name the child with --child, or the episode with --episode", Exit.WRONG_USAGE)
    lines: list[Told] = told_of(acting.remote, {"episode": episode, "child": child})
    if acting.as_json:
        for line in lines:
            emit_json(line.plain())
    else:
        write_report(f"child {child}" if child else f"episode {episode}", acting.agency, lines)

"""`concordat feed`: an agency's mailbox as it grows, in a terminal or a pipe."""

import json
import time
from typing import Annotated, Any

import typer

from broker.cli.acting import Acting, for_agency
from broker.cli.ended import Ended
from broker.cli.noun import noun
from broker.cli.remote import RefusedByHub, Remote
from broker.cli.speech import emit, emit_json, printable, say

app = noun()

RECONNECT_SECONDS = 2


@app.command()
@for_agency
def feed(
    acting: Acting,
    after: Annotated[
        str | None,
        typer.Option(
            "--after",
            metavar="POSITION",
            help="Begin after this position, such as 1.42; what is up to it counts as delivered [default: all kept].",
        ),
    ] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", help="Only this event type; * at the end for any ending; repeatable.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Stop after so many messages.")] = None,
) -> None:
    """Watch what this agency is told, as it arrives. Stop with Ctrl-C.

    Each line says when, what, about which episode and from whom; with --json it is the whole message. The connection is
    made again whenever it is lost, and nothing is missed.

    Example: concordat feed --agency northmere-police
    """
    say(f"Watching what {acting.agency} is told at {acting.remote.url} (Ctrl-C ends it).")
    for seen, message in enumerate(_messages(acting.remote, {"type": types or []}, after), start=1):
        emit_json(message) if acting.as_json else emit(_line(message))
        if seen == limit:
            return


def _messages(remote: Remote, query: dict[str, Any], after: str | None) -> Any:
    """Yield every message once, through ends of tokens, connections and hubs. A first refusal is final."""
    reached, connected = after, False
    while True:
        try:
            for position, data in remote.events("/v1/feed", query, reached):
                connected = True
                reached = position or reached
                if data:
                    yield json.loads(data)
        except RefusedByHub:
            raise
        except Ended as error:
            if not connected:
                raise
            say(f"{error}")
            say("Waiting for the hub …")
        connected = connected or reached is not None
        time.sleep(RECONNECT_SECONDS)


def _line(message: dict[str, Any]) -> str:
    source = str(message.get("source", "")).rpartition("/")[2]
    return printable(
        f"{message.get('concordatsequence', '-'):>8}  {message.get('time', '-')}  {message['type']:<36}  "
        f"{message.get('subject', '-')}  from {source}  disclosure {message['id']}"
    )

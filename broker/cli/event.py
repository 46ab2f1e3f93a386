"""`concordat event`: make an example, check an event against its contract, publish it."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from ulid import ULID

from broker.cli.acting import Acting, for_agency
from broker.cli.ended import Ended, Exit
from broker.cli.example import fresh_example
from broker.cli.noun import noun
from broker.cli.options import JsonOption
from broker.cli.receipt import show_receipt
from broker.cli.speech import emit, emit_json, emit_pretty, say
from contracts.canonical import NotCanonicalError, parse_json
from contracts.catalogue import CATALOGUE, UnknownType
from contracts.envelope import MAX_EVENT_BYTES
from contracts.examples import examples_of
from contracts.parse import InvalidEvent, parse_event

app = noun("Make an example event, check one against its contract, publish one.")

STRUCTURED = "application/cloudevents+json"
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A CloudEvent as JSON; - reads standard input.")]


@app.command("example")
def example(
    event_type: Annotated[
        str | None, typer.Argument(metavar="TYPE", help="The event type; without one, the types are listed.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="With every member that the contract has.")] = False,
    agency: Annotated[str | None, typer.Option("--agency", metavar="ID", help="The agency that publishes it.")] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="SUBJECT", help="What it is about, such as episode/<id>.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print an example event with its own id, its subject and times of now: ready to be published.

    Example: concordat event example concordat.episode.opened.v1 --agency harbour-house
    """
    if event_type is None:
        for name in CATALOGUE:
            emit_json({"type": name}) if as_json else emit(name)
        return
    try:
        examples = examples_of(event_type)
    except UnknownType:
        raise Ended(
            "there is no contract of this event type: `concordat event example` lists the types", Exit.WRONG_USAGE
        ) from None
    event = fresh_example(
        examples.full if full else examples.minimal, agency, subject, datetime.now(UTC), lambda: str(ULID())
    )
    emit_json(event) if as_json else emit_pretty(event)


@app.command("validate")
def validate(file: FileArgument, as_json: JsonOption = False) -> None:
    """Check an event against its contract, without a hub. Every fault is named by its place (RFC 6901). Exit 1 if any.

    Example: concordat event validate event.json
    """
    try:
        event = parse_event(_document(_read(file)))
    except InvalidEvent as error:
        for fault in error.faults:
            if as_json:
                emit_json({"pointer": fault.pointer, "code": fault.code, "message": fault.message})
            else:
                emit(f"{fault.pointer or '(the event)'}: {fault.message}")
        raise Ended(f"{len(error.faults)} fault(s): correct them, then publish") from None
    say(f"The event satisfies the contract {event.contract.type}.")


@app.command("publish")
@for_agency
def publish(
    acting: Acting,
    file: FileArgument,
) -> None:
    """Publish an event and print the receipt: who was told, who was not, who must be rung. Exit 3 if it is refused.

    Publishing the same event again is safe: it is taken once, and the receipt is the same.

    Example: concordat event publish event.json --agency harbour-house
    """
    content = _read(file)
    _document(content)
    receipt = acting.remote.post("/v1/events", content, STRUCTURED)
    if acting.as_json:
        emit_json(receipt)
    else:
        show_receipt(receipt)


def _read(file: str) -> bytes:
    try:
        content = sys.stdin.buffer.read(MAX_EVENT_BYTES + 1) if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Ended(f"the event file cannot be read ({error.strerror})", Exit.WRONG_USAGE) from None
    if len(content) > MAX_EVENT_BYTES:
        raise Ended(f"an event has at most {MAX_EVENT_BYTES // 1024} KiB")
    return content


def _document(content: bytes) -> Any:
    try:
        return parse_json(content)
    except NotCanonicalError:
        raise Ended(
            f"this is not one JSON text in UTF-8{_place(content)}: send one CloudEvent as a JSON object"
        ) from None


def _place(content: bytes) -> str:
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        return f" (line {error.lineno}, column {error.colno})"
    except ValueError:
        pass
    return ""

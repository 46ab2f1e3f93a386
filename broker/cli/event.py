"""`concordat event`: make an example, check an event against its contract, publish it."""

import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from ulid import ULID

from broker.cli.acting import Acting, for_agency
from broker.cli.ended import Ended, Exit
from broker.cli.event_file import MAX_FILE_BYTES, events_in
from broker.cli.example import fresh_example
from broker.cli.noun import noun
from broker.cli.options import JsonOption
from broker.cli.receipt import show_receipt
from broker.cli.speech import emit, emit_json, emit_pretty, say
from contracts.catalogue import CATALOGUE, UnknownType
from contracts.envelope import MAX_EVENT_BYTES
from contracts.examples import examples_of
from contracts.parse import Fault, InvalidEvent

app = noun("Make an example event, check one against its contract, publish one.")

STRUCTURED = "application/cloudevents+json"
EventsArgument = Annotated[str, typer.Argument(metavar="FILE", help="CloudEvents as JSON; - reads standard input.")]
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
def validate(file: EventsArgument, as_json: JsonOption = False) -> None:
    """Check events against their contracts, without a hub. Every fault is named by its place (RFC 6901). Exit 1 if any.

    The file has one event, a batch as a JSON array, or one event a line.

    Example: concordat event validate event.json
    """
    found = events_in(_read(file, MAX_FILE_BYTES))
    types: Counter[str] = Counter()
    count = 0
    for one in found:
        try:
            types[one.check().contract.type] += 1
        except InvalidEvent as error:
            count += len(error.faults)
            for fault in error.faults:
                _show_fault(fault, one.line, as_json=as_json)
    if count:
        raise Ended(f"{count} fault(s): correct them, then publish")
    for name, number in types.items():
        say(f"{f'{number} events satisfy' if len(found) > 1 else 'The event satisfies'} the contract {name}.")


def _show_fault(fault: Fault, line: int | None, *, as_json: bool) -> None:
    if as_json:
        where = {} if line is None else {"line": line}
        emit_json(where | {"pointer": fault.pointer, "code": fault.code, "message": fault.message})
    else:
        emit(f"{'' if line is None else f'line {line} '}{fault.pointer or '(the event)'}: {fault.message}")


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
    content = _read(file, MAX_EVENT_BYTES)
    events_in(content)
    receipt = acting.remote.post("/v1/events", content, STRUCTURED)
    if acting.as_json:
        emit_json(receipt)
    else:
        show_receipt(receipt)


def _read(file: str, limit: int) -> bytes:
    try:
        content = sys.stdin.buffer.read(limit + 1) if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Ended(f"the event file cannot be read ({error.strerror})", Exit.WRONG_USAGE) from None
    if len(content) > limit:
        raise Ended(f"an event has at most {MAX_EVENT_BYTES // 1024} KiB, a batch {MAX_FILE_BYTES // 1024**2} MiB")
    return content

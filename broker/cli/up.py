"""`concordat up`: everything embedded in one folder on one machine, and a page that says how to begin."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from broker.cli.ended import Ended
from broker.cli.keys import key_file
from broker.cli.local import built_hub
from broker.cli.noun import noun
from broker.cli.options import StateOption
from broker.cli.partnership import found
from broker.cli.serving import listen, serve, write_ready_file
from broker.cli.settle import settings_for
from broker.cli.speech import say
from broker.settings import Settings
from broker.telemetry import set_up_logging, set_up_telemetry

app = noun()

_FIRST_EVENT = "concordat.episode.opened.v1"
_PUBLISHER, _WATCHER = "harbour-house", "northmere-police"


@app.command()
def up(
    state: StateOption = None,
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on [default: CONCORDAT_HOST, or 127.0.0.1].")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", help="Port to listen on; 0 lets the system choose [default: CONCORDAT_PORT, or 8420]."),
    ] = None,
    bare: Annotated[
        bool, typer.Option("--bare", help="Begin without the invented partnership: no agency, no protocol.")
    ] = False,
    ready_file: Annotated[
        Path | None,
        typer.Option("--ready-file", metavar="FILE", help='Write {"url": …, "nats": …} here once the hub listens.'),
    ] = None,
    test_clock: Annotated[Path | None, typer.Option("--test-clock", metavar="FILE", hidden=True)] = None,
) -> None:
    """Start a hub on this machine and keep it running. Ctrl-C stops it; what it has accepted is kept.

    On the first start it founds an invented partnership with its keys and a signed protocol, so that the first event
    can be sent at once; --bare leaves that out. Everything is in the state folder.

    Example: concordat up --state my-hub --port 8420
    """
    settings = settings_for(state, host=host, port=port, test_clock=test_clock)
    set_up_logging(_level(settings))
    set_up_telemetry(settings.origin)
    listening = listen(settings.host, settings.port)
    with listening:
        settings = settings.model_copy(
            update={"port": listening.getsockname()[1], "nats_port": settings.embedded_nats_port}
        )
        built = built_hub(settings)
        if not bare:
            try:
                new = found(built.hub, settings.state / "agencies")
            except OSError as error:
                built.close()
                raise Ended(f"the agencies' keys cannot be written ({error.strerror})") from None
            if new:
                say("A new hub: the invented partnership of Northmere has been founded.")

        nats = None
        if settings.nats != "off":
            from broker.wiring_nats import nats_side  # noqa: PLC0415 (a hub without NATS does not load it)

            nats = nats_side(built)

        def announce() -> None:
            nats_url = None if nats is None else nats.url
            if ready_file is not None:
                write_ready_file(ready_file, settings.issuer, nats_url)
            say(_start_page(settings, nats_url, sample=key_file(settings.state / "agencies", _PUBLISHER).exists()))

        serve(built, listening, announce, nats)
    say("The hub has stopped. Everything that it accepted is kept: start it again with the same command.")


def _level(settings: Settings) -> str:
    """A person at a terminal reads the start page; a service's log says what it did."""
    quiet = "log_level" not in settings.model_fields_set and sys.stderr.isatty()
    return "warning" if quiet else settings.log_level


def _start_page(settings: Settings, nats_url: str | None, *, sample: bool) -> str:
    url, state = settings.issuer, shlex.quote(str(settings.state))
    command = _command()
    lines = ["", f"Concordat is up at {url}", f"  state folder     {settings.state}"]
    if nats_url is not None:
        lines.append(f"  NATS             {nats_url}")
    where = f" --state {state}"
    example = f"{command} event example {_FIRST_EVENT} --full --agency {_PUBLISHER}"
    headers = "-H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/cloudevents+json'"
    if sample:
        lines += [
            f"  agencies' keys   {settings.state / 'agencies'} (for trying out: a real agency keeps its own)",
            "",
            "Send a first event, in another terminal:",
            "",
            f"  TOKEN=$({command} agency token {_PUBLISHER}{where} --hub {url})",
            f"  {example} | curl -sS {headers} --data @- {url}/v1/events",
            f"  {command} feed --agency {_WATCHER}{where} --hub {url}",
            "",
            "The answer of the second line is the receipt: who was told, who was not and why.",
            "The third shows what Northmere Police is told, as it arrives.",
        ]
    else:
        lines += [
            "",
            "Register a first agency, in another terminal:",
            "",
            f"  {command} agency add my-agency --name 'My agency' --kind charity --generate-key my-agency.pem{where}",
        ]
    return "\n".join([*lines, "", f"Is all well? {command} doctor{where} --hub {url}    Stop with Ctrl-C.", ""])


def _command() -> str:
    """Return how this command is called from the reader's shell."""
    if shutil.which("concordat") is not None:
        return "concordat"
    beside = Path(sys.executable).with_name("concordat")
    return shlex.quote(str(beside)) if beside.exists() else f"{shlex.quote(sys.executable)} -m broker.cli.main"

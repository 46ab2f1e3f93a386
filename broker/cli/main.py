"""The `concordat` command: noun, then verb."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from broker.cli import agency, disclosure, doctor, episode, event, feed, ledger, protocol, up
from broker.cli.ended import Ended, Exit
from broker.cli.options import JsonOption
from broker.cli.speech import say

DEBUG = "--debug"

app = typer.Typer(
    name="concordat",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=(
        "Tell it once. Everyone entitled hears it, at once, and no more than they may. Anyone accountable can prove it."
    ),
    epilog=(
        "Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused, "
        "4 verification failed. Any command takes --debug, which shows where an unforeseen failure happened."
    ),
)

app.command("up")(up.up)
app.command("doctor")(doctor.doctor)
app.add_typer(agency.app, name="agency")
app.add_typer(protocol.app, name="protocol")
app.add_typer(event.app, name="event")
app.command("feed")(feed.feed)
app.add_typer(episode.app, name="episode")
app.add_typer(disclosure.app, name="disclosure")
app.add_typer(ledger.app, name="ledger")


@app.command("demo")
def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for what the demonstration leaves behind.")
    ] = Path("concordat-demo"),
    as_json: JsonOption = False,
) -> None:
    """Play one invented night for real, in under a minute: a child goes missing, and everyone entitled is told.

    Example: concordat demo
    """
    from broker.cli.demo.play import run as play  # noqa: PLC0415 (brings the agencies' side, which no hub needs)

    code = play(json=as_json, out=out)
    if code:
        raise typer.Exit(code)


def run() -> None:
    """Run the command of this process. No traceback reaches a person who did not ask for one."""
    arguments = sys.argv[1:]
    debug = DEBUG in arguments
    try:
        app([one for one in arguments if one != DEBUG], prog_name="concordat")
    except Ended as ended:
        if debug:
            raise
        say(str(ended))
        sys.exit(ended.code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has read enough.
        sys.stderr.close()
        sys.exit(Exit.FAILED)
    except Exception as error:
        if debug:
            raise
        say(f"This was not foreseen ({type(error).__name__}). Run it again with {DEBUG} to see where it happened.")
        sys.exit(Exit.FAILED)


if __name__ == "__main__":
    run()

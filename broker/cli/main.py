"""The `concordat` command: noun, then verb."""

import sys
from importlib import import_module
from typing import Any

import typer

from broker.cli.ended import Ended, Exit
from broker.cli.speech import say

DEBUG = "--debug"
INTERRUPTED = 130
"""What a shell expects of a program that was stopped by Ctrl-C."""

NOUNS = {
    "up": ("up", "Start a hub on this machine and keep it running."),
    "demo": ("demonstration", "Play one invented night for real, in under a minute."),
    "doctor": ("doctor", "Say what is wrong with this installation, and what to do."),
    "agency": ("agency", "Register agencies, change their keys, get a token."),
    "protocol": ("protocol", "Check, sign, read and activate data-sharing protocols."),
    "event": ("event", "Make an example event, check one, publish one."),
    "feed": ("feed", "Watch what an agency is told, as it arrives."),
    "episode": ("episode", "An agency's episodes, and who has been told."),
    "disclosure": ("disclosure", "For data protection officers: who was told what, and why."),
    "endpoint": ("endpoint", "Webhooks: where an agency's messages are sent, what was tried."),
    "nats": ("nats", "Configure NATS servers of your own for this hub."),
    "ledger": ("ledger", "Checkpoints, proofs and folders of evidence."),
}
"""The first word of a command, the module that it is in, and what it is for."""


class Nouns(typer.core.TyperGroup):
    """Loads a command when it is called for: a token is not waited for until a web server has been imported."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the library's signature)
        return list(NOUNS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in NOUNS:
            return None
        command = typer.main.get_command(import_module(f"broker.cli.{NOUNS[cmd_name][0]}").app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in NOUNS.items()])


app = typer.Typer(
    name="concordat",
    cls=Nouns,
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


@app.callback()
def concordat() -> None:
    """Hold the nouns together."""


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
        sys.exit(INTERRUPTED)
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

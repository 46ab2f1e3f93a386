"""The reference that follows from the code: every command's help, every setting, and the description of the API.

`python -m broker.cli.reference` writes them; with `--check` it says whether they are up to date.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer

from broker.cli.main import app
from broker.cli.speech import say
from broker.settings import Settings
from broker.web.app import create_app
from broker.web.settings import WebSettings
from broker.wiring import build
from contracts.asyncapi.security import EXAMPLE_HUB

PAGES = Path(__file__).parents[2] / "docs" / "reference"
WIDTH = 78
"""Columns of help where no terminal says otherwise."""
_GENERATED = "<!-- Written by `python -m broker.cli.reference`: change the code, then run it again. -->"

_INTRODUCTION = (
    """`concordat` takes a noun, then a verb. Data goes to stdout and talk to stderr, so that every command can stand in
a pipe; `--json` writes one JSON object per line. Any command takes `--debug`.""",
    """| Exit code | Meaning |
| --- | --- |
| 0 | done |
| 1 | failed |
| 2 | wrong usage |
| 3 | refused: by the hub, or by the rules of the partnership |
| 4 | verification failed |""",
    """`concordat-verify` (the same as `concordat ledger verify`) works offline, from files alone, with only the
contracts installed.""",
)
_SETTINGS = """A hub is configured by environment variables. With none set, it lives in one folder on one machine. The
options of a command win over the environment. While a terminal shows its log, `concordat up` logs from `warning` on,
unless `CONCORDAT_LOG_LEVEL` is set."""


def command_line_page() -> str:
    """Return the page of all commands."""
    parts = ["# The command line", _GENERATED, *_INTRODUCTION]
    parts += [f"## {name}\n\n```text\n{text.rstrip()}\n```" for name, text in helps()]
    return "\n\n".join(parts) + "\n"


def helps() -> Iterator[tuple[str, str]]:
    """Yield every command with its help, as a pipe gets it."""
    root: Any = typer.main.get_command(app)
    yield from _helps(root, "concordat", None)


def _helps(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    context = command.context_class(command, parent=parent, info_name=name.rpartition(" ")[2], terminal_width=WIDTH)
    yield name, command.get_help(context)
    if hasattr(command, "list_commands"):
        for verb in command.list_commands(context):
            yield from _helps(command.get_command(context, verb), f"{name} {verb}", context)


def settings_page() -> str:
    """Return the page of all settings."""
    rows = [
        f"| `CONCORDAT_{name.upper()}` | {_default(field.default)} | {_cell(field.description)} |"
        for name, field in Settings.model_fields.items()
    ]
    table = "\n".join(["| Variable | Default | Meaning |", "| --- | --- | --- |", *rows])
    parts = ["# Settings", _GENERATED, _SETTINGS, table]
    return "\n\n".join(parts) + "\n"


def _default(value: object) -> str:
    return "not set" if value is None else f"`{value}`"


def _cell(text: str | None) -> str:
    return (text or "").replace("<", "&lt;").replace("|", "&#124;")


def api_description() -> str:
    """Return the OpenAPI document of a hub, as it serves it at /openapi.json."""
    with TemporaryDirectory() as folder:
        # Nothing of the environment counts: it could name a hub that is at work.
        settings = Settings.model_construct(state=Path(folder))
        with closing(build(settings)) as built:
            document = create_app(built.hub, WebSettings(issuer=EXAMPLE_HUB)).openapi()
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    return {
        PAGES / "command-line.md": command_line_page(),
        PAGES / "settings.md": settings_page(),
        PAGES / "openapi.json": api_description(),
    }


def run() -> int:
    """Write the pages, or with `--check` compare them; 1 if they are out of date."""
    wanted = pages()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            say(f"{path.relative_to(PAGES.parents[1])} is out of date: run python -m broker.cli.reference")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run())

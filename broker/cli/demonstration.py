"""`concordat demo`: one invented night, played for real."""

from pathlib import Path
from typing import Annotated

import typer

from broker.cli.demo.play import run as play
from broker.cli.noun import noun
from broker.cli.options import JsonOption

app = noun()


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for what the demonstration leaves behind.")
    ] = Path("demo-out"),
    as_json: JsonOption = False,
) -> None:
    """Play one invented night for real, in under a minute: a child goes missing, and everyone entitled is told.

    Example: concordat demo
    """
    code = play(json=as_json, out=out)
    if code:
        raise typer.Exit(code)

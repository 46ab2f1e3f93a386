"""Options that several commands share, each defined once."""

from pathlib import Path
from typing import Annotated

import typer

StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state", metavar="DIR", help="The hub's state folder [default: CONCORDAT_STATE, or concordat-state]."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON object per line on stdout.")]
AgencyOption = Annotated[str, typer.Option("--agency", metavar="ID", help="The agency that you act for.")]
HubOption = Annotated[
    str | None,
    typer.Option("--hub", metavar="URL", help="The hub's URL [default: CONCORDAT_PUBLIC_URL, or this machine's hub]."),
]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key", metavar="FILE", help="The agency's private key (PEM) [default: agencies/<ID>.pem in the state folder]."
    ),
]

"""`concordat nats`: servers of one's own for this hub."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from broker.cli.ended import Ended
from broker.cli.local import existing
from broker.cli.nats_stream import rebuild_stream, status
from broker.cli.noun import noun
from broker.cli.options import StateOption
from broker.cli.speech import emit, say
from broker.nats.accounts import agency_creds
from broker.nats.config import STORE_KEY_VARIABLE, ServerConfig
from broker.nats.keys import Keys, KeysUnusable
from broker.wiring_nats import nats_side
from contracts.agency import Agency

if TYPE_CHECKING:
    from broker.built import Built

app = noun("Configure NATS servers of your own for this hub.")


@app.callback()
def nats() -> None:
    """Configure NATS servers of your own for this hub."""


app.command("status")(status)
app.command("rebuild")(rebuild_stream)


@app.command("config")
def config(
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="The server's folder for streams and claims.")
    ],
    name: Annotated[str, typer.Option("--name", help="The server's name, unlike the others'.")] = "concordat",
    host: Annotated[str, typer.Option("--host", help="Address that the server listens on.")] = "0.0.0.0",  # noqa: S104
    port: Annotated[int, typer.Option("--port", help="Port that the server listens on.")] = 4222,
    leaf_port: Annotated[
        int | None, typer.Option("--leaf-port", help="Port for agencies' own servers (leaf nodes).")
    ] = None,
    cluster_port: Annotated[
        int | None, typer.Option("--cluster-port", help="Port for the other servers of its cluster.")
    ] = None,
    routes: Annotated[
        list[str] | None, typer.Option("--route", metavar="URL", help="Another server of its cluster; repeatable.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="The server's certificate (PEM).")
    ] = None,
    private_key: Annotated[
        Path | None, typer.Option("--private-key", metavar="FILE", help="The private key of the certificate (PEM).")
    ] = None,
    state: StateOption = None,
) -> None:
    """Print the configuration of a NATS server for this hub. It holds public keys and signed claims, no secret.

    The server reads the key that its streams are encrypted under from its environment: CONCORDAT_JETSTREAM_KEY.

    Example: concordat nats config --folder /var/lib/nats --name nats-1 --certificate nats.pem --private-key nats.key
    """
    if (certificate is None) != (private_key is None):
        raise Ended("--certificate and --private-key go together")
    with existing(state) as built:
        text = ServerConfig(
            _keys(built),
            folder,
            host=host,
            port=port,
            leaf_port=leaf_port,
            name=name,
            cluster_port=cluster_port,
            routes=tuple(routes or ()),
            certificate=certificate,
            private_key=private_key,
        ).text(int(time.time()))
    emit(text.rstrip("\n"))
    if certificate is None:
        say("Without --certificate anybody on the way can read who is told: only for a machine of its own.")
    say(f"Give the server a secret {STORE_KEY_VARIABLE} in its environment, and keep it: no streams without it.")


def credentials_of(built: "Built", agency: Agency) -> str:
    """Return the text of an agency's `.creds` file. Raises Ended."""
    try:
        return agency_creds(_keys(built), agency, int(time.time()))
    except LookupError as error:
        raise Ended(f"{error}: give it one with `concordat agency rotate`") from None


def _keys(built: "Built") -> Keys:
    side = nats_side(built)
    if side is None:
        raise Ended("NATS is switched off for this hub: set CONCORDAT_NATS to embedded or external")
    try:
        return side.keys()
    except KeysUnusable as error:
        raise Ended(str(error)) from None

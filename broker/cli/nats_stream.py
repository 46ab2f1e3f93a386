"""`concordat nats status` and `concordat nats rebuild`: how the stream stands, and making it anew."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

import typer
from nats.aio.client import Client

from broker.built import Built
from broker.cli.ended import Ended, Exit
from broker.cli.local import existing
from broker.cli.options import JsonOption, StateOption
from broker.cli.speech import emit_json, emit_table, say
from broker.nats.channel import ChannelSettings
from broker.nats.connection import NatsPlace, connect_hub
from broker.nats.health import is_healthy
from broker.nats.jetstream import ApiError
from broker.nats.keys import KeysUnusable
from broker.nats.out_stream import STREAM, inspect
from broker.nats.rebuild import RebuildRefused, rebuild
from broker.nats.server import ServerUnusable
from broker.nats.server_folder import running_url
from broker.ports.relay import Standing, StreamUnavailable
from broker.wiring_nats import channel_settings, nats_side

T = TypeVar("T")

PATIENCE = 15.0
ADVICE = {
    Standing.FRESH: "no stream has been made yet: a running hub makes it",
    Standing.SOUND: "nothing is to be done",
    Standing.AWAY: "NATS does not answer: start it, or the hub that carries it",
    Standing.UNHEALTHY: "the server says that it is not well: look at its own log",
    Standing.WRONG_KEY: "the server runs with another at-rest key: give it the right one, or, if that is lost, "
    "run `concordat nats rebuild --accept-new-key`",
    Standing.MISSING: "the stream is gone: run `concordat nats rebuild`",
    Standing.REPLACED: "another stream stands in its place: run `concordat nats rebuild`",
    Standing.BEHIND: "the stream has lost messages: run `concordat nats rebuild`",
    Standing.AHEAD: "the database is older than the stream: run `concordat nats rebuild`",
    Standing.HASTY: "its settings let it confirm what it may yet lose: run `concordat nats rebuild`",
}


@dataclass(frozen=True)
class _Reached:
    built: Built
    client: Client
    place: NatsPlace
    settings: ChannelSettings

    async def is_healthy(self) -> bool:
        return await is_healthy(self.place)


def status(state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show how the stream of messages to agencies stands, and how far each agency has come.

    Example: concordat nats status
    """

    async def look(reached: _Reached) -> Standing:
        with reached.built.store.reading() as view:
            known = view.out_stream(STREAM)
        return (await inspect(reached.client, known, reached.settings.fingerprint)).standing

    with existing(state) as built:
        standing = _run(built, look)
        with built.store.reading() as view:
            positions, boxes = view.out_positions(), view.mailboxes()
    rows = [
        (one, box.top, positions[one].stored, positions[one].acked) for one, box in boxes.items() if one in positions
    ]
    if as_json:
        emit_json({"standing": standing.value, "advice": ADVICE[standing]})
        for agency, top, stored, acked in rows:
            emit_json({"agency": agency, "mailbox": top, "stored": stored, "acked": acked})
        return
    say(f"The stream {STREAM} is {standing.value.replace('_', ' ')}: {ADVICE[standing]}.")
    emit_table(("agency", "mailbox", "stored", "acked"), rows)


def rebuild_stream(
    even_if_sound: Annotated[
        bool, typer.Option("--even-if-sound", help="Take the stream away though nothing is wrong with it.")
    ] = False,
    accept_new_key: Annotated[
        bool, typer.Option("--accept-new-key", help="The server's at-rest key is another, and the old one is lost.")
    ] = False,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the stream, its consumers and positions anew from the database. Nobody gets again what they have confirmed.

    Example: concordat nats rebuild
    """

    async def work(reached: _Reached) -> tuple[str, int, int]:
        done = await rebuild(
            reached.client,
            reached.built.hub,
            reached.place.token_of,
            reached.settings,
            reached.is_healthy,
            even_if_sound=even_if_sound,
            accept_new_key=accept_new_key,
        )
        return done.before.value, done.recipients, done.waiting

    with existing(state) as built:
        before, recipients, waiting = _run(built, work)
    if as_json:
        emit_json({"before": before, "recipients": recipients, "waiting": waiting})
    say(f"The stream was {before.replace('_', ' ')} and has been made anew for {recipients} agencies.")
    say(f"{waiting} messages that nobody has confirmed are sent by the hub as soon as it runs.")


def _run(built: Built, work: Callable[[_Reached], Awaitable[T]]) -> T:
    async def reach() -> T:
        async with _reached(built) as reached:
            return await work(reached)

    try:
        return asyncio.run(reach())
    except RebuildRefused as error:
        raise Ended(str(error), Exit.REFUSED) from None
    except (StreamUnavailable, ApiError) as error:
        raise Ended(f"NATS failed half-way ({error}): run this again") from None
    except (ServerUnusable, KeysUnusable) as error:
        raise Ended(str(error)) from None
    except TimeoutError:
        raise Ended("NATS does not answer: start it, or the hub that carries it") from None


@contextlib.asynccontextmanager
async def _reached(built: Built) -> AsyncIterator[_Reached]:
    """Connect to the server that runs; the embedded one is started for as long as this takes if no hub runs it."""
    side = nats_side(built)
    if side is None:
        raise Ended("NATS is switched off for this hub: set CONCORDAT_NATS to embedded or external")
    settings = channel_settings(built.settings, side.keys())
    async with contextlib.AsyncExitStack() as stack:
        # None also where the servers are others'.
        url = running_url(built.settings.state / "nats")
        if url is None:
            await side.start()
            stack.push_async_callback(side.stop)
        place = side.place if url is None else NatsPlace((url,), side.keys(), pinned=built.settings.nats_certificate)
        async with asyncio.timeout(PATIENCE):
            client = await connect_hub(place, name="concordat command")
        stack.push_async_callback(client.close)
        yield _Reached(built, client, place, settings)

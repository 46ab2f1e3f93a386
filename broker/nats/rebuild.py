"""JetStream made anew from the database, on an operator's word: stream, durables, positions.

Nobody is sent everything again: each recipient's mail goes on from what it has confirmed. The hub may run meanwhile; it
waits for the lease, and goes on once the stream is sound.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from nats.aio.client import Client

from broker.flows.acked import CHANNEL, Acked, raise_floors
from broker.flows.hub import Hub
from broker.flows.relay import receives
from broker.nats import out_stream
from broker.nats.acks import Acks
from broker.nats.channel import LEASE, ChannelSettings
from broker.nats.out_mail import JetStreamOut
from broker.nats.out_stream import STREAM
from broker.ports.holder import new_holder
from broker.ports.relay import Lease, OutPosition, OutStream, Standing
from broker.ports.store import Unit

LOOK_SECONDS = 0.2


class RebuildRefused(Exception):
    """Nothing was changed. The text says why and what to do."""


@dataclass(frozen=True)
class Rebuilt:
    """What was done."""

    before: Standing
    recipients: int
    waiting: int
    """Messages that recipients have not confirmed, and that will be stored again."""


async def rebuild(
    client: Client,
    hub: Hub,
    token_of: Callable[[str], str],
    settings: ChannelSettings,
    is_healthy: Callable[[], Awaitable[bool]] | None = None,
    *,
    even_if_sound: bool = False,
    accept_new_key: bool = False,
) -> Rebuilt:
    """Delete what is left of the stream and make it anew.

    Raises RebuildRefused where nothing is wrong, where the server is not well, or runs with another at-rest key and
    `accept_new_key` is not given; StreamUnavailable, ApiError and StoreUnavailable: then run it again.
    """
    lease = await _lease(hub, settings.lease_seconds)
    try:
        if is_healthy is not None and not await is_healthy():
            raise RebuildRefused("the NATS server says that it is not well: look at its own log first")
        known = await asyncio.to_thread(_known, hub)
        found = await out_stream.inspect(client, known, settings.fingerprint)
        _may_go_on(found.standing, even_if_sound=even_if_sound, accept_new_key=accept_new_key)
        if found.standing in (Standing.SOUND, Standing.BEHIND, Standing.HASTY):
            await _keep_floors(client, hub, token_of, lease)
        # Forgotten first: should this end half-way, a stream with nothing in it is what the hub expects.
        positions = await asyncio.to_thread(_go_back, hub, lease)
        await out_stream.delete(client)
        made = await out_stream.create(client, settings.plan, settings.fingerprint)
        await asyncio.to_thread(_write_down, hub, made)
        stream = JetStreamOut(client)
        recipients = await asyncio.to_thread(_recipients, hub)
        for agency in recipients:
            await stream.admit(token_of(agency), positions.get(agency))
        return Rebuilt(found.standing, len(recipients), await asyncio.to_thread(_waiting, hub, recipients, positions))
    finally:
        await asyncio.shield(asyncio.to_thread(_end, hub, lease))


def _may_go_on(standing: Standing, *, even_if_sound: bool, accept_new_key: bool) -> None:
    if standing is Standing.AWAY:
        raise RebuildRefused("NATS does not answer: start it first")
    if standing is Standing.WRONG_KEY and not accept_new_key:
        raise RebuildRefused(
            "the server runs with another at-rest key than the stream was made under. Give it the right one; or, if "
            "that is lost, say --accept-new-key: what the server still holds is then given up"
        )
    if standing is Standing.SOUND and not even_if_sound:
        raise RebuildRefused("the stream is sound: there is nothing to rebuild (--even-if-sound does it all the same)")


async def _lease(hub: Hub, seconds: float) -> Lease:
    """Take the relay's lease; a hub that is sending gives it up only by ending, so this waits no longer than that."""
    holder = new_holder()

    def take() -> Lease | None:
        with hub.store.writing() as unit:
            return unit.take_lease(LEASE, holder, datetime.now(UTC), max(seconds, 60.0))

    try:
        async with asyncio.timeout(seconds * 2):
            while (lease := await asyncio.to_thread(take)) is None:  # noqa: ASYNC110 (its holder is another process)
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise RebuildRefused(
            "a running hub is sending by this stream: stop it before its stream is taken away"
        ) from None
    return lease


async def _keep_floors(client: Client, hub: Hub, token_of: Callable[[str], str], lease: Lease) -> None:
    """Keep what recipients have confirmed since the hub last looked, as long as the old stream can say it."""
    recipients = {token_of(agency): agency for agency in await asyncio.to_thread(_recipients, hub)}
    found = await Acks(client, hub, lease, lambda: recipients).floors()

    def write(floors: list[Acked]) -> None:
        with hub.store.writing() as unit:
            raise_floors(unit, lease, floors)

    await asyncio.to_thread(write, found)


def _known(hub: Hub) -> OutStream | None:
    with hub.store.reading() as view:
        return view.out_stream(STREAM)


def _recipients(hub: Hub) -> list[str]:
    with hub.store.reading() as view:
        return [one.id for one in view.agencies() if receives(one)]


def _go_back(hub: Hub, lease: Lease) -> dict[str, OutPosition]:
    """Let every recipient's mail go on from what it has confirmed; no sequence of the old stream counts any more."""
    with hub.store.writing() as unit:
        held = unit.lease_of(LEASE)
        if held is None or held.term != lease.term:
            raise RebuildRefused("another has taken over the relay meanwhile: run it again")
        back = {recipient: _confirmed(unit, one) for recipient, one in unit.out_positions().items()}
        unit.put_out_positions(list(back.values()))
        unit.forget_out_stream(STREAM)
    return back


def _confirmed(unit: Unit, at: OutPosition) -> OutPosition:
    """Return the place up to which a recipient has confirmed everything.

    The floor that the server was asked for may be older than the acks that were seen to pass: those are recorded as
    deliveries, one by one.
    """
    first = unit.first_unconfirmed(at.recipient, at.generation, at.acked, CHANNEL)
    floor = at.stored if first is None else max(at.acked, min(first - 1, at.stored))
    return replace(at, stored=floor, acked=floor, acked_sequence=0)


def _write_down(hub: Hub, made: OutStream) -> None:
    with hub.store.writing() as unit:
        unit.put_out_stream(made)


def _waiting(hub: Hub, recipients: list[str], positions: dict[str, OutPosition]) -> int:
    with hub.store.reading() as view:
        boxes = view.mailboxes()
    count = 0
    for one in recipients:
        box = boxes.get(one)
        if box is None:
            continue
        at = positions.get(one)
        done = at.stored if at is not None and at.generation == box.generation else 0
        count += max(0, box.top - max(done, box.kept_from - 1))
    return count


def _end(hub: Hub, lease: Lease) -> None:
    with hub.store.writing() as unit:
        unit.end_lease(lease, datetime.now(UTC))

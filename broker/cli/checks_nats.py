"""What `concordat doctor` looks at of NATS: servers, accounts, stream, durables, and whether mail moves."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from broker.cli.check import Check, look, well, wrong
from broker.cli.nats_stream import ADVICE
from broker.flows.relay import receives
from broker.nats.channel import LEASE
from broker.nats.connection import NatsPlace
from broker.nats.durability import NotDurable
from broker.nats.keys import Keys, KeysUnusable, keys_from
from broker.nats.observation import Observation, observe
from broker.nats.out_stream import STREAM
from broker.nats.server_folder import running_url, store_mark, streams_mark
from broker.ports.relay import Standing, StreamUnavailable
from broker.ports.store import Store, View
from broker.settings import Settings
from broker.store.keystore import SqlVault
from broker.wiring_nats import channel_settings, nats_settings
from contracts.agency import Agency

LOOK_AGAIN_SECONDS = 2.0
"""Mail that waits and does not move for so long is not on its way."""
NEARLY_FULL = 0.8
"""From then on the operator should know, while mail still moves."""
_NAMED = 5
"""Agencies that are named; of more, their number."""


def examine_nats(settings: Settings, vault: SqlVault, store: Store) -> Iterator[Check]:
    """Look at NATS as far as it is reached. A server that does not run is not started."""
    embedded = settings.nats == "embedded"
    folder = settings.state / "nats"
    if embedded and not (folder / "server.conf").exists():
        yield look("NATS", "embedded; has not been started yet", "a hub that runs carries it: concordat up")
        return
    try:
        keys = _keys(settings, vault)
    except KeysUnusable as error:
        yield wrong("NATS", "its operator's keys cannot be used", str(error))
        return
    if embedded:
        yield _at_rest(settings, keys)
    url = running_url(folder) if embedded else settings.nats_url
    if url is None:
        yield look(
            "NATS",
            "embedded; does not run, so nothing of it can be asked",
            "start the hub that carries it: concordat up. If a hub runs, its log says why its server does not",
        )
        return
    place = NatsPlace(
        tuple(one.strip() for one in url.split(",") if one.strip()),
        keys,
        settings.nats_ca_file,
        settings.nats_certificate if embedded else None,
    )
    with store.reading() as view:
        agencies, known = view.agencies(), view.out_stream(STREAM)
    try:
        seen = asyncio.run(observe(place, agencies, known, channel_settings(settings, keys).fingerprint))
    except (TimeoutError, StreamUnavailable, NotDurable):
        yield wrong("NATS", f"{settings.nats}; does not answer, or lets this hub not in", _reach(settings))
        return
    yield well("NATS", f"{settings.nats}; answers, nats-server {', '.join(seen.servers)}")
    yield from _servers(seen)
    yield _accounts(seen, agencies)
    yield from _stream(seen)
    if seen.stream.standing is Standing.SOUND:
        yield _durables(seen, agencies, keys)
        yield _relay(store)


def _keys(settings: Settings, vault: SqlVault) -> Keys:
    side = nats_settings(settings)
    return keys_from(vault.secret, None if side is None else side.operator_files, int(time.time()))


def _reach(settings: Settings) -> str:
    if settings.nats == "embedded":
        return "look at the hub's log; stop the hub and start it again"
    return (
        "start the servers, or correct CONCORDAT_NATS_URL and CONCORDAT_NATS_CA_FILE; do they run with what "
        "`concordat nats config` prints for this hub?"
    )


def _at_rest(settings: Settings, keys: Keys) -> Check:
    name, mark, found = "NATS at-rest key", store_mark(keys), streams_mark(settings.state / "nats")
    if found == mark:
        return well(name, f"is the one that the streams were written under ({mark[:8]})")
    if found is None and not (settings.state / "nats" / "streams").exists():
        return well(name, "nothing has been written under it yet")
    return wrong(
        name,
        "is not the one that the streams were written under" if found else "nothing says what the streams are under",
        "give the hub the key store that the streams belong to; if that is lost, move the folder nats/ of the state "
        "folder away and run `concordat nats rebuild --accept-new-key`",
    )


def _servers(seen: Observation) -> Iterator[Check]:
    if seen.faults:
        yield wrong("NATS durability", "a server confirms what it may yet lose, or is open", ". ".join(seen.faults))
    else:
        yield well("NATS durability", "each server syncs before it confirms (sync_interval: always)")
    if seen.unwell:
        yield wrong("NATS health", f"{seen.unwell} server(s) say that they are not well", "look into their own logs")
    else:
        yield well("NATS health", f"{len(seen.servers)} server(s), each says that it is well")


def _accounts(seen: Observation, agencies: tuple[Agency, ...]) -> Check:
    name = "NATS accounts"
    if seen.accounts_behind:
        return wrong(
            name,
            f"not as registered: {_named(seen.accounts_behind)}",
            "a running hub pushes accounts within seconds: is it running? its log says where a server takes none",
        )
    return well(name, f"{len(agencies)} registered, each known to the servers as it is registered")


def _stream(seen: Observation) -> Iterator[Check]:
    name, standing = "NATS stream", seen.stream.standing
    found, advice = f"{STREAM} is {standing.value.replace('_', ' ')}", seen.stream.advice or ADVICE[standing]
    if standing is Standing.FRESH:
        yield look(name, "none has been made yet", advice)
    elif standing is not Standing.SOUND:
        yield wrong(name, found, advice)
    elif seen.filled >= NEARLY_FULL:
        yield look(
            name,
            f"{found}, and {seen.filled:.0%} full; when it is full, mail waits in the database",
            "raise CONCORDAT_NATS_STREAM_BYTES and run `concordat nats rebuild --even-if-sound`; see with "
            "`concordat nats status` who fetches nothing",
        )
    else:
        yield well(name, found)


def _durables(seen: Observation, agencies: tuple[Agency, ...], keys: Keys) -> Check:
    name = "NATS durables"
    recipients = [one for one in agencies if receives(one)]
    missing = tuple(sorted(one.id for one in recipients if keys.token(one.id) not in seen.durables))
    if missing:
        return wrong(
            name,
            f"missing: {_named(missing)}",
            "start the hub again: it makes them anew, each from what its agency has confirmed",
        )
    return well(name, f"{len(recipients)} agencies receive, each has its durable")


@dataclass(frozen=True)
class _Lag:
    waiting: Mapping[str, int]
    """Messages that are not in the stream yet, by agency."""
    stored: Mapping[str, tuple[int, int]]
    """How far each of them has come: generation and number."""
    held: bool
    """Whether a hub is the one that sends."""


def _relay(store: Store) -> Check:
    name = "NATS relay"
    first = _lag(store)
    if not first.waiting:
        return well(name, "every message is in the stream")
    time.sleep(LOOK_AGAIN_SECONDS)  # what was accepted a moment ago is on its way
    second = _lag(store)
    if not second.waiting:
        return well(name, "every message is in the stream")
    found = f"{sum(second.waiting.values())} message(s) for {_named(tuple(sorted(second.waiting)))} wait"
    if not second.held:
        return wrong(name, f"{found}, and no hub sends", "start a hub: concordat up")
    if first.stored == second.stored:
        return wrong(name, f"{found}, and none moves", "the hub's log says what holds it up; is the stream full?")
    return look(name, f"{found} and are on their way", "look again in a minute: it should become less")


def _lag(store: Store) -> _Lag:
    with store.reading() as view:
        lease = view.lease_of(LEASE)
        waiting, stored = _waiting(view)
    return _Lag(waiting, stored, lease is not None and lease.expires_at > datetime.now(UTC))


def _waiting(view: View) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    positions, boxes = view.out_positions(), view.mailboxes()
    waiting, stored = {}, {}
    for agency in view.agencies():
        box, at = boxes.get(agency.id), positions.get(agency.id)
        if box is None or not receives(agency):
            continue
        known = at is not None and at.generation == box.generation
        done = max(at.stored if at is not None and known else 0, box.kept_from - 1)
        if done < box.top:
            waiting[agency.id], stored[agency.id] = box.top - done, (box.generation, done)
    return waiting, stored


def _named(agencies: tuple[str, ...]) -> str:
    return ", ".join(agencies) if len(agencies) <= _NAMED else f"{len(agencies)} agencies"

"""The hub's real parts on NATS: built, started and kept connected. Loaded only where NATS is used."""

import structlog

from broker.built import Built
from broker.nats.channel import Channel, ChannelSettings
from broker.nats.connection import connect_hub, while_connected
from broker.nats.health import is_healthy
from broker.nats.keys import Keys, OperatorFiles
from broker.nats.out_stream import StreamPlan
from broker.nats.reconcile import Directory
from broker.nats.server import StreamsUnreadable
from broker.nats.server_folder import store_mark
from broker.nats.side import NatsSettings, NatsSide
from broker.settings import Settings
from broker.web.messages import HttpClerk

log = structlog.get_logger(__name__)


def nats_settings(settings: Settings) -> NatsSettings | None:
    """Say where the NATS servers are, or how the embedded one is started; None where NATS is switched off."""
    if settings.nats == "off":
        return None
    jwt, signing_key = settings.nats_operator_jwt, settings.nats_operator_signing_key
    return NatsSettings(
        mode=settings.nats,
        folder=settings.state / "nats",
        urls=tuple(url.strip() for url in (settings.nats_url or "").split(",") if url.strip()),
        ca_file=settings.nats_ca_file,
        host=settings.nats_host,
        port=settings.embedded_nats_port,
        leaf_port=settings.nats_leaf_port,
        certificate=settings.nats_certificate,
        private_key=settings.nats_private_key,
        operator_files=None if jwt is None or signing_key is None else OperatorFiles(jwt, signing_key),
        poll_seconds=settings.tick_seconds,
    )


def nats_side(built: Built) -> NatsSide | None:
    """Make the hub's NATS side, not yet started; None where it is switched off."""
    settings = nats_settings(built.settings)
    if settings is None:
        return None

    def read(known: int) -> Directory | None:
        with built.store.reading() as view:
            version = view.registry_version()
            return None if version == known else (version, view.agencies())

    return NatsSide(settings, built.vault.secret, read)


def nats_channel(built: Built, nats: NatsSide) -> Channel:
    """Make the hub's own part on NATS: its door for events, and the relay to the stream."""
    keys = nats.keys()
    settings = channel_settings(built.settings, keys)
    return Channel(built.hub, keys.token, HttpClerk(), settings, lambda: is_healthy(nats.place))


def channel_settings(settings: Settings, keys: Keys) -> ChannelSettings:
    """Say how the stream is made, and which at-rest key it is known to be under."""
    embedded = settings.nats == "embedded"
    replicas = settings.nats_replicas or (1 if embedded else 3)
    return ChannelSettings(
        StreamPlan(replicas=replicas, max_bytes=settings.nats_stream_bytes),
        store_mark(keys) if embedded else None,
    )


async def started(built: Built, nats: NatsSide, channel: Channel | None) -> NatsSide | None:
    """Start NATS. Streams of another key are left as they are: the hub goes on without NATS, and says so."""
    try:
        await nats.start()
    except StreamsUnreadable as error:
        log.error("nats_does_not_start", text=str(error))  # noqa: TRY400 (the text says what to do)
        if channel is not None:
            channel.has_wrong_key()
        return None
    except BaseException as error:
        log.error("nats_does_not_start", text=str(error))  # noqa: TRY400 (likewise)
        built.close()
        raise
    return nats


async def kept_connected(nats: NatsSide, channel: Channel) -> None:
    """Keep the channel on NATS, on one connection after another."""
    place = await nats.usable()
    await while_connected(lambda closed: connect_hub(place, name="concordat hub", closed_cb=closed), channel.serve)

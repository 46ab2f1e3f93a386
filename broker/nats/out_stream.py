"""The stream OUT: made once, looked at before it is used, never made anew over anything that is not well."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from nats.aio.client import Client

from broker.nats.durability import stream_faults
from broker.nats.jetstream import STREAM_NOT_FOUND, ApiError, ask
from broker.ports.relay import OutStream, Standing, StreamUnavailable

log = structlog.get_logger(__name__)

STREAM = "OUT"
SECOND = 10**9
_NO_STORE = 10049
_STORE_PAUSES = (0.05, 0.2, 1.0)
"""Seconds before the server is asked again for a stream whose folders it could not make."""


@dataclass(frozen=True)
class StreamPlan:
    """How OUT is made."""

    replicas: int = 1
    max_bytes: int = 1024**3
    """When it is full, mail waits in the database: nothing is dropped to make room."""
    keep_days: int = 31
    """As long as the mailboxes keep their mail."""
    max_consumers: int = 20_000

    def config(self) -> dict[str, Any]:
        """Return what the server is told. `persist_mode` is not named: its other value acknowledges before storing."""
        return {
            "name": STREAM,
            "subjects": ["out.*.>"],
            "storage": "file",
            "retention": "limits",
            "discard": "new",
            "max_bytes": self.max_bytes,
            "max_age": self.keep_days * 86_400 * SECOND,
            "max_msgs": -1,
            "max_msg_size": -1,
            "max_consumers": self.max_consumers,
            "num_replicas": self.replicas,
            "duplicate_window": 120 * SECOND,
            "allow_atomic": True,
            "allow_direct": True,
            "allow_rollup_hdrs": False,
        }


@dataclass(frozen=True)
class Found:
    """How the stream stands, and what it is now."""

    standing: Standing
    stream: OutStream | None = None
    advice: str | None = None
    """What to change, where the standing alone does not say it."""


async def inspect(client: Client, known: OutStream | None, fingerprint: str | None) -> Found:
    """Compare the stream with what the database knows of it. Changes nothing, never raises."""
    if known is not None and known.fingerprint != fingerprint:
        return Found(Standing.WRONG_KEY)
    try:
        info = await ask(client, f"STREAM.INFO.{STREAM}")
    except ApiError as error:
        if error.err_code != STREAM_NOT_FOUND:
            return Found(Standing.AWAY)
        return Found(Standing.FRESH if known is None else Standing.MISSING)
    except StreamUnavailable:
        return Found(Standing.AWAY)
    found = _compared(_described(info, fingerprint), known)
    faults = stream_faults(info["config"])
    if faults and found.standing is Standing.SOUND:
        return Found(Standing.HASTY, found.stream, ". ".join(faults))
    return found


def _compared(now: OutStream, known: OutStream | None) -> Found:
    if known is None:
        # Made a moment ago by a hub that could not write it down: nothing is in it.
        return Found(Standing.SOUND if now.last_sequence == 0 else Standing.REPLACED, now)
    if now.created != known.created:
        return Found(Standing.REPLACED, now)
    return Found(Standing.BEHIND if now.last_sequence < known.last_sequence else Standing.SOUND, now)


async def create(client: Client, plan: StreamPlan, fingerprint: str | None) -> OutStream:
    """Make the stream, where there is none. Raises ApiError, StreamUnavailable.

    A server that has just deleted the account's last stream goes on, behind its answer, to remove the folders that are
    empty now, and can do so between two steps of making them anew: it then says that it has no room for the store.
    Nothing was made, so it is asked again, for as long as that can last; a disk that takes nothing stays refused.
    """
    for pause in _STORE_PAUSES:
        try:
            return await _create(client, plan, fingerprint)
        except ApiError as error:
            if error.err_code != _NO_STORE:
                raise
            log.warning("out_stream_has_no_store_yet", again_after=pause)
            await asyncio.sleep(pause)
    return await _create(client, plan, fingerprint)


async def _create(client: Client, plan: StreamPlan, fingerprint: str | None) -> OutStream:
    return _described(await ask(client, f"STREAM.CREATE.{STREAM}", plan.config()), fingerprint)


async def delete(client: Client) -> None:
    """Delete the stream, if there is one: for `concordat nats rebuild` alone. Raises ApiError, StreamUnavailable."""
    try:
        await ask(client, f"STREAM.DELETE.{STREAM}")
    except ApiError as error:
        if error.err_code != STREAM_NOT_FOUND:
            raise


def _described(info: Mapping[str, Any], fingerprint: str | None) -> OutStream:
    return OutStream(STREAM, str(info["created"]), int(info["state"]["last_seq"]), fingerprint)

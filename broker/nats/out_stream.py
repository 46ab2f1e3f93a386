"""The stream OUT: made once, looked at before it is used, never made anew over anything that is not well.

Messages are stored in atomic batches (at most 1000, headers `Nats-Batch-Id`, `Nats-Batch-Sequence`, and
`Nats-Batch-Commit: 1` on the last): one batch is one fsync. The first message of each recipient in a batch carries
`Nats-Expected-Last-Subject-Sequence` for all of that recipient's subjects: whoever has an old view stores nothing.
"""

import asyncio
import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nats.errors
import structlog
from nats.aio.client import Client

from broker.nats.durability import stream_faults
from broker.nats.frames import send, write
from broker.nats.jetstream import (
    CONSUMER_NOT_FOUND,
    NO_MESSAGE,
    STREAM_NOT_FOUND,
    ApiError,
    ask,
    checked,
    request,
)
from broker.ports.records import Position
from broker.ports.relay import End, Fenced, OutPosition, OutStream, Parcel, Standing, StreamUnavailable

log = structlog.get_logger(__name__)

STREAM = "OUT"
SECOND = 10**9
_NO_STORE = 10049
_STORE_PAUSES = (0.05, 0.2, 1.0)
"""Seconds before the server is asked again for a stream whose folders it could not make."""
_WRONG_LAST_SEQUENCE = 10071
_WRONG_LAST_SEQUENCE_CONSTANT = 10164
_DUPLICATE_IN_BATCH = 10201
_REFUSED_BY_FENCE = (_WRONG_LAST_SEQUENCE, _WRONG_LAST_SEQUENCE_CONSTANT, _DUPLICATE_IN_BATCH)


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


class JetStreamOut:
    """OUT as the relay uses it."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def admit(self, token: str, position: OutPosition | None) -> None:
        """Have a durable for a recipient; one that is made anew begins after what the recipient has confirmed."""
        try:
            await ask(self._client, f"CONSUMER.INFO.{STREAM}.{token}")
        except ApiError as error:
            if error.err_code != CONSUMER_NOT_FOUND:
                raise StreamUnavailable(str(error)) from None
        else:
            return
        confirmed = 0 if position is None else position.acked_sequence
        config: dict[str, Any] = {
            "name": token,
            "durable_name": token,
            "filter_subject": f"out.{token}.>",
            "ack_policy": "explicit",
            "ack_wait": 30 * SECOND,
            "max_deliver": -1,
            "max_ack_pending": 1000,
            "replay_policy": "instant",
            "deliver_policy": "by_start_sequence" if confirmed else "all",
        } | ({"opt_start_seq": confirmed + 1} if confirmed else {})
        body = {"stream_name": STREAM, "config": config, "action": "create"}
        try:
            await ask(self._client, f"CONSUMER.CREATE.{STREAM}.{token}.out.{token}.>", body)
        except ApiError as error:
            raise StreamUnavailable(str(error)) from None

    async def end(self, token: str) -> End:
        """Return the last message of a recipient. Raises StreamUnavailable."""
        found = await self.message({"last_by_subj": f"out.{token}.>"})
        return End(None, 0) if found is None else End(found.position, found.sequence)

    async def message(self, wanted: dict[str, Any]) -> "StoredMessage | None":
        """Return a stored message's place without its content, or None. Raises StreamUnavailable."""
        try:
            answer = await ask(self._client, f"STREAM.MSG.GET.{STREAM}", wanted)
        except ApiError as error:
            if error.err_code == NO_MESSAGE:
                return None
            raise StreamUnavailable(str(error)) from None
        message = answer["message"]
        headers = _headers(base64.b64decode(message.get("hdrs", "")))
        try:
            position = Position.parse(headers.get("Concordat-Sequence", ""))
        except ValueError:
            raise StreamUnavailable("the stream holds a message that this hub has not stored") from None
        return StoredMessage(str(message["subject"]), int(message["seq"]), position, headers.get("Nats-Msg-Id", ""))

    async def store(self, parcels: Sequence[Parcel], ends: Mapping[str, int]) -> int:
        """Store parcels in one atomic batch; return the sequence of the last. Raises Fenced, StreamUnavailable."""
        batch, count = secrets.token_hex(16), len(parcels)
        fenced: set[str] = set()
        frames: list[bytes] = []
        for place, parcel in enumerate(parcels, 1):
            subject = f"out.{parcel.token}.{parcel.type}"
            headers = {**parcel.headers, "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)}
            if parcel.token not in fenced:
                fenced.add(parcel.token)
                headers["Nats-Expected-Last-Subject-Sequence"] = str(ends.get(parcel.token, 0))
                headers["Nats-Expected-Last-Subject-Sequence-Subject"] = f"out.{parcel.token}.>"
            if place < count:
                frames.append(write(subject, headers, parcel.body))
        # Not the first either is waited for: the answer to the last says whether all were taken.
        try:
            await send(self._client, frames)
        except (nats.errors.Error, OSError) as error:
            raise StreamUnavailable(f"the batch was not sent ({type(error).__name__})") from None
        answer = await request(self._client, subject, parcel.body, headers | {"Nats-Batch-Commit": "1"})
        stored = _taken(answer)
        if stored.get("stream") != STREAM or int(stored.get("count", 1)) != count:
            raise StreamUnavailable("the batch was taken in a way that was not asked for")
        return int(stored["seq"])


@dataclass(frozen=True)
class StoredMessage:
    """Where a stored message lies."""

    subject: str
    sequence: int
    position: Position
    disclosure: str


def _taken(answer: bytes) -> dict[str, Any]:
    try:
        return checked(answer)
    except ApiError as error:
        if error.err_code in _REFUSED_BY_FENCE:
            raise Fenced from None
        log.warning("out_batch_refused", code=error.err_code)
        raise StreamUnavailable(str(error)) from None


def _headers(block: bytes) -> dict[str, str]:
    lines = block.decode("utf-8", "replace").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip(): value.strip() for name, _, value in pairs}

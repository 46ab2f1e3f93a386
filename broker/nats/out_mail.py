"""The mail in OUT: who may read it from where, what lies in it, and how parcels are stored.

*Many* are stored in one atomic batch (at most 1000, headers `Nats-Batch-Id`, `Nats-Batch-Sequence`, and
`Nats-Batch-Commit: 1` on the last): one fsync for all. For every batch the server makes a folder with keys and
settings, each with syncs of its own, and removes it before it answers. A *few* are stored sooner one by one, each with
one fsync, all on their way together.

Either way each recipient's next message carries `Nats-Expected-Last-Subject-Sequence` for all of that recipient's
subjects: whoever has an old view stores nothing for it.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nats.errors
import structlog
from nats.aio.client import Client

from broker.nats.frames import send, write
from broker.nats.jetstream import (
    CONSUMER_NOT_FOUND,
    NO_MESSAGE,
    ApiError,
    Request,
    Together,
    ask,
    checked,
    request,
)
from broker.nats.out_stream import SECOND, STREAM
from broker.ports.records import Position
from broker.ports.relay import End, Fenced, OutPosition, Parcel, StreamUnavailable

log = structlog.get_logger(__name__)

FEW = 16
"""Parcels that are stored one by one. Eight took 2.6 ms so and 12.5 in a batch, thirty-two 9.4 and 14.7; the slower a
disk syncs, the sooner a batch with its ten or so syncs is worth it."""
_WRONG_LAST_SEQUENCE = 10071
_WRONG_LAST_SEQUENCE_CONSTANT = 10164
_DUPLICATE_IN_BATCH = 10201
_REFUSED_BY_FENCE = (_WRONG_LAST_SEQUENCE, _WRONG_LAST_SEQUENCE_CONSTANT, _DUPLICATE_IN_BATCH)


class JetStreamOut:
    """OUT as the relay uses it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._together = Together(client)

    async def close(self) -> None:
        """Listen for no more answers."""
        await self._together.close()

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

    async def store(self, parcels: Sequence[Parcel], ends: Mapping[str, int]) -> Sequence[int]:
        """Store parcels, each recipient's in their order; return the sequence of each. See Stream."""
        if len(parcels) > FEW:
            return await self._store_together(parcels, ends)
        reached, sequences = dict(ends), dict[int, int]()
        for turn in _turns(parcels):
            asked = [_alone(parcels[place], reached) for place in turn]
            # All are answered before any is looked at: none comes in behind the look that follows a refusal.
            answers = await self._together.ask(asked)
            for place, answer in zip(turn, answers, strict=True):
                reached[parcels[place].token] = sequences[place] = _sequence(answer)
        return [sequences[place] for place in range(len(parcels))]

    async def _store_together(self, parcels: Sequence[Parcel], ends: Mapping[str, int]) -> Sequence[int]:
        batch, count = secrets.token_hex(16), len(parcels)
        fenced: set[str] = set()
        frames: list[bytes] = []
        for place, parcel in enumerate(parcels, 1):
            headers = {**parcel.headers, "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)}
            if parcel.token not in fenced:
                fenced.add(parcel.token)
                headers |= _fence(parcel, ends)
            if place < count:
                frames.append(write(_subject(parcel), headers, parcel.body))
        # Not the first either is waited for: the answer to the last says whether all were taken.
        try:
            await send(self._client, frames)
        except (nats.errors.Error, OSError) as error:
            raise StreamUnavailable(f"the batch was not sent ({type(error).__name__})") from None
        commit = headers | {"Nats-Batch-Commit": "1"}
        stored = _taken(await request(self._client, _subject(parcel), parcel.body, commit))
        if stored.get("stream") != STREAM or int(stored.get("count", 1)) != count:
            raise StreamUnavailable("the batch was taken in a way that was not asked for")
        last = int(stored["seq"])
        return range(last - count + 1, last + 1)


def _turns(parcels: Sequence[Parcel]) -> list[list[int]]:
    """Return the places of parcels in turns, in each of which no recipient has more than one.

    The fence of a recipient's next message is the sequence of the one before.
    """
    turns: list[list[int]] = []
    had: dict[str, int] = {}
    for place, parcel in enumerate(parcels):
        turn = had[parcel.token] = had.get(parcel.token, -1) + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(place)
    return turns


def _alone(parcel: Parcel, ends: Mapping[str, int]) -> Request:
    return Request(_subject(parcel), {**parcel.headers, **_fence(parcel, ends)}, parcel.body)


def _sequence(answer: bytes) -> int:
    stored = _taken(answer)
    if stored.get("duplicate"):
        raise Fenced  # it lies there already, so somebody has stored since
    if stored.get("stream") != STREAM:
        raise StreamUnavailable("the message was taken by another stream")
    return int(stored["seq"])


def _subject(parcel: Parcel) -> str:
    return f"out.{parcel.token}.{parcel.type}"


def _fence(parcel: Parcel, ends: Mapping[str, int]) -> dict[str, str]:
    return {
        "Nats-Expected-Last-Subject-Sequence": str(ends.get(parcel.token, 0)),
        "Nats-Expected-Last-Subject-Sequence-Subject": f"out.{parcel.token}.>",
    }


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

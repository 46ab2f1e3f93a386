"""The recipients' acks as the hub sees them go by, and what the server makes of them.

An ack is a message on `$JS.ACK.OUT.<durable>.<times>.<stream sequence>.<consumer sequence>.<time>.<pending>`, or on
`$JS.ACK.<domain>.<account>.OUT.<durable>.…` in its second form. It is a hint to look: how far a durable has come is
what the server says, and is asked again now and then, because hints may pass while nobody listens.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from broker.flows.acked import Acked, RecordAcked
from broker.flows.hub import Hub
from broker.flows.turns import Overloaded
from broker.nats.jetstream import CONSUMER_NOT_FOUND, ApiError, ask
from broker.nats.out_mail import JetStreamOut
from broker.nats.out_stream import STREAM
from broker.ports.records import Position
from broker.ports.relay import Lease, StreamUnavailable
from broker.ports.store import StoreUnavailable

log = structlog.get_logger(__name__)

GATHER_SECONDS = 1.0
"""Acks that come together are recorded in one step: at most so old is what the told matrix says of a delivery."""
SWEEP_SECONDS = 30.0
MOST_BEYOND = 1000
"""Acks above a floor that are looked at one by one in a round: a durable has no more on its way at once."""
_ACK, _NEXT, _TERM = b"+ACK", b"+NXT", b"+TERM"


@dataclass(frozen=True)
class Hint:
    """What an ack's subject says."""

    token: str
    sequence: int


def read_subject(subject: str) -> Hint | None:
    """Read an ack's subject in either form; None for one that is not of OUT."""
    parts = subject.split(".")
    after = 2 if len(parts) == 9 and parts[2] == STREAM else 4 if len(parts) >= 11 and parts[4] == STREAM else None  # noqa: PLR2004 (the two forms)
    if after is None or not parts[after + 3].isdigit():
        return None
    return Hint(parts[after + 1], int(parts[after + 3]))


class Acks:
    """Watches acks for one run of the relay."""

    def __init__(self, client: Client, hub: Hub, lease: Lease, recipients: Callable[[], Mapping[str, str]]) -> None:
        """`recipients` gives agency by token, of those whose mail is sent."""
        self._client = client
        self._hub = hub
        self._lease = lease
        self._recipients = recipients
        self._out = JetStreamOut(client)
        self._floors: dict[str, int] = {}
        self._acked: defaultdict[str, set[int]] = defaultdict(set)
        self._refused: defaultdict[str, set[int]] = defaultdict(set)
        self._heard = asyncio.Event()

    async def run(self) -> None:
        """Record what is confirmed until cancelled. Raises StreamUnavailable."""
        subscriptions = [
            await self._client.subscribe(subject, cb=self._hear)
            for subject in (f"$JS.ACK.{STREAM}.>", f"$JS.ACK.*.*.{STREAM}.>")
        ]
        try:
            await self._client.flush()
            while True:
                await self._record(set(self._recipients()) | set(self._acked))
                try:
                    async with asyncio.timeout(SWEEP_SECONDS):
                        while True:
                            await self._heard.wait()
                            await asyncio.sleep(GATHER_SECONDS)
                            self._heard.clear()
                            await self._record(set(self._acked))
                except TimeoutError:
                    continue
        finally:
            for subscription in subscriptions:
                await subscription.unsubscribe()

    async def floors(self) -> list[Acked]:
        """Return how far each recipient has confirmed everything, as the server says. Raises StreamUnavailable."""
        looks = [self._look(token, agency, set()) for token, agency in self._recipients().items()]
        return [one for one in await asyncio.gather(*looks) if one is not None]

    async def _hear(self, message: Msg) -> None:
        hint = read_subject(message.subject)
        if hint is None:
            return
        kind = bytes(message.data[:5])
        if kind == b"" or kind.startswith((_ACK, _NEXT)):
            self._acked[hint.token].add(hint.sequence)
        elif kind.startswith(_TERM):
            self._refused[hint.token].add(hint.sequence)
            self._acked[hint.token] |= set()  # look at it in the next round
        else:
            return
        self._heard.set()

    async def _record(self, tokens: set[str]) -> None:
        agencies = self._recipients()
        heard = {token: self._acked.pop(token, set()) for token in tokens}
        looks = [self._look(token, agencies[token], heard[token]) for token in tokens if token in agencies]
        looked = await asyncio.gather(*looks)
        found = [one for one in looked if one is not None and (one.floor is not None or one.beyond)]
        try:
            for one in found:
                await self._keep(one)
        except (StoreUnavailable, Overloaded) as error:
            log.warning("acks_not_recorded", error=type(error).__name__)
            for token, acked in heard.items():
                self._acked[token] |= acked
            self._floors.clear()
            return
        by_agency = {agency: token for token, agency in agencies.items()}
        for one in found:
            if one.floor is not None:
                token = by_agency[one.recipient]
                self._floors[token] = one.floor_sequence
                self._refused[token] = {sequence for sequence in self._refused[token] if sequence > one.floor_sequence}

    async def _keep(self, acked: Acked) -> None:
        """Have one recipient's acks recorded, in steps between which others may go first."""
        while not await self._hub.sequencer.place(RecordAcked(acked, self._lease)):
            pass

    async def _look(self, token: str, agency: str, acked: set[int]) -> Acked | None:
        try:
            info = await ask(self._client, f"CONSUMER.INFO.{STREAM}.{token}")
        except ApiError as error:
            if error.err_code == CONSUMER_NOT_FOUND:
                return None
            raise StreamUnavailable(str(error)) from None
        floor = int(info["ack_floor"]["stream_seq"])
        found = Acked(agency, None)
        if floor > self._floors.get(token, 0):
            found = replace(found, floor=await self._position(token, floor), floor_sequence=floor)
        beyond = await self._disclosures(token, {one for one in acked if one > floor})
        return replace(found, beyond=beyond, refused=frozenset(await self._disclosures(token, self._refused[token])))

    async def _position(self, token: str, floor: int) -> Position | None:
        """Return the place in the mailbox of a sequence: of the message itself, or before the next that is kept."""
        message = await self._out.message({"seq": floor, "next_by_subj": f"out.{token}.>"})
        if message is None:
            return (await self._out.end(token)).position
        if message.sequence == floor:
            return message.position
        return Position(message.position.generation, message.position.number - 1)

    async def _disclosures(self, token: str, sequences: set[int]) -> tuple[str, ...]:
        """Return the ids of messages, leaving out what is not this recipient's own."""
        found = []
        for sequence in sorted(sequences)[:MOST_BEYOND]:
            message = await self._out.message({"seq": sequence})
            if message is not None and message.subject.startswith(f"out.{token}."):
                found.append(message.disclosure)
        return tuple(found)

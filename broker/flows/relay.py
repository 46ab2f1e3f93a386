"""From the mailboxes to the stream, by one worker at a time.

Where the stream stands → the next mail of every recipient → sealed → stored in one batch → remembered. What the stream
holds is the truth of how far each recipient's mail has gone; the database remembers it for the day the stream is lost.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson
import structlog

from broker.delivery.jwe import MEDIA_TYPE, NONCE_BYTES
from broker.flows import tracing
from broker.flows.channel_keys import ChannelKeys
from broker.flows.hub import Hub
from broker.flows.mailbox import line_of
from broker.flows.sequencer import Overloaded
from broker.ports.records import Mailbox, Position
from broker.ports.relay import Lease, Letter, OutPosition, OutStream, Parcel, Stream, Stretch
from broker.ports.store import StoreUnavailable, Unit, View
from contracts.agency import Agency
from contracts.envelope import rfc3339

log = structlog.get_logger(__name__)

MOST = 1000
"""Messages in one batch: JetStream's limit."""
MOST_BYTES = 8 * 1024 * 1024
IDLE_SECONDS = 1.0
"""How often the mailboxes are looked at when nobody says that they have grown."""
REMEMBER_SECONDS = 0.2
"""Between two times that the database is told: one commit for many batches. Until then the stream knows."""
NOTICE = "notice"
NOTICE_TYPE = "application/cloudevents+json"


class StreamAhead(Exception):
    """The stream holds mail that this database does not know: the database is older than the stream."""


@dataclass(frozen=True)
class Batch:
    """Parcels ready to be stored, and the traces they go on from."""

    parcels: tuple[Parcel, ...]
    traces: tuple[str | None, ...]


class Relay:
    """One run of the relay, under one lease. After any doubt it is made anew, and looks where the stream stands."""

    def __init__(self, hub: Hub, stream: Stream, lease: Lease, made: OutStream, token_of: Callable[[str], str]) -> None:
        self._hub = hub
        self._stream = stream
        self._lease = lease
        self._made = made
        self._token_of = token_of
        self._keys = ChannelKeys(hub.store, hub.parts)
        self._members: dict[str, Agency] = {}
        self._registry_version = -1
        self._tokens: dict[str, str] = {}
        self._sent: dict[str, Position] = {}
        self._ends: dict[str, int] = {}
        self._remembering: asyncio.Task[None] | None = None
        self._unremembered: tuple[dict[str, Position], OutStream] | None = None

    async def run(self) -> None:
        """Send until cancelled.

        Raises Fenced, StreamUnavailable, StreamAhead, StoreUnavailable: then look again where the stream stands.
        """
        batch: Batch | None = None
        try:
            while True:
                await self._look_where_it_stands()
                grown = asyncio.ensure_future(self._hub.notifier.wait(IDLE_SECONDS))
                try:
                    await asyncio.sleep(0)  # from here on a wake-up is not missed
                    batch = batch or await asyncio.to_thread(self._prepare, dict(self._sent))
                    if batch is None:
                        await grown
                        continue
                finally:
                    grown.cancel()
                batch = await self._send(batch)
        finally:
            if self._remembering is not None:
                # Not waited for: the sequencer may have ended before. What is not remembered, the stream knows.
                self._remembering.cancel()
                await asyncio.gather(self._remembering, return_exceptions=True)

    async def _send(self, batch: Batch) -> Batch | None:
        """Store one batch, and meanwhile prepare the next."""
        after = dict(self._sent) | {parcel.recipient: parcel.position for parcel in batch.parcels}
        preparing = asyncio.ensure_future(asyncio.to_thread(self._prepare, after))
        try:
            last = await self._stream.store(batch.parcels, self._ends)
        except BaseException:
            await asyncio.gather(preparing, return_exceptions=True)
            raise
        first = last - len(batch.parcels) + 1
        for sequence, parcel in enumerate(batch.parcels, first):
            self._ends[parcel.token] = sequence
        for parcel, trace in zip(batch.parcels, batch.traces, strict=True):
            tracing.note("store in OUT", trace, link=parcel.headers["traceparent"])
        self._sent = after
        self._made = replace(self._made, last_sequence=last)
        self._remember()
        return await preparing

    async def _look_where_it_stands(self) -> None:
        """Learn of each recipient not met yet how far the stream holds its mail."""
        known, boxes = await asyncio.to_thread(self._read_registry)
        new = [one for one in self._members if one not in self._sent]
        for start in range(0, len(new), 50):
            await asyncio.gather(*(self._meet(one, known, boxes) for one in new[start : start + 50]))

    async def _meet(self, recipient: str, known: Mapping[str, OutPosition], boxes: Mapping[str, Mailbox]) -> None:
        token = self._tokens[recipient]
        await self._stream.admit(token, known.get(recipient))
        end = await self._stream.end(token)
        box = boxes.get(recipient) or Mailbox(recipient, 1, 0)
        if end.position is not None and _order(end.position) > (box.generation, box.top):
            raise StreamAhead
        before = known.get(recipient)
        places = [one for one in (end.position, before and Position(before.generation, before.stored)) if one]
        self._ends[token] = end.sequence
        self._sent[recipient] = max(places, key=_order, default=Position(box.generation, box.kept_from - 1))

    def _read_registry(self) -> tuple[Mapping[str, OutPosition], Mapping[str, Mailbox]]:
        with self._hub.store.reading() as view:
            version = view.registry_version()
            if version == self._registry_version:
                return {}, {}
            self._members = {one.id: one for one in view.agencies() if receives(one)}
            for one in self._members:
                self._tokens.setdefault(one, self._token_of(one))
            self._registry_version = version
            return view.out_positions(), view.mailboxes()

    def _prepare(self, sent: Mapping[str, Position]) -> Batch | None:
        """Read what comes next in every mailbox, and seal it. Runs in a thread."""
        now = datetime.now(UTC)
        while True:
            with self._hub.store.reading() as view:
                stretches = self._waiting(view, sent)
                if not stretches:
                    return None
                who = frozenset(one.recipient for one in stretches)
                keys = self._keys.current(view, who, now)
                if keys.keys() == who:
                    letters = view.letters(stretches)
                    break
            self._keys.renew(who - keys.keys(), now)
        parcels: list[Parcel] = []
        traces: list[str | None] = []
        size = 0
        for letter in letters:
            mail = letter.mail
            if self._members[mail.recipient].nats_content == NOTICE:
                kind, body = NOTICE_TYPE, self._notice(letter)
            else:
                kind = MEDIA_TYPE
                body = keys[mail.recipient].seal(
                    line_of(mail, self._hub.parts.own_name), secrets.token_bytes(NONCE_BYTES)
                )
            size += len(body)
            if parcels and size > MOST_BYTES:
                break
            position = Position(mail.generation, mail.number)
            headers = {
                "Nats-Msg-Id": mail.disclosure,
                "Concordat-Sequence": str(position),
                "Content-Type": kind,
                "traceparent": tracing.new(),
            }
            parcels.append(Parcel(mail.recipient, self._tokens[mail.recipient], mail.type, position, headers, body))
            traces.append(letter.trace)
        return Batch(tuple(parcels), tuple(traces)) if parcels else None

    def _waiting(self, view: View, sent: Mapping[str, Position]) -> list[Stretch]:
        """Return which numbers of which mailboxes come next: all recipients get their share of a batch."""
        waiting = []
        for recipient, box in view.mailboxes().items():
            at = sent.get(recipient)
            if at is None:
                continue
            after = at.number if at.generation == box.generation else 0
            first = max(after + 1, box.kept_from)
            if first <= box.top:
                waiting.append(Stretch(recipient, box.generation, first, box.top))
        share = max(1, MOST // max(1, len(waiting)))
        return [replace(one, last=min(one.last, one.first + share - 1)) for one in waiting[:MOST]]

    def _notice(self, letter: Letter) -> bytes:
        """Return what a recipient gets that asked for ids and type only."""
        mail = letter.mail
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": mail.disclosure,
                "source": self._hub.parts.own_name,
                "type": mail.type,
                "subject": mail.subject,
                "time": rfc3339(mail.at),
                "concordatsequence": f"{mail.generation}.{mail.number}",
            }
        )

    def _remember(self) -> None:
        """Have the database remember how far things have gone. The next batch does not wait for that."""
        self._unremembered = dict(self._sent), self._made
        if self._remembering is None or self._remembering.done():
            self._remembering = asyncio.ensure_future(self._keep_remembering())

    async def _keep_remembering(self) -> None:
        while self._unremembered is not None:
            (sent, made), self._unremembered = self._unremembered, None
            await self._keep(sent, made)
            await asyncio.sleep(REMEMBER_SECONDS)

    async def _keep(self, sent: Mapping[str, Position], made: OutStream) -> None:
        def write(unit: Unit) -> None:
            remember(unit, self._lease, made, sent)

        try:
            await self._hub.sequencer.submit(lambda draft: draft.also(write))
        except (StoreUnavailable, Overloaded) as error:
            # The stream itself says how far it has gone; the next batch is remembered with this one.
            log.warning("relay_not_remembered", error=type(error).__name__)


def receives(agency: Agency) -> bool:
    """Say whether an agency's mail goes to the stream."""
    return agency.active and agency.has_channel and "subscribe" in agency.scopes


def remember(unit: Unit, lease: Lease, made: OutStream, sent: Mapping[str, Position]) -> None:
    """Keep how far mail has gone, unless another has taken over since: then it knows better."""
    held = unit.lease_of(lease.name)
    if held is None or held.term != lease.term:
        return
    known = unit.out_positions()
    changed: list[OutPosition] = []
    for recipient, at in sent.items():
        before = known.get(recipient)
        if before is None or before.generation != at.generation:
            changed.append(OutPosition(recipient, at.generation, at.number))
        elif before.stored != at.number:
            changed.append(replace(before, stored=at.number))
    unit.put_out_positions(changed)
    unit.put_out_stream(made)


def _order(position: Position) -> tuple[int, int]:
    return position.generation, position.number


__all__: Sequence[str] = ("Relay", "StreamAhead", "receives", "remember")

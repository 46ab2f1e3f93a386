"""From the mailboxes to the stream, by one worker at a time.

Where the stream stands → the next mail of every recipient → sealed → stored → remembered. What the stream
holds is the truth of how far each recipient's mail has gone; the database remembers it for the day the stream is lost.

What this process has just committed comes from memory if it goes on where the stream stands. All else, and after any
gap, is read from the database; so is what has waited from one look to the next.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from broker.flows import tracing
from broker.flows.channel_keys import ChannelKeys
from broker.flows.hub import Hub
from broker.flows.parcels import Address, Batch, pack
from broker.flows.remember import Remember
from broker.flows.turns import Overloaded
from broker.ports.records import Mailbox, MailRecord, Position
from broker.ports.relay import Lease, Letter, OutPosition, OutStream, Stream, Stretch
from broker.ports.store import StoreUnavailable, View
from contracts.agency import Agency

log = structlog.get_logger(__name__)

MOST = 1000
"""Messages in one batch: JetStream's limit."""
IDLE_SECONDS = 1.0
"""How often directory, keys and mailboxes are looked at when nobody says that anything has changed."""
REMEMBER_SECONDS = 0.5
"""Between two times that the database is told: one commit for many batches. Until then the stream knows."""
AT_ONCE = 64
"""Messages that are sealed without leaving the event loop: a thread's way there and back costs as much."""


class StreamAhead(Exception):
    """The stream holds mail that this database does not know: the database is older than the stream."""


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
        self._fresh: list[Letter] = []
        self._is_behind = True
        self._waited: Mapping[str, Position] = {}
        self._sent: dict[str, Position] = {}
        self._ends: dict[str, int] = {}
        self._remembering: asyncio.Task[None] | None = None
        self._unremembered: tuple[dict[str, Position], OutStream] | None = None

    async def run(self) -> None:
        """Send until cancelled.

        Raises Fenced, StreamUnavailable, StreamAhead, StoreUnavailable: then look again where the stream stands.
        """
        try:
            with self._hub.fresh.listening():
                await self._send_all()
        finally:
            if self._remembering is not None:
                # Not waited for: the sequencer may have ended before. What is not remembered, the stream knows.
                self._remembering.cancel()
                await asyncio.gather(self._remembering, return_exceptions=True)
            await self._keys.close()

    async def _send_all(self) -> None:
        clock = asyncio.get_running_loop().time
        batch: Batch | None = None
        looked_at = -IDLE_SECONDS
        while True:
            if clock() - looked_at >= IDLE_SECONDS:
                looked_at = clock()
                await self._look_where_it_stands()
                await self._look_for_what_lies_still()
            grown = asyncio.ensure_future(self._hub.notifier.wait(IDLE_SECONDS))
            try:
                await asyncio.sleep(0)  # from here on a wake-up is not missed
                batch = batch or await self._next(self._sent) or await self._read()
                if batch is None:
                    await grown
                    self._is_behind |= not self._hub.fresh.is_waiting()  # somebody else has written
                    # At once: before the receipt is written, and with the next look behind it in any case.
                    batch = await self._next(self._sent)
            finally:
                grown.cancel()
            if batch is not None:
                batch = await self._send(batch)
                self._keys.freshen()

    async def _send(self, batch: Batch) -> Batch | None:
        """Store one batch, and meanwhile prepare the next of what has just been committed."""
        after = self._sent | {parcel.recipient: parcel.position for parcel in batch.parcels}
        storing = asyncio.ensure_future(self._stream.store(batch.parcels, self._ends))
        try:
            await asyncio.sleep(0)  # first it is on its way
            following = await self._next(after)
            sequences = await storing
        finally:
            storing.cancel()
        for sequence, parcel in zip(sequences, batch.parcels, strict=True):
            self._ends[parcel.token] = sequence
        for parcel, trace in zip(batch.parcels, batch.traces, strict=True):
            tracing.note("store in OUT", trace, link=parcel.headers["traceparent"])
        self._sent = after
        self._made = replace(self._made, last_sequence=max(sequences))
        self._remember()
        return following

    async def _next(self, sent: Mapping[str, Position]) -> Batch | None:
        """Pack what this process has just committed, as far as it goes on from `sent`; None if none of it does."""
        letters = [] if self._is_behind else self._going_on(sent)
        addresses = self._addresses({one.mail.recipient for one in letters})
        if any(not address.is_ready for address in addresses.values()):
            self._is_behind = True
            return None
        if len(letters) <= AT_ONCE:
            batch = pack(letters, addresses, self._hub.parts.own_name)
        else:
            batch = await asyncio.to_thread(pack, letters, addresses, self._hub.parts.own_name)
        if batch is not None:
            self._fresh = letters[len(batch.parcels) :] + self._fresh  # those that were too large for one batch
        return batch

    def _going_on(self, sent: Mapping[str, Position]) -> list[Letter]:
        waiting, letters, reached = self._fresh + self._hub.fresh.take(), list[Letter](), dict(sent)
        self._fresh = []
        for place, letter in enumerate(waiting):
            if len(letters) == MOST:
                self._fresh = waiting[place:]
                break
            mail = letter.mail
            at = reached.get(mail.recipient)
            if at is None or mail.recipient not in self._members or _order(mail) <= _order(at):
                continue  # not sent to at all, not met yet, or sent already
            if mail.generation != at.generation or mail.number != at.number + 1:
                self._is_behind = True
                continue
            reached[mail.recipient] = Position(mail.generation, mail.number)
            letters.append(letter)
        return letters

    def _addresses(self, recipients: Iterable[str]) -> dict[str, Address]:
        return {one: Address(self._members[one], self._tokens[one], self._keys.usable(one)) for one in recipients}

    async def _look_where_it_stands(self) -> None:
        """Learn of each recipient not met yet how far the stream holds its mail."""
        known, boxes = await asyncio.to_thread(self._read_registry)
        new = [one for one in self._members if one not in self._sent]
        for start in range(0, len(new), 50):
            await asyncio.gather(*(self._meet(one, known, boxes) for one in new[start : start + 50]))
        self._is_behind |= bool(new)

    async def _look_for_what_lies_still(self) -> None:
        """Have the database read if some mailbox waits where it waited at the last look: its mail has passed us by.

        Another process may have written it while a batch was being stored, or memory may have been full; and as long
        as this process has mail of its own to send, no idle moment would show it.
        """
        waiting = await asyncio.to_thread(self._next_in_mailboxes, self._sent)
        self._is_behind |= any(self._waited.get(one) == place for one, place in waiting.items())
        self._waited = waiting

    def _next_in_mailboxes(self, sent: Mapping[str, Position]) -> Mapping[str, Position]:
        with self._hub.store.reading() as view:
            return {one.recipient: Position(one.generation, one.first) for one in self._waiting(view, sent)}

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

    async def _read(self) -> Batch | None:
        """Read and pack what comes next in every mailbox, where memory may not have it all; None if there is nothing.

        Looks at the directory too: mail that another process committed may be for somebody not met yet.
        """
        if not self._is_behind:
            return None
        await self._look_where_it_stands()
        self._is_behind = False
        batch = await asyncio.to_thread(self._prepare, self._sent)
        # There may be more than fits into a batch.
        self._is_behind |= batch is not None
        return batch

    def _prepare(self, sent: Mapping[str, Position]) -> Batch | None:
        """Read what comes next in every mailbox, and pack it. Runs in a thread."""
        now = datetime.now(UTC)
        while True:
            with self._hub.store.reading() as view:
                stretches = self._waiting(view, sent)
                if not stretches:
                    return None
                who = frozenset(one.recipient for one in stretches)
                ready = self._keys.current(view, who, now).keys()
                if ready == who:
                    letters = view.letters(stretches)
                    break
            self._keys.renew(who - ready, now)
        return pack(letters, self._addresses(who), self._hub.parts.own_name)

    def _waiting(self, view: View, sent: Mapping[str, Position]) -> list[Stretch]:
        """Return which numbers of which mailboxes come next: all recipients get their share of a batch."""
        waiting = []
        for recipient, box in view.mailboxes().items():
            at = sent.get(recipient)
            if at is None or recipient not in self._members:
                continue
            after = at.number if at.generation == box.generation else 0
            first = max(after + 1, box.kept_from)
            if first <= box.top:
                waiting.append(Stretch(recipient, box.generation, first, box.top))
        share = max(1, MOST // max(1, len(waiting)))
        return [replace(one, last=min(one.last, one.first + share - 1)) for one in waiting[:MOST]]

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
        try:
            # No report waits for it: it goes along with one.
            await self._hub.sequencer.place(Remember(self._lease, made, sent))
        except (StoreUnavailable, Overloaded) as error:
            # The stream itself says how far it has gone; the next batch is remembered with this one.
            log.warning("relay_not_remembered", error=type(error).__name__)


def receives(agency: Agency) -> bool:
    """Say whether an agency's mail goes to the stream."""
    return agency.active and agency.has_channel and "subscribe" in agency.scopes


def _order(position: Position | MailRecord) -> tuple[int, int]:
    return position.generation, position.number


__all__: Sequence[str] = ("Relay", "StreamAhead", "receives")

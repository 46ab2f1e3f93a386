"""One open feed: the mailbox as server-sent events (WHATWG HTML 9.2), until the token or the connection ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import orjson
import structlog

from broker.flows.deliver import confirm
from broker.flows.mailbox import MailPage, gap_notice, read_mail
from broker.flows.turns import Overloaded
from broker.ports.records import Position, Undelivered
from broker.ports.store import StoreUnavailable, View
from broker.ports.vault import VaultUnavailable
from broker.web.streams import TooManyStreams
from broker.web.surface import Surface
from broker.web.tokens import Session
from contracts.envelope import rfc3339

RETRY = b"retry: 5000\n\n"
"""Come back in five seconds: a browser obeys this, and would never come back after a 503."""
READ_AT_ONCE = 100

_log = structlog.get_logger("concordat.web")


@dataclass(frozen=True)
class Wanted:
    """What one reader asks for."""

    after: Position | None
    types: tuple[str, ...] = ()
    episode: str | None = None
    named: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether it is not sent everything."""
        return bool(self.types) or self.episode is not None

    def selects(self, disclosure: Undelivered) -> bool:
        """Say whether the message of a disclosure is among what it asks for."""
        of_type = not self.types or any(
            disclosure.type.startswith(one[:-1]) if one.endswith("*") else disclosure.type == one for one in self.types
        )
        return of_type and (self.episode is None or disclosure.subject == f"episode/{self.episode}")


async def stream(surface: Surface, session: Session, wanted: Wanted) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a feed. Its failures end it with `retry:`; what was confirmed or sent stays so."""
    try:
        with surface.streams.opened() as ending:
            await confirm_up_to(surface, session.agency, wanted, "feed")
            async with aclosing(_messages(surface, session, wanted, ending)) as messages:
                async for message in messages:
                    yield message
    except TooManyStreams:
        yield RETRY
    except (Overloaded, StoreUnavailable, VaultUnavailable) as error:
        _log.warning("feed_ended", kind=type(error).__name__)
        yield RETRY


async def confirm_up_to(surface: Surface, agency: str, wanted: Wanted, channel: str) -> None:
    """Record as delivered what a reader says that it holds by the position it goes on from, if anything is new."""
    parts, position = surface.hub.parts, wanted.after
    if position is None:
        return
    was_sent = wanted.selects if wanted.is_filtered else None

    def is_news(view: View) -> bool:
        if not view.mailbox(agency).is_new(position):
            return False
        return was_sent is None or any(was_sent(one) for one in view.undelivered(agency, position))

    if await surface.read(is_news):
        await surface.hub.sequencer.submit(lambda draft: confirm(draft, agency, position, channel, parts, was_sent))


async def _messages(
    surface: Surface, session: Session, wanted: Wanted, ending: asyncio.Event
) -> AsyncGenerator[bytes, None]:
    reached, beat_at = wanted.after, _now() + surface.settings.heartbeat_seconds
    while not ending.is_set() and await _may_go_on(surface, session):
        # Wait from before reading on: mail that comes while the database is read is not slept through.
        woken = asyncio.create_task(surface.hub.notifier.wait(_patience(surface, session, beat_at)))
        closing = asyncio.create_task(ending.wait())
        try:
            await asyncio.sleep(0)
            sent = 0
            if await surface.tops.of(session.agency) != reached:
                page = await read_page(surface, session.agency, reached, READ_AT_ONCE, wanted)
                if page.gap and reached is not None:
                    yield _message(start_of(page), gap_of(surface, reached, page), named=wanted.named)
                for position, item in zip(page.positions, page.items, strict=True):
                    yield _message(position, item, named=wanted.named)
                reached, sent = page.next, len(page.items)
            if sent:
                beat_at = _now() + surface.settings.heartbeat_seconds
            elif reached is not None and _now() >= beat_at:
                yield _heartbeat(reached)
                beat_at = _now() + surface.settings.heartbeat_seconds
            if sent < READ_AT_ONCE:
                await asyncio.wait((woken, closing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            closing.cancel()


async def read_page(surface: Surface, agency: str, after: Position | None, limit: int, wanted: Wanted) -> MailPage:
    """Read some messages."""
    hub = surface.hub.parts.own_name
    return await surface.read(lambda view: read_mail(view, agency, after, limit, wanted.types, wanted.episode, hub=hub))


def start_of(page: MailPage) -> Position:
    """Return the position from which reading goes on after a gap."""
    return Position(page.kept_from.generation, page.kept_from.number - 1)


def gap_of(surface: Surface, asked: Position, page: MailPage) -> bytes:
    """Return the event that tells a reader of a gap."""
    parts = surface.hub.parts
    return gap_notice(parts.new_id(), parts.own_name, asked, page, rfc3339(parts.clock.now()))


async def _may_go_on(surface: Surface, session: Session) -> bool:
    if surface.tokens.now() >= session.expires:
        return False
    agency = await surface.directory.registered(session.agency)
    return agency is not None and "subscribe" in agency.scopes


def _patience(surface: Surface, session: Session, beat_at: float) -> float:
    """Return the seconds until something must be done without mail: a heartbeat, or the end of the token."""
    return max(0.0, min(beat_at - _now(), session.expires - surface.tokens.now()))


def _message(position: Position, line: bytes, *, named: bool) -> bytes:
    name = b"event: %b\n" % orjson.loads(line)["type"].encode() if named else b""
    return b"id: %b\n%bdata: %b\n\n" % (str(position).encode(), name, line)


def _heartbeat(position: Position) -> bytes:
    return b"id: %b\n\n" % str(position).encode()


def _now() -> float:
    return asyncio.get_running_loop().time()

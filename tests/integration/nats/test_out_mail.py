"""Mail into OUT: a few messages one by one, many in a batch; either way in order, and nothing on an old view."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from nats.aio.client import Client

from broker.nats.out_mail import FEW, JetStreamOut
from broker.nats.out_stream import StreamPlan, create
from broker.ports.records import Position
from broker.ports.relay import Fenced, Parcel, StreamUnavailable

POLICE, COUNCIL = "ANORTHMEREPOLICE", "AEASTVALECOUNCIL"
TYPE = "concordat.risk.changed.v1"
COUNTS = (1, FEW, FEW + 1, 200)
PLAN = StreamPlan()


def parcel(token: str, number: int) -> Parcel:
    """A message for a recipient, as the relay packs it."""
    position = Position(1, number)
    headers = {"Nats-Msg-Id": f"{token}-{number}", "Concordat-Sequence": str(position)}
    return Parcel(token.lower(), token, TYPE, position, headers, b"sealed")


def in_turn(count: int, after: int = 0) -> list[Parcel]:
    """So many messages, for the two in turn, numbered on after the first so many of them."""
    return [parcel((POLICE, COUNCIL)[place % 2], 1 + place // 2) for place in range(after, after + count)]


def on_a_stream(server, kit, story: Callable[[Client, JetStreamOut], Awaitable[None]], plan: StreamPlan = PLAN) -> None:
    async def play() -> None:
        client = await kit.connect(server)
        try:
            await create(client, plan, None)
            await story(client, JetStreamOut(client))
        finally:
            await client.close()

    asyncio.run(play())


async def lying(out: JetStreamOut, token: str) -> list[tuple[int, int]]:
    """Sequence and number of each message that lies there for a recipient."""
    found: list[tuple[int, int]] = []
    while message := await out.message({"seq": found[-1][0] + 1 if found else 1, "next_by_subj": f"out.{token}.>"}):
        found.append((message.sequence, message.position.number))
    return found


@pytest.mark.parametrize("count", COUNTS)
def test_each_lies_where_the_hub_was_told(server, kit, count):
    """Every recipient's messages in their order, without a gap, under the sequences that came back."""

    async def story(_: Client, out: JetStreamOut) -> None:
        ends: dict[str, int] = {}
        for after in (0, count):
            sent = in_turn(count, after)
            sequences = await out.store(sent, ends)
            ends |= {one.token: sequence for one, sequence in zip(sent, sequences, strict=True)}
        for token, last in ends.items():
            there = await lying(out, token)
            assert [number for _, number in there] == [
                one.position.number for one in in_turn(2 * count) if one.token == token
            ]
            assert there[-1][0] == last

    on_a_stream(server, kit, story)


@pytest.mark.parametrize("count", COUNTS)
def test_on_an_old_view_nothing_is_stored(server, kit, count):
    """Another replica has sent the police mail: of what this one sends them nothing comes between, not even the later
    ones; what it sends the council without a batch is in order, and the next look shows how far it came."""

    async def story(_: Client, out: JetStreamOut) -> None:
        await out.store([parcel(POLICE, 1)], {})
        with pytest.raises(Fenced):
            await out.store(in_turn(count), {})
        assert await lying(out, POLICE) == [(1, 1)]
        numbers = [number for _, number in await lying(out, COUNCIL)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert not numbers or count <= FEW

    on_a_stream(server, kit, story)


def test_what_lies_there_already_is_not_taken_for_stored_now(server, kit):
    """The same message again is a sign of an old view, though its fence be right."""

    async def story(_: Client, out: JetStreamOut) -> None:
        (sequence,) = await out.store([parcel(POLICE, 1)], {})
        with pytest.raises(Fenced):
            await out.store([parcel(POLICE, 1)], {POLICE: sequence})
        assert await lying(out, POLICE) == [(sequence, 1)]

    on_a_stream(server, kit, story)


@pytest.mark.parametrize("count", COUNTS)
def test_a_full_stream_leaves_no_gap(server, kit, count):
    """Mail waits in the database until there is room; what lies in the stream is the beginning of what was sent."""

    async def fill(out: JetStreamOut) -> None:
        ends: dict[str, int] = {}
        for after in range(0, 1_000_000, count):
            sent = in_turn(count, after)
            ends |= {one.token: at for one, at in zip(sent, await out.store(sent, ends), strict=True)}

    async def story(_: Client, out: JetStreamOut) -> None:
        with pytest.raises(StreamUnavailable):
            await fill(out)
        for token in (POLICE, COUNCIL):
            numbers = [number for _, number in await lying(out, token)]
            assert numbers == list(range(1, len(numbers) + 1))
            assert numbers

    on_a_stream(server, kit, story, replace(PLAN, max_bytes=60_000))


@pytest.mark.parametrize("count", [1, FEW, FEW + 1])
def test_without_a_server_nothing_is_said_to_be_stored(server, kit, count):
    """The relay hears of it, and looks again where the stream stands."""

    async def story(client: Client, out: JetStreamOut) -> None:
        await client.close()
        with pytest.raises(StreamUnavailable):
            await out.store(in_turn(count), {})

    on_a_stream(server, kit, story)

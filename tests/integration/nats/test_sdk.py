"""An agency's system on NATS, by the SDK, against a real hub with its own nats-server: nothing lost, nothing twice."""

import asyncio
import gc
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.sdk import AccessRefused, Credentials, EncryptionKey, Message, Problem, Sender
from adapters.sdk.nats_client import NatsClient, NatsPlace
from broker.cli.local import existing
from broker.flows.channel_keys import erase
from tests.agencies_on_nats import QUICK, House, delivered, running, system, until

HOME, POLICE = "harbour-house", "northmere-police"
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "connect-over-nats.md"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A running hub with the invented partnership."""
    one = House(tmp_path / "state")
    one.start()
    yield one
    one.stop()
    gc.collect()  # sockets of connections that broke are left to the collector by the NATS library


def test_told_over_nats_and_delivered_by_the_ack(house, kit):
    """A home reports over NATS by its outbox; the police open what they get, and it shows as delivered."""

    async def story() -> None:
        async with system(house, HOME) as home, system(house, POLICE) as police:
            event = kit.opening()
            home.outbox.put(event, "our-1")
            async with running(Sender(home.outbox, home.nats, QUICK).run(), police.work()) as tasks:
                outcome = await home.outbox.outcome_of(event["id"])
                assert outcome.receipt is not None
                assert {one.agency for one in outcome.receipt.told} >= {POLICE}
                await until(lambda: bool(police.handled), "the message", *tasks)
                (message,) = police.handled
                assert message.type == event["type"]
                assert message.data["child"]["name"] == "Robin Quillfeather"
                assert message.position is not None
                await delivered(police, message)
            again = await home.nats.publish(event, once=True)
            assert again == outcome.receipt

    asyncio.run(story())


def test_a_refusal_is_the_hubs_own_problem(house, kit):
    """An event against its contract is refused over NATS in the words of HTTP, and the outbox keeps the reason."""

    async def story() -> None:
        async with system(house, HOME) as home:
            wrong = kit.opening(data={"risk": {"level": "no such level"}})
            before = json.dumps(wrong)
            home.outbox.put(wrong)
            async with running(Sender(home.outbox, home.nats, QUICK).run()):
                outcome = await home.outbox.outcome_of(wrong["id"])
            assert outcome.refusal is not None
            assert outcome.refusal["status"] == 422
            assert outcome.refusal["errors"]
            assert json.dumps(wrong) == before

    asyncio.run(story())


def test_the_nats_server_is_killed_while_events_go_both_ways(house, kit):
    """nats-server dies by kill -9 three times amid traffic: every event has its receipt, every message comes once."""

    async def story() -> None:
        async with system(house, HOME) as home, system(house, POLICE) as police:
            events = [kit.opening() for _ in range(24)]
            async with running(Sender(home.outbox, home.nats, QUICK).run(), police.work()) as tasks:
                for number, event in enumerate(events):
                    home.outbox.put(event)
                    if number % 8 == 4:
                        await until(lambda n=number: len(police.handled) > n // 2, "half of it", *tasks)
                        await house.kill_nats()
                await until(lambda: not home.outbox.waiting(), "all receipts", *tasks)
                await until(lambda: len(police.handled) >= len(events), "all messages", *tasks)
                # One more, after everything that could have come twice.
                last = kit.opening()
                home.outbox.put(last)
                await until(lambda: any(one.subject == last["subject"] for one in police.handled), "the last", *tasks)
            assert len(police.ids()) == len(set(police.ids())) == len(events) + 1
            numbers = sorted(one.position.number for one in police.handled if one.position)
            assert numbers == list(range(1, len(events) + 2))
            assert all(home.outbox.outcome(one["id"]).receipt for one in events)

    asyncio.run(story())


def test_the_hub_is_killed_and_started_again(house, kit):
    """The hub dies with its nats-server; what was put into the outbox meanwhile is told when it is back, once."""

    async def story() -> None:
        async with system(house, HOME) as home, system(house, POLICE) as police:
            async with running(Sender(home.outbox, home.nats, QUICK).run(), police.work()) as tasks:
                home.outbox.put(kit.opening())
                await until(lambda: len(police.handled) == 1, "the first", *tasks)
                await asyncio.to_thread(house.stop, signal.SIGKILL)
                meanwhile = [kit.opening() for _ in range(3)]
                for event in meanwhile:
                    home.outbox.put(event)
                await asyncio.to_thread(house.start)
                await until(lambda: len(police.handled) == 4, "the rest", *tasks)
                # The police can have the last one before the home has its receipt.
                await until(lambda: not home.outbox.waiting(), "all receipts", *tasks)
            assert len(set(police.ids())) == 4

    asyncio.run(story())


def test_a_message_in_hand_when_the_system_dies_comes_again(house, kit):
    """A system that ends before it is done with a message gets it again; what it was done with it never gets again."""

    async def story() -> None:
        async with system(house, HOME) as home, system(house, POLICE) as police:
            for _ in range(2):
                await home.nats.publish(kit.opening())
            await police.work(until=lambda: len(police.handled) == 2)
            first, in_hand = police.handled
        async with system(house, POLICE) as police:
            async with running(police.work()) as tasks:
                await until(lambda: bool(police.handled), "the message in hand", *tasks)
                await delivered(police, in_hand)
            assert police.ids() == [in_hand.id]
            assert first.id != in_hand.id

    asyncio.run(story())


def test_an_agency_that_is_turned_away_hears_of_it_and_comes_back_with_new_credentials(house, kit):
    """After a rotation the old credentials let nobody in, which is said and not waited out; the new ones, in the same
    file, are used without a restart.
    """

    async def story() -> None:
        async with system(house, HOME) as home, system(house, POLICE) as police:
            await home.nats.publish(kit.opening())
            async with running(police.work()) as tasks:
                await until(lambda: len(police.handled) == 1, "the first", *tasks)
                registered = house.keys(POLICE)
                other = Credentials.generate(POLICE)
                house.change(POLICE, keys=(other.public_jwk(), *registered[1:]))
                async with asyncio.timeout(30):
                    with pytest.raises(AccessRefused):
                        await police.work(refused_for=0)
                house.credentials(POLICE)
                await home.nats.publish(kit.opening())
                # The key for HTTP is another now too; the channel key is known already.
                await until(lambda: len(set(police.ids())) == 2, "the second", *tasks)
            assert len(police.ids()) == 2

    asyncio.run(story())


def test_a_subject_that_is_denied_is_no_silence(house, kit):
    """Whoever publishes as another agency is refused at once, not left to wait for a reply that never comes."""

    async def story() -> None:
        async with system(house, HOME) as home:
            place = NatsPlace((f"nats://127.0.0.1:{house.nats_port}",), house.credentials(HOME))
            async with NatsClient(POLICE, place, answer_seconds=60) as disguised:
                async with asyncio.timeout(10):
                    with pytest.raises(AccessRefused):
                        await disguised.publish(kit.opening(), once=True)
                async with asyncio.timeout(10):
                    with pytest.raises(AccessRefused):
                        await anext(aiter(disguised.mailbox(home.bookmark, home.keys)))

    asyncio.run(story())


def test_what_cannot_be_opened_is_said_and_never_acked(house, kit):
    """With the channel key erased, the police's system says so, hands over what follows, and confirms nothing."""

    async def story() -> None:
        async with system(house, HOME) as home, system(house, POLICE) as police:
            lost = await home.nats.publish(kit.opening())
            await until(lambda: bool(_channel_keys(house)), "a channel key")
            (key,) = _channel_keys(house)
            with existing(house.state) as built:
                erase(built.store, built.hub.parts, key)
            read = await home.nats.publish(kit.opening())
            async with running(police.work()) as tasks:
                await until(lambda: bool(police.handled) and bool(police.unreadable), "both", *tasks)
                await delivered(police, police.handled[0])
            assert [one.subject for one in police.handled] == [read.subject]
            assert [one for one, _ in police.unreadable] == [_told(lost, POLICE)]
            assert "erased" in str(police.unreadable[0][1]) or "no more" in str(police.unreadable[0][1])
            rows = [row async for row in police.hub.told(str(lost.episode))]
            assert [row["delivered_at"] for row in rows if row["agency"] == POLICE] == [None]

    asyncio.run(story())


def test_a_notice_comes_without_data(house, kit):
    """An agency that wants ids and types only gets them in the clear, and needs no key."""

    async def story() -> None:
        house.change(POLICE, nats_content="notice")
        async with system(house, HOME) as home, system(house, POLICE) as police:
            await home.nats.publish(kit.opening())
            async with running(police.work()) as tasks:
                await until(lambda: bool(police.handled), "the notice", *tasks)
            (notice,) = police.handled
            assert notice.data == {}
            assert "Quillfeather" not in json.dumps(notice.event)
            page = await police.hub.inbox()
            assert [one.id for one in page.items] == [notice.id]

    asyncio.run(story())


def test_without_an_encryption_key_the_hub_says_what_to_do(house, kit):
    """A system whose agency has registered no encryption key is told so, instead of running and showing nothing."""

    async def story() -> None:
        house.change(POLICE, keys=house.keys(POLICE)[:1])
        async with system(house, HOME) as home, system(house, POLICE) as police:
            await home.nats.publish(kit.opening())
            with pytest.raises(Problem) as refused:
                async with asyncio.timeout(30):
                    await police.work()
            assert refused.value.slug == "no-encryption-key"
            assert police.handled == []

    asyncio.run(story())


def test_the_pages_code_does_what_the_page_says(house, kit, tmp_path):
    """A developer who copies the page makes a key, has it registered, publishes, and is handed what it is told."""
    page: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, page)  # noqa: S102 (our own page)
    public = page["make_encryption_key"](tmp_path / "enc.jwk")
    house.change(POLICE, keys=(*house.keys(POLICE)[:1], public))
    own = EncryptionKey.load(tmp_path / "enc.jwk")

    async def story() -> None:
        async with system(house, HOME) as home, system(house, POLICE) as police:
            arrived: list[Message] = []
            servers, creds = (f"nats://127.0.0.1:{house.nats_port}",), house.credentials(POLICE)
            taking_part = page["take_part"](police.hub, servers, creds, own, tmp_path / "page", arrived.append)
            async with running(taking_part) as tasks:
                await home.nats.publish(kit.opening())
                await until(lambda: bool(arrived), "the message", *tasks)
                await delivered(police, arrived[0])

    asyncio.run(story())


def _channel_keys(house: House) -> list[Any]:
    with existing(house.state) as built, built.store.reading() as view:
        return [one for one in view.channel_keys() if one.agency == POLICE]


def _told(receipt: Any, agency: str) -> str:
    return next(one.disclosure_id for one in receipt.told if one.agency == agency)

"""What is told reaches the agency's endpoint: once it is there, it is on record; until then it is tried again."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from broker.delivery.schedule import MOST_ATTEMPTS, Outcome
from broker.delivery.subscription import Content, Order, Subscription
from broker.flows import endpoints
from broker.flows.ending import end
from broker.ports.webhooks import SwitchedOff

OPENED, LOCATED = "concordat.episode.opened.v1", "concordat.child.located.v1"
FIVE_SECONDS, FIVE_MINUTES = timedelta(seconds=5), timedelta(minutes=5)


def test_a_message_arrives_signed_and_is_on_record(play):
    """The police's system gets the event once, verifies both signatures with others' code, and the matrix says so."""

    async def story(station):
        async with station.receiver() as desk:
            endpoint = station.endpoint(desk.url())
            episode = await station.tell()
            await station.dispatcher.work_off()
            await station.dispatcher.work_off()
            (got,) = desk.got
            assert got.id == got.event["id"] == station.mail()[-1]
            assert got.event["type"] == OPENED
            assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
            assert got.headers["host"] == f"desk.example:{desk.port}"
            # The library compares with the machine's time, which is what the hub signs with.
            assert Webhook(endpoint.keys.secret_text).verify(got.body.decode(), got.headers) == got.event
            (v1a,) = [one[4:] for one in got.headers["webhook-signature"].split(" ") if one.startswith("v1a,")]
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(endpoint.keys.public_text.removeprefix("whpk_")))
            signed = f"{got.id}.{got.headers['webhook-timestamp']}.".encode() + got.body
            key.verify(base64.b64decode(v1a), signed)
            (attempt,) = station.attempts(endpoint)
            assert (attempt.outcome, attempt.status, attempt.message) == (Outcome.DELIVERED, 200, got.id)
            assert station.told(episode) == {OPENED: station.clock.now()}

    play(story)


def test_commits_wake_nobody_where_there_is_no_endpoint(play):
    """A hub without webhooks does not ask the database at every report; the first endpoint is found a moment later."""

    async def story(station):
        dispatcher, looks, looked = station.another_dispatcher(poll=3.0), [], asyncio.Event()
        read, clock = dispatcher.read, asyncio.get_running_loop().time

        async def counting(look):
            found = await read(look)
            looks.append(look)
            looked.set()
            return found

        dispatcher.read = counting
        working = asyncio.create_task(dispatcher.run())
        try:
            async with station.receiver() as desk:
                await looked.wait()
                until = clock() + 0.5
                while clock() < until:
                    await station.tell()
                assert len(looks) == 1
                station.endpoint(desk.url())
                await station.tell()
                while not desk.got:  # noqa: ASYNC110 (the desk's server fills it)
                    await asyncio.sleep(0.01)
                # And now each commit is looked at.
                asked = clock()
                await station.tell()
                while len(desk.got) < 2:  # noqa: ASYNC110 (likewise)
                    await asyncio.sleep(0.01)
                assert clock() - asked < 2
        finally:
            await end(working)

    play(story)


def test_only_what_was_asked_for_is_sent_from_the_moment_it_was_asked_for(play):
    """An endpoint gets the types that it named, and nothing from before it was made."""

    async def story(station):
        async with station.receiver() as desk:
            earlier = await station.tell()
            station.endpoint(desk.url(), Subscription(types=("concordat.child.*",)))
            await station.tell()
            await station.tell(earlier, LOCATED)
            await station.dispatcher.work_off()
            assert [one.event["type"] for one in desk.got] == [LOCATED]

    play(story)


def test_a_notice_says_that_there_is_something_and_no_more(play):
    """With `content: notice` ids and type leave the hub, no data and not who published."""

    async def story(station):
        async with station.receiver() as desk:
            station.endpoint(desk.url(), Subscription(content=Content.NOTICE))
            episode = await station.tell()
            await station.dispatcher.work_off()
            (got,) = desk.got
            assert got.event == {
                "specversion": "1.0",
                "id": got.id,
                "type": OPENED,
                "subject": f"episode/{episode}",
                "concordatsequence": "1.1",
                "source": "//hub.northmere.example/hub",
            }
            assert station.told(episode) == {OPENED: station.clock.now()}

    play(story)


def test_what_fails_is_tried_for_three_days_and_then_kept(play):
    """An endpoint that answers 500 is asked by the standard's schedule, is given up after 75 hours, and can be asked
    for what it missed."""

    async def story(station):
        async with station.receiver(station.status(500)) as desk:
            endpoint = station.endpoint(desk.url())
            episode = await station.tell()
            began = station.clock.now()
            await station.dispatcher.work_off()
            for pause in (FIVE_SECONDS, FIVE_MINUTES, timedelta(minutes=30), *map(_hours, (2, 5, 10, 14, 20, 24))):
                await station.later(pause - timedelta(seconds=1))
                before = len(desk.got)
                await station.later(timedelta(seconds=1))
                assert len(desk.got) == before + 1
            assert station.clock.now() - began >= timedelta(hours=75)
            assert len(desk.got) == MOST_ATTEMPTS
            await station.later(timedelta(days=10))
            assert len(desk.got) == MOST_ATTEMPTS
            assert len(set(desk.ids())) == 1
            assert station.told(episode) == {OPENED: None}
            assert station.see(endpoint).failing_since == began
            desk.answer = None
            with station.hub.store.writing() as unit:
                endpoints.recover(unit, endpoint.agency, endpoint.id, endpoint.cursor, station.hub.parts)
            await station.dispatcher.work_off()
            assert len(set(desk.ids())) == 1
            assert station.told(episode) == {OPENED: station.clock.now()}
            assert station.see(endpoint).failing_since is None

    play(story)


def _hours(count: int) -> timedelta:
    return timedelta(hours=count)


def test_one_rejected_event_never_holds_back_child_located(play):
    """Within an episode messages wait for each other, until the one in front has failed three times."""

    async def story(station):
        async with station.receiver(station.refusing(OPENED)) as desk:
            endpoint = station.endpoint(desk.url())
            episode = await station.tell()
            await station.tell(episode, LOCATED)
            other = await station.tell(event_type=OPENED)
            await station.dispatcher.work_off()
            assert {one.event["subject"] for one in desk.got} == {f"episode/{episode}", f"episode/{other}"}
            assert LOCATED not in [one.event["type"] for one in desk.got]
            await station.later(FIVE_SECONDS)
            assert LOCATED not in [one.event["type"] for one in desk.got]
            await station.later(FIVE_MINUTES)
            assert LOCATED in [one.event["type"] for one in desk.got]
            assert station.told(episode) == {OPENED: None, LOCATED: station.clock.now()}
            # What was stepped over is still tried.
            desk.answer = None
            await station.later(timedelta(minutes=30))
            assert None not in station.told(episode).values()
            assert [one.outcome for one in station.attempts(endpoint)].count(Outcome.DELIVERED) == 3

    play(story)


def test_messages_about_one_child_arrive_in_order(play):
    """Ten messages of one episode come one after the other in their order, though the endpoint takes four at once."""

    async def story(station):
        async with station.receiver() as desk:
            station.endpoint(desk.url())
            episode = await station.tell()
            for _ in range(9):
                await station.tell(episode, LOCATED)
            await station.dispatcher.work_off()
            assert desk.ids() == station.mail()

    play(story)


def test_an_endpoint_may_do_without_order(play):
    """With `order: none` a rejected message keeps nothing waiting, not for a second."""

    async def story(station):
        async with station.receiver(station.refusing(OPENED)) as desk:
            station.endpoint(desk.url(), Subscription(order=Order.NONE))
            episode = await station.tell()
            await station.tell(episode, LOCATED)
            await station.dispatcher.work_off()
            assert LOCATED in [one.event["type"] for one in desk.got]

    play(story)


def test_gone_switches_the_endpoint_off_and_loses_nothing(play):
    """After 410 nothing more is sent; the agency can see why; switched on again, it gets all that it missed."""

    async def story(station):
        async with station.receiver(station.status(410)) as desk:
            endpoint = station.endpoint(desk.url())
            episode = await station.tell()
            await station.dispatcher.work_off()
            seen = station.see(endpoint)
            assert (seen.switched_off, seen.switched_off_at) == (SwitchedOff.GONE, station.clock.now())
            await station.tell(episode, LOCATED)
            await station.later(timedelta(days=2))
            assert len(desk.got) == 1
            desk.answer = None
            station.change(endpoint, endpoints.Change(enabled=True))
            await station.dispatcher.work_off()
            assert desk.ids()[1:] == station.mail()

    play(story)


def test_what_comes_while_an_endpoint_is_off_is_sent_when_it_is_on(play):
    """An agency that pauses its endpoint misses nothing."""

    async def story(station):
        async with station.receiver() as desk:
            endpoint = station.endpoint(desk.url())
            station.change(endpoint, endpoints.Change(enabled=False))
            await station.tell()
            await station.later(timedelta(days=3))
            assert desk.got == []
            station.change(endpoint, endpoints.Change(enabled=True))
            await station.dispatcher.work_off()
            assert desk.ids() == station.mail()

    play(story)


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        ("redirect", Outcome.REDIRECTED, 302),
        ("hang", Outcome.TIMED_OUT, None),
        ("drip", Outcome.TIMED_OUT, None),
        ("flood", Outcome.DELIVERED, 200),
        ("reset", Outcome.NOT_CONNECTED, None),
        ("garbage", Outcome.NOT_CONNECTED, None),
        ("teapot", Outcome.REFUSED, 418),
    ],
)
def test_whatever_an_endpoint_does_ends_and_is_named(play, answer, outcome, code):
    """Redirects, silence, answers by the letter, bodies without end: each ends in time, under its name."""

    async def reset(_received, writer):
        writer.transport.abort()

    async def garbage(_received, writer):
        writer.write(b"SSH-2.0-nothing\r\n\r\n")

    async def story(station):
        async with station.receiver() as elsewhere:
            answers = {
                "redirect": station.status(302, f"location: {elsewhere.url()}"),
                "hang": station.hang,
                "drip": station.drip,
                "flood": station.flood,
                "reset": reset,
                "garbage": garbage,
                "teapot": station.status(418, body=b"short and stout"),
            }
            async with station.receiver(answers[answer]) as desk:
                sender = station.sender_with(timeout=0.5)
                got = await sender.post(desk.url(), {"webhook-id": "x"}, b"{}")
                assert (got.outcome, got.status) == (outcome, code)
                assert len(desk.got) == 1
            assert elsewhere.got == []

    play(story)


def test_a_dead_endpoint_never_slows_another(play):
    """While one agency's endpoint hangs on every request, another's gets everything at once."""

    async def story(station):
        async with station.receiver(station.hang) as dead, station.receiver() as alive:
            for _ in range(3):
                station.endpoint(dead.url())
            station.endpoint(alive.url())
            for _ in range(5):
                await station.tell()
            working = asyncio.create_task(station.dispatcher.run())
            while len(alive.got) < 5:
                alive.arrived.clear()
                await asyncio.wait_for(alive.arrived.wait(), 4)
            episode = await station.tell()
            while len(alive.got) < 6:
                alive.arrived.clear()
                await asyncio.wait_for(alive.arrived.wait(), 4)
            assert alive.got[-1].event["subject"] == f"episode/{episode}"
            # Each dead one has been asked for no more than a few at once.
            assert 3 <= len(dead.got) <= 12
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    play(story)


def test_an_agency_that_is_revoked_is_sent_nothing(play):
    """A force that has left the partnership gets no more mail, whatever is still queued."""

    async def story(station):
        async with station.receiver() as desk:
            station.endpoint(desk.url())
            await station.tell()
            with station.hub.store.writing() as unit:
                (police,) = [one for one in unit.agencies() if one.id == "northmere-police"]
                unit.put_agency(type(police)(**{**vars(police), "active": False}))
            await station.dispatcher.work_off()
            assert desk.got == []

    play(story)


def test_an_erased_message_arrives_as_its_tombstone(play):
    """What was erased before it could be sent is not sent: its number comes, under its id, without content."""

    async def story(station):
        async with station.receiver(station.status(500)) as desk:
            station.endpoint(desk.url())
            await station.tell()
            await station.dispatcher.work_off()
            (disclosure,) = station.mail()
            with station.hub.store.reading() as view:
                scope = view.mail_of(disclosure).scope
            station.hub.parts.vault.erase(scope)
            desk.answer = None
            await station.later(FIVE_SECONDS)
            assert b"Canary" in desk.got[0].body
            assert desk.got[1].event["type"] == "concordat.mailbox.erased.v1"
            assert desk.got[1].id == desk.got[0].id == disclosure
            assert b"Canary" not in desk.got[1].body

    play(story)


def test_nothing_of_a_child_is_kept_of_an_attempt_or_logged(play, capfd, caplog, tmp_path):
    """A name stands in the message and nowhere else: not in attempts, logs, or the database's own bytes."""
    caplog.set_level("DEBUG")

    async def story(station):
        hook = "/hook?key=Canary-Password"
        async with station.receiver(station.status(500, body=b"Canary-Answer")) as desk:
            endpoint = station.endpoint(desk.url(hook))
            await station.tell()
            await station.dispatcher.work_off()
            desk.answer = station.status(200, body=b"Canary-Answer")
            await station.later(FIVE_SECONDS)
            assert b"Canary-Quillfeather" in desk.got[-1].body
            assert "Canary" not in repr(station.attempts(endpoint)) + repr(endpoint)
            kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
            assert b"Canary" not in kept
            assert endpoint.keys.secret not in kept
            assert base64.b64encode(endpoint.keys.secret) not in kept

    play(story)
    said = capfd.readouterr()
    assert "Canary" not in said.out + said.err
    assert "Canary-Quillfeather" not in caplog.text


def test_time_is_the_hubs_for_the_schedule_and_the_machines_for_the_signature(play):
    """A receiver compares a signature's time with its own clock, whatever the hub's deadlines run by."""

    async def story(station):
        async with station.receiver() as desk:
            station.endpoint(desk.url())
            await station.tell()
            await station.dispatcher.work_off()
            signed_at = datetime.fromtimestamp(int(desk.got[0].headers["webhook-timestamp"]), UTC)
            assert abs(datetime.now(UTC) - signed_at) < timedelta(minutes=1)
            assert orjson.loads(desk.got[0].body)["time"].startswith("2026-11-22T21:40")

    play(story)

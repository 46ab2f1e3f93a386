"""Keys change, messages are sent again, replicas stop and take over: always the same message under the same id."""

import asyncio
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from broker.delivery.schedule import Outcome
from broker.flows import endpoints
from broker.ports.records import Position
from broker.ports.store import StoreUnavailable

LOCATED = "concordat.child.located.v1"


def _change(station, work):
    with station.hub.store.writing() as unit:
        return work(unit)


def _verifies(secret, got):
    try:
        Webhook(secret).verify(got.body.decode(), got.headers)
    except WebhookVerificationError:
        return False
    return True


def test_during_a_rotation_both_secrets_hold_and_afterwards_one(play):
    """An agency changes its secret without missing a message: for a day old and new verify, then only the new."""

    async def story(station):
        async with station.receiver() as desk:
            endpoint, parts = station.endpoint(desk.url()), station.hub.parts
            old = endpoint.keys.secret_text
            rotated = _change(station, lambda unit: endpoints.rotate(unit, endpoint.agency, endpoint.id, parts))
            new = rotated.keys.secret_text
            await station.tell()
            await station.dispatcher.work_off()
            assert [one[:3] for one in desk.got[0].headers["webhook-signature"].split(" ")] == ["v1,", "v1a"] * 2
            assert _verifies(old, desk.got[0])
            assert _verifies(new, desk.got[0])
            await station.later(endpoints.ROTATION)
            await station.tell()
            await station.dispatcher.work_off()
            assert _verifies(new, desk.got[1])
            assert not _verifies(old, desk.got[1])
            # Rotating twice ends what has leaked at once.
            for _ in range(2):
                _change(station, lambda unit: endpoints.rotate(unit, endpoint.agency, endpoint.id, parts))
            await station.tell()
            await station.dispatcher.work_off()
            assert not _verifies(new, desk.got[2])

    play(story)


def test_a_message_is_sent_again_when_the_agency_asks(play):
    """Resending gives the same message under the same id, and is on record as one more attempt."""

    async def story(station):
        async with station.receiver() as desk:
            endpoint, parts = station.endpoint(desk.url()), station.hub.parts
            episode = await station.tell()
            await station.dispatcher.work_off()
            arrived_at = station.clock.now()
            (attempt,) = station.attempts(endpoint)
            station.clock.advance(timedelta(hours=1))
            _change(station, lambda unit: endpoints.resend(unit, endpoint.agency, endpoint.id, attempt.id, parts))
            await station.dispatcher.work_off()
            assert desk.got[0].body == desk.got[1].body
            assert desk.got[0].id == desk.got[1].id
            assert len(station.attempts(endpoint)) == 2
            assert set(station.told(episode).values()) == {arrived_at}

    play(story)


def test_recovery_sends_what_has_not_arrived_and_nothing_else(play):
    """After an outage the agency asks from its last position: in order, once, also what was there before it came."""

    async def story(station):
        async with station.receiver() as desk:
            episode = await station.tell()
            endpoint, parts = station.endpoint(desk.url()), station.hub.parts
            await station.tell(episode, LOCATED)
            await station.dispatcher.work_off()
            desk.answer = station.status(503)
            await station.tell(episode, LOCATED)
            await station.tell(episode, LOCATED)
            await station.dispatcher.work_off()
            for _ in range(12):
                await station.later(timedelta(days=1, hours=3))
            desk.answer, desk.got = None, []
            await station.later(timedelta(days=5))
            assert desk.got == []
            _change(
                station,
                lambda unit: endpoints.recover(unit, endpoint.agency, endpoint.id, Position(1, 0), parts),
            )
            await station.dispatcher.work_off()
            first, _, third, fourth = station.mail()
            assert sorted(desk.ids()) == sorted([first, third, fourth])
            assert desk.ids().index(third) < desk.ids().index(fourth)
            await station.dispatcher.work_off()
            assert len(desk.got) == 3

    play(story)


def test_a_position_of_another_life_counts_as_the_first_kept(play):
    """A recovery from a generation that is no more, or from beyond what was sent, begins where the mailbox does."""

    async def story(station):
        endpoint = station.endpoint("https://desk.example/hook")
        await station.tell()
        for asked in (Position(7, 3), Position(1, 99), Position(0, 1)):
            start = _change(
                station,
                lambda unit, asked=asked: endpoints.recover(
                    unit, endpoint.agency, endpoint.id, asked, station.hub.parts
                ),
            )
            assert start == Position(1, 0)

    play(story)


def test_nobody_touches_anothers_endpoint(play):
    """Of another agency's endpoint a council learns and changes nothing, not even that it exists."""

    async def story(station):
        async with station.receiver() as desk:
            endpoint, parts = station.endpoint(desk.url()), station.hub.parts
            await station.tell()
            await station.dispatcher.work_off()
            (attempt,) = station.attempts(endpoint)
            council, before = "eastvale-council", station.see(endpoint)
            for work in (
                lambda unit: endpoints.own_endpoint(unit, council, endpoint.id),
                lambda unit: endpoints.change(
                    unit, council, endpoint.id, endpoints.Change(enabled=False), parts, station.hub.outgoing
                ),
                lambda unit: endpoints.remove(unit, council, endpoint.id),
                lambda unit: endpoints.rotate(unit, council, endpoint.id, parts),
                lambda unit: endpoints.resend(unit, council, endpoint.id, attempt.id, parts),
                lambda unit: endpoints.recover(unit, council, endpoint.id, Position(1, 0), parts),
                lambda unit: endpoints.attempts(unit, council, endpoint.id, None, 10),
            ):
                with pytest.raises(endpoints.NoSuchEndpoint):
                    _change(station, work)
            assert station.see(endpoint) == before
            await station.dispatcher.work_off()
            assert len(desk.got) == 1

    play(story)


def test_a_removed_endpoint_is_forgotten_with_all_that_was_its(play):
    """Removing an endpoint ends its messages, also those under way, and leaves no row of it."""

    async def story(station):
        async with station.receiver(station.status(500)) as desk:
            endpoint = station.endpoint(desk.url())
            await station.tell()
            await station.dispatcher.work_off()
            _change(station, lambda unit: endpoints.remove(unit, endpoint.agency, endpoint.id))
            await station.later(timedelta(days=1))
            assert len(desk.got) == 1
            with station.hub.store.reading() as view:
                assert view.endpoint(endpoint.id) is None
                assert view.attempts(endpoint.id, None, 10) == ()
                assert view.queued(endpoint.id, Position(1, 1)) is None
            assert len(station.mail()) == 1

    play(story)


def test_a_replica_that_dies_in_the_middle_of_an_attempt_is_taken_over_from(play):
    """A dispatcher is killed while the endpoint holds its request: after the lease another sends it, same id, once."""

    async def story(station):
        async with station.receiver(station.hang) as desk:
            endpoint = station.endpoint(desk.url())
            episode = await station.tell()
            doomed = station.another_dispatcher(poll=0.05, lease=15.0)
            await doomed.look()
            await asyncio.wait_for(desk.arrived.wait(), 5)
            # Killed: nothing is cleaned up, no lease is given back.
            tasks = [task for _, task in doomed._workers.values()]
            doomed._hub = doomed._settling = doomed._courier = None
            desk.answer = None
            await station.dispatcher.work_off()
            assert len(desk.got) == 1, "the lease of the other still holds"
            await station.later(timedelta(seconds=16))
            assert len(desk.got) == 2
            assert len(set(desk.ids())) == 1
            assert set(station.told(episode).values()) == {station.clock.now()}
            assert [one.outcome for one in station.attempts(endpoint)] == [Outcome.DELIVERED]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    play(story)


def test_two_replicas_do_not_send_the_same(play):
    """Two replicas on one database share the endpoints between them: every message goes once."""

    async def story(station):
        async with station.receiver() as desk:
            for _ in range(3):
                station.endpoint(desk.url())
            other = station.another_dispatcher(poll=0.05)
            for _ in range(4):
                await station.tell()
            await asyncio.gather(station.dispatcher.work_off(), other.work_off())
            await other.stop()
            assert sorted(desk.ids()) == sorted(3 * station.mail())

    play(story)


def test_an_answer_that_could_not_be_recorded_is_sent_again_but_not_at_once(play):
    """When the database takes nothing, an endpoint is not sent the same message every second; later it is recorded."""

    async def story(station):
        async with station.receiver() as desk:
            endpoint = station.endpoint(desk.url())
            episode = await station.tell()
            real = station.dispatcher._settling._store

            class Full:
                def writing(self):
                    raise StoreUnavailable("the disk is full")

            station.dispatcher._settling._store = Full()
            await station.dispatcher.work_off()
            await station.dispatcher.work_off()
            assert len(desk.got) == 1
            assert station.attempts(endpoint) == []
            station.dispatcher._settling._store = real
            station.dispatcher._resting.clear()
            await station.dispatcher.work_off()
            assert len(desk.got) == 2
            assert len(set(desk.ids())) == 1
            assert None not in station.told(episode).values()

    play(story)

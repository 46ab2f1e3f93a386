"""What really arrives at an endpoint is what the AsyncAPI document says."""

from broker.delivery.subscription import Content, Subscription
from broker.flows.webhook import Courier
from tests.asyncapi import faults

OPENED = "concordat.episode.opened.v1"


def test_full_messages_notices_and_tests_are_as_described(play):
    """A developer who made a receiver from the document alone understands all that comes, headers too."""

    async def story(station):
        async with station.receiver() as desk:
            full = station.endpoint(desk.url())
            station.endpoint(desk.url("/notice"), Subscription(content=Content.NOTICE))
            await station.tell()
            await station.dispatcher.work_off()
            assert len(desk.got) == 2
            for one in desk.got:
                name = f"webhook.{OPENED}" if "data" in one.event else "webhook.notice"
                assert faults(name, one.event, one.headers) == []
            assert {"data" in one.event for one in desk.got} == {True, False}
            await Courier(station.hub.parts, station.hub.outgoing).test(full)
            tested = desk.got[-1]
            assert faults("webhook.concordat.endpoint.tested.v1", tested.event, tested.headers) == []

    play(story)

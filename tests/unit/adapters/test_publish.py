"""Publishing: a report leaves once, is repeated safely, and a refusal says what to do without repeating a word."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from adapters.sdk import (
    AccessRefused,
    Backoff,
    Credentials,
    HubClient,
    Problem,
    UnexpectedAnswer,
    Unreachable,
    compose,
    new_id,
)
from adapters.sdk.testing import Fault, InMemoryHub, Refusal
from contracts.parse import InvalidEvent

CANARY = "Wren Canary"
Play = Callable[..., Any]


def test_a_report_is_answered_with_a_receipt(hub: InMemoryHub, as_home: Play, report: Play) -> None:
    """A home reports a child missing and holds the hub's receipt for exactly that event."""
    event = report()

    receipt = as_home(lambda client: client.publish(event))

    assert receipt.event_id == event["id"]
    assert [publication.event for publication in hub.published] == [event]


def test_an_answer_lost_on_the_way_does_not_report_the_child_twice(
    hub: InMemoryHub, as_home: Play, report: Play
) -> None:
    """The hub accepted the report but the line broke: the same report again gives the same receipt."""
    hub.faults.append(Fault("/v1/events", after_it_was_done=True))

    receipt = as_home(lambda client: client.publish(report()))

    assert len(hub.published) == 1
    assert receipt == hub.published[0].receipt


def test_a_hub_that_asks_to_wait_is_not_asked_earlier(hub: InMemoryHub, as_home: Play, report: Play) -> None:
    """A 503 with Retry-After is honoured to the second, then the report goes through."""
    hub.faults.append(Fault("/v1/events", Refusal(503, "overloaded", retry_after="7").response()))

    as_home(lambda client: client.publish(report()))

    assert hub.clock.waits == [7.0]
    assert len(hub.published) == 1


def test_a_retry_after_given_as_a_date_is_understood(hub: InMemoryHub, as_home: Play, report: Play) -> None:
    """RFC 9110 lets the hub name a time instead of seconds."""
    busy = Refusal(429, "too-many", retry_after="Sun, 22 Nov 2026 21:40:12 GMT").response()
    hub.faults.append(Fault("/v1/events", busy))

    as_home(lambda client: client.publish(report()))

    assert hub.clock.waits == [12.0]


def test_a_silent_hub_is_given_up_after_a_few_attempts(hub: InMemoryHub, as_home: Play, report: Play) -> None:
    """A caller that waits for an answer gets an error it can act on, not an endless wait."""
    hub.faults.extend([Fault("/v1/events")] * 4)

    with pytest.raises(Unreachable):
        as_home(lambda client: client.publish(report()))

    assert len(hub.clock.waits) == 3
    assert hub.published == []


def test_an_event_against_its_contract_does_not_leave_the_agency() -> None:
    """A misspelt member is found before anything is sent, and the error names the place but not the value."""
    with pytest.raises(InvalidEvent) as caught:
        compose(
            "harbour-house",
            "concordat.episode.opened.v1",
            {"child": {"nmae": CANARY}},
            time=datetime(2026, 11, 22, tzinfo=UTC),
            subject=f"episode/{new_id()}",
        )

    assert caught.value.faults[0].pointer == "/data/child"
    assert CANARY not in f"{caught.value} {caught.value.faults}"


def test_a_refusal_names_the_place_and_not_the_child(as_home: Play, report: Play) -> None:
    """What goes into a log when the hub refuses an event holds none of the event."""
    event = report(name=CANARY)
    event["data"]["child"]["nmae"] = CANARY

    with pytest.raises(Problem) as caught:
        as_home(lambda client: client.publish(event))

    problem = caught.value
    assert (problem.status, problem.slug, problem.is_final) == (422, "invalid-event", True)
    assert problem.faults[0].pointer == "/data/child"
    assert CANARY not in f"{problem} {problem!r} {problem.plain()}"


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(413, text=f"too large: {CANARY}"),
        httpx2.Response(404, json={"seen": CANARY}),
        httpx2.Response(400, json={"type": CANARY}, headers={"content-type": "application/json"}),
        httpx2.Response(302, headers={"location": f"https://elsewhere.example/{CANARY}"}),
    ],
)
def test_a_proxy_that_repeats_what_it_was_sent_is_not_quoted(
    hub: InMemoryHub, as_home: Play, report: Play, answer: httpx2.Response
) -> None:
    """Whatever stands between agency and hub may echo a body: none of it reaches an error, nor is it a refusal."""
    hub.faults.append(Fault("/v1/events", answer))

    with pytest.raises(Problem) as caught:
        as_home(lambda client: client.publish(report(name=CANARY)))

    assert CANARY not in f"{caught.value} {caught.value.plain()}"
    assert not caught.value.is_final


def test_a_receipt_of_a_newer_hub_is_still_read(hub: InMemoryHub, as_home: Play, report: Play) -> None:
    """A member that this version does not know is passed over; an answer that is no receipt is not taken for one."""
    receipt = {"event_id": new_id(), "source": "//hub/agencies/x", "accepted_at": "2026-11-22T21:40:00Z", "entry": "e"}
    newer = {**receipt, "mood": "calm", "warnings": [{"code": "unmapped_code", "hue": "amber"}]}
    hub.faults += [Fault("/v1/events", httpx2.Response(201, json=body)) for body in (newer, {"ok": True})]

    assert as_home(lambda client: client.publish(report())).warnings[0].code == "unmapped_code"
    with pytest.raises(UnexpectedAnswer):
        as_home(lambda client: client.publish(report()))


def test_a_batch_is_all_or_nothing(hub: InMemoryHub, as_home: Play, report: Play) -> None:
    """One bad event of a batch refuses the batch; a good batch gives receipts in order."""
    good, other, bad = report(), report(), report()
    bad["data"] = {}

    with pytest.raises(Problem):
        as_home(lambda client: client.publish_batch([good, bad]))
    assert hub.published == []

    receipts = as_home(lambda client: client.publish_batch([good, other]))
    assert [receipt.event_id for receipt in receipts] == [good["id"], other["id"]]


def test_one_token_serves_many_calls_and_is_renewed_before_it_expires(hub: InMemoryHub, as_home: Play) -> None:
    """Ten calls at once cause one token request; near its end of life the token is renewed before it fails."""

    async def story(client: HubClient) -> None:
        await asyncio.gather(*(client.inbox() for _ in range(10)))
        assert hub.authority.issued == 1
        hub.clock.advance(hub.authority.lifetime - 10)
        await client.inbox()
        assert hub.authority.issued == 2

    as_home(story)


def test_a_token_that_the_hub_forgot_is_replaced_once(hub: InMemoryHub, as_home: Play) -> None:
    """After the hub changes its keys the first call gets a fresh token and goes through unseen."""

    async def story(client: HubClient) -> None:
        await client.inbox()
        hub.authority.forget_tokens()
        await client.inbox()
        assert hub.authority.issued == 2

    as_home(story)


def test_a_revoked_agency_learns_that_it_is_its_key(hub: InMemoryHub, as_home: Play, report: Play) -> None:
    """A refused key is not the event's fault: the error says so, and nothing was published."""

    async def story(client: HubClient) -> None:
        hub.authority.revoke("harbour-house")
        await client.publish(report())

    with pytest.raises(AccessRefused) as caught:
        as_home(story)

    assert (caught.value.slug, caught.value.is_final) == ("invalid_client", False)
    assert hub.published == []


def test_an_acknowledgement_whose_answer_was_lost_is_not_given_twice(hub: InMemoryHub, as_home: Play) -> None:
    """It has no id to be recognised by, so a person is told rather than the act repeated."""
    hub.faults.append(Fault("/v1/acknowledgements", after_it_was_done=True))
    by = {"name": "Jo Invented", "role": "duty senior"}

    with pytest.raises(Unreachable):
        as_home(lambda client: client.acknowledge("seen", by, disclosure_id=new_id()))

    assert len(hub.acknowledgements) == 1


def test_personal_data_is_not_sent_in_the_clear() -> None:
    """A client for a hub elsewhere on plain http is not even made."""
    with pytest.raises(ValueError, match="https"):
        HubClient("http://hub.northmere.example", Credentials.generate("harbour-house"))


def test_back_off_grows_to_its_limit_and_ends() -> None:
    """Each wait doubles, none is longer than the limit, and the last attempt is the last."""
    backoff = Backoff(attempts=5, first=1, longest=5, jitter=lambda: 1.0)

    assert [backoff.wait(attempt) for attempt in range(1, 6)] == [1, 2, 4, 5, None]
    assert backoff.wait(1, retry_after=30) == 30

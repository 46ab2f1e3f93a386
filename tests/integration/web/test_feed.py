"""The feed: live, resumable, filtered, with gaps said aloud and no silence longer than a heartbeat."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from ulid import ULID

STRUCTURED = {"content-type": "application/cloudevents+json"}

Make = Callable[..., dict[str, Any]]


def _publish(hub: Any, event: dict[str, Any]) -> dict[str, Any]:
    answer = hub.desk("harbour-house").client().post("/v1/events", json=event, headers=STRUCTURED)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _confirmed(episode: str) -> dict[str, Any]:
    """The owning force confirms the council's part, which lets it hear the history."""
    return {
        "specversion": "1.0",
        "id": str(ULID()),
        "source": "/agencies/northmere-police",
        "type": "concordat.involvement.confirmed.v1",
        "subject": f"episode/{episode}",
        "time": "2026-11-22T22:00:00Z",
        "data": {"involved": [{"agency": "westmoor-council", "role": "responsible_authority"}]},
    }


def _first(messages: Any) -> Any:
    return next(message for message in messages if message.data is not None)


def test_the_police_hear_it_while_they_listen(serve: Any, opened: Make, listen: Any) -> None:
    """What is published while the feed is open arrives at once, not at the next heartbeat."""
    hub = serve()
    police = hub.desk("northmere-police").client()
    hub.desk("harbour-house").client()  # its token is at hand before the clock runs
    with listen(police) as messages:
        event = opened()
        began = time.monotonic()
        _publish(hub, event)
        message = _first(messages)
        assert time.monotonic() - began < 5
    document = json.loads(message.data)
    assert document["subject"] == event["subject"]
    assert message.id == document["concordatsequence"] == "1.1"
    assert message.event is None


def test_reading_goes_on_after_the_last_id(serve: Any, opened: Make, listen: Any) -> None:
    """Last-Event-ID wins over the URL, which a browser sends again unchanged; nothing comes twice or is left out."""
    hub = serve()
    events = [opened() for _ in range(4)]
    for event in events:
        _publish(hub, event)
    police = hub.desk("northmere-police").client()
    with listen(police, "?after=1.1", {"last-event-id": "1.2"}) as messages:
        heard = [next(messages) for _ in range(2)]
    assert [message.id for message in heard] == ["1.3", "1.4"]
    with listen(police, "?after=1.3", {"last-event-id": ""}) as messages:
        assert next(messages).id == "1.4"
    with listen(police) as messages:
        whole = [json.loads(next(messages).data)["subject"] for _ in range(4)]
    assert whole == [event["subject"] for event in events]


def test_where_reading_goes_on_from_has_arrived(serve: Any, opened: Make, listen: Any) -> None:
    """The position that a reader resumes from confirms delivery of all up to it, and of nothing after it."""
    hub = serve()
    events = [opened() for _ in range(2)]
    for event in events:
        _publish(hub, event)
    police, home = hub.desk("northmere-police").client(), hub.desk("harbour-house").client()

    def delivered() -> list[bool]:
        rows = [home.get(f"/v1/episodes/{event['subject'][8:]}/told").json()["items"] for event in events]
        return [
            next(row["delivered_at"] for row in matrix if row["agency"] == "northmere-police") is not None
            for matrix in rows
        ]

    with listen(police) as messages:
        assert [next(messages).id for _ in range(2)] == ["1.1", "1.2"]
    assert delivered() == [False, False]
    with listen(police, headers={"last-event-id": "1.1"}) as messages:
        assert next(messages).id == "1.2"
    assert delivered() == [True, False]


def test_a_filtered_reader_confirms_only_what_it_was_sent(serve: Any, opened: Make, listen: Any) -> None:
    """A desk that listens to one episode must not be shown as holding the others."""
    hub = serve(heartbeat_seconds=0.2)
    events = [opened() for _ in range(2)]
    for event in events:
        _publish(hub, event)
    second = events[1]["subject"][8:]
    police, home = hub.desk("northmere-police").client(), hub.desk("harbour-house").client()
    with listen(police, f"?episode={second}") as messages:
        assert next(messages).id == "1.2"
    with listen(police, f"?episode={second}", {"last-event-id": "1.2"}) as messages:
        assert next(messages).data is None
    rows = [
        next(row for row in home.get(f"/v1/episodes/{event['subject'][8:]}/told").json()["items"]) for event in events
    ]
    assert [row["delivered_at"] is not None for row in rows] == [False, True]


def test_a_filter_selects_and_the_heartbeat_moves_on(hub: Any, opened: Make, listen: Any) -> None:
    """A reader of one type is sent only that, and its heartbeats carry the highest number that was looked at."""
    episode = str(ULID())
    _publish(hub, opened(episode))
    police = hub.desk("northmere-police").client()
    top = police.get("/v1/inbox?limit=500").json()["next"]
    with listen(police, "?type=concordat.child.*&type=concordat.rhi.due.v1") as messages:
        beat = next(messages)
    assert (beat.id, beat.data) == (top, None)
    with listen(police, f"?type=concordat.episode.*&episode={episode}&named=true") as messages:
        message = _first(messages)
        assert message.event == "concordat.episode.opened.v1"
        assert json.loads(message.data)["subject"] == f"episode/{episode}"
        beat = next(messages)
    assert (beat.id, beat.data) == (top, None)


@pytest.mark.parametrize("position", ["7.3", "0.1", "1.999"])
def test_a_position_that_is_not_known_is_a_gap(serve: Any, opened: Make, listen: Any, position: str) -> None:
    """Another generation, or a number that was never given: the reader is told so first, then gets what is kept."""
    hub = serve()
    _publish(hub, opened())
    police = hub.desk("northmere-police").client()
    with listen(police, headers={"last-event-id": position}) as messages:
        gap, message = next(messages), next(messages)
    document = json.loads(gap.data)
    assert document["type"] == "concordat.feed.gap.v1"
    assert document["source"] == "//hub.northmere.example/hub"
    assert document["data"]["kept_from"] == "1.1"
    assert gap.id == "1.0"
    assert message.id == "1.1"
    polled = police.get("/v1/inbox", params={"after": position}).json()
    assert [item["type"] for item in polled["items"]] == ["concordat.feed.gap.v1", "concordat.episode.opened.v1"]
    assert polled["next"] == "1.1"


def test_what_is_no_longer_kept_is_a_gap(serve: Any, opened: Make, listen: Any) -> None:
    """After retention has run, an old position starts with the gap; the oldest kept follows."""
    hub = serve()
    for _ in range(3):
        _publish(hub, opened())
    store = hub.built.hub.store
    with store.writing() as unit:
        unit.put_mailboxes([unit.mailbox("northmere-police")._replace(kept_from=3)])
    with listen(hub.desk("northmere-police").client(), headers={"last-event-id": "1.1"}) as messages:
        gap, message = next(messages), next(messages)
    assert json.loads(gap.data)["data"]["kept_from"] == "1.3"
    assert (gap.id, message.id) == ("1.2", "1.3")


def test_silence_is_broken_by_heartbeats(hub: Any, listen: Any) -> None:
    """A quiet feed still shows that it lives: an id without data, again and again."""
    charity = hub.desk("bright-path").client()
    with listen(charity) as messages:
        beats = [next(messages) for _ in range(3)]
    assert [(beat.id, beat.data) for beat in beats] == [("1.0", None)] * 3


def test_a_feed_ends_with_its_token(serve: Any, listen: Any) -> None:
    """The stream closes cleanly when the token has expired; the reader comes back with a new one."""
    hub = serve(token_seconds=2)
    began = time.monotonic()
    with listen(hub.desk("bright-path").client()) as messages:
        assert list(messages) == []
    assert 0.5 < time.monotonic() - began < 10


def test_a_feed_ends_when_its_agency_is_revoked(hub: Any, listen: Any) -> None:
    """Somebody who may no longer come in may not stay either."""
    with listen(hub.desk("southfold-police").client()) as messages:
        next(messages)
        hub.change("southfold-police", active=False)
        assert len(list(messages)) < 10
    hub.change("southfold-police", active=True)


def test_one_feed_too_many_is_told_to_come_back(serve: Any, listen: Any) -> None:
    """A 503 would stop a browser for good: it gets 200 and when to come back. A place that is left is free."""
    hub = serve(max_streams=1, heartbeat_seconds=0.2)
    client, other = hub.desk("bright-path").client(), hub.desk("northmere-health").client()
    with listen(client) as held:
        next(held)
        with listen(other) as messages:
            assert [message.retry for message in messages] == ["5000"]
    for _ in range(50):
        with listen(other) as messages:
            if next(messages).retry is None:
                break
    else:
        pytest.fail("the place of a reader that has gone was never free again")


def test_the_server_stops_though_readers_stay(serve: Any, listen: Any) -> None:
    """Shutting down ends every feed at once: nobody waits for the next heartbeat."""
    hub = serve(heartbeat_seconds=60)
    ended = threading.Event()

    def read() -> None:
        with listen(hub.desk("bright-path").client()) as messages:
            assert list(messages) == []
        ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    while hub.app.state.surface.streams.count == 0:
        assert reader.is_alive()
    began = time.monotonic()
    hub.server.should_exit = True
    hub.thread.join(20)
    assert not hub.thread.is_alive()
    assert time.monotonic() - began < 8
    reader.join(5)
    assert ended.is_set()


def test_a_late_joiner_hears_the_history(hub: Any, opened: Make, listen: Any) -> None:
    """The council, confirmed by the police, is sent what it is entitled to of what came before."""
    episode = str(ULID())
    _publish(hub, opened(episode))
    council = hub.desk("westmoor-council").client()
    police = hub.desk("northmere-police").client()
    with listen(council, f"?episode={episode}") as messages:
        answer = police.post("/v1/events", json=_confirmed(episode), headers=STRUCTURED)
        assert answer.status_code == 201, answer.text
        assert _first(messages).data is not None


def test_a_feed_may_be_neither_stored_nor_held_back(hub: Any) -> None:
    """No cache keeps it, and no proxy waits for a bufferful."""
    client = hub.desk("bright-path").client()
    with client.stream("GET", "/v1/feed", headers={"accept": "text/event-stream"}) as answer:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"

"""Polling, acknowledging, and seeing episodes: each agency only its own."""

from collections.abc import Callable
from typing import Any

import pytest
from ulid import ULID

STRUCTURED = {"content-type": "application/cloudevents+json"}
BY = {"name": "Alex Sample", "role": "duty SPOC"}

Make = Callable[..., dict[str, Any]]


def _publish(hub: Any, event: dict[str, Any]) -> dict[str, Any]:
    answer = hub.desk("harbour-house").client().post("/v1/events", json=event, headers=STRUCTURED)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _row(hub: Any, episode: str, reader: str = "harbour-house") -> dict[str, Any]:
    items = hub.desk(reader).client().get(f"/v1/episodes/{episode}/told").json()["items"]
    return next(row for row in items if row["agency"] == "northmere-police")


def test_polling_reads_on_and_confirms(serve: Any, opened: Make) -> None:
    """`next` of one answer is asked after in the next, and says that the former has arrived."""
    hub = serve()
    events = [opened() for _ in range(3)]
    for event in events:
        _publish(hub, event)
    police = hub.desk("northmere-police").client()
    first = police.get("/v1/inbox?limit=2").json()
    assert [item["subject"] for item in first["items"]] == [event["subject"] for event in events[:2]]
    assert first["next"] == "1.2"
    assert _row(hub, events[0]["subject"][8:])["delivered_at"] is None
    second = police.get("/v1/inbox", params={"after": first["next"]}).json()
    assert [item["concordatsequence"] for item in second["items"]] == ["1.3"]
    assert _row(hub, events[0]["subject"][8:])["delivered_at"] is not None
    assert _row(hub, events[2]["subject"][8:])["delivered_at"] is None
    assert police.get("/v1/inbox", params={"after": "1.3"}).json() == {"items": [], "next": "1.3"}


def test_what_is_polled_carries_no_trace_of_the_publisher(hub: Any, opened: Make) -> None:
    """Its own id, source, sequence and protocol: and neither the event's id nor the publisher's attributes."""
    event = opened(concordatactor="actor-7", traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    receipt = _publish(hub, event)
    items = hub.desk("northmere-police").client().get(f"/v1/inbox?episode={event['subject'][8:]}").json()["items"]
    assert [item["id"] for item in items] == [told["disclosure_id"] for told in receipt["told"]]
    assert items[0]["concordatprotocol"].startswith("northmere-missing-children@")
    assert not {"concordatactor", "traceparent", "concordataudience"} & set(items[0])
    assert event["id"] not in str(items)


@pytest.mark.parametrize("way", ["disclosure", "episode"])
def test_a_person_acknowledges(hub: Any, opened: Make, way: str) -> None:
    """By the one message, or by the episode up to a place; the reporter sees that somebody acts."""
    event = opened()
    receipt = _publish(hub, event)
    police = hub.desk("northmere-police").client()
    episode = event["subject"][8:]
    message = police.get(f"/v1/inbox?episode={episode}").json()["items"][0]
    what = (
        {"disclosure_id": receipt["told"][0]["disclosure_id"]}
        if way == "disclosure"
        else {"episode": episode, "up_to_sequence": message["concordatsequence"]}
    )
    answer = police.post("/v1/acknowledgements", json=what | {"action": "acting", "by": BY, "note": "on the way"})
    assert answer.status_code == 201, answer.text
    assert [one["disclosure_id"] for one in answer.json()["items"]] == [message["id"]]
    row = _row(hub, episode)
    assert row["acting_at"] is not None
    assert row["delivered_at"] is not None


def test_nobody_acknowledges_what_they_were_not_told(hub: Any, opened: Make) -> None:
    """A disclosure to the police does not exist for the charity: the same answer as for an invented id."""
    receipt = _publish(hub, opened())
    charity = hub.desk("bright-path").client()
    answers = [
        charity.post("/v1/acknowledgements", json={"disclosure_id": one, "action": "seen", "by": BY})
        for one in (receipt["told"][0]["disclosure_id"], str(ULID()))
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [{**answer.json(), "instance": ""} for answer in answers]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "seen", "by": BY}, ""),
        (
            {
                "disclosure_id": "01JD6QK3Z8T0V5W2N4Y6B8C0E7",
                "episode": "01JD6QK3Z8T0V5W2N4Y6B8C0E7",
                "action": "seen",
                "by": BY,
            },
            "",
        ),
        ({"episode": "01JD6QK3Z8T0V5W2N4Y6B8C0E7", "action": "seen", "by": BY}, ""),
        ({"disclosure_id": "Canary-Quillfeather", "action": "seen", "by": BY}, "/disclosure_id"),
        ({"disclosure_id": "01JD6QK3Z8T0V5W2N4Y6B8C0E7", "action": "Canary-Quillfeather", "by": BY}, "/action"),
        ({"disclosure_id": "01JD6QK3Z8T0V5W2N4Y6B8C0E7", "action": "seen", "by": {"Canary-Quillfeather": 1}}, "/by"),
        ({"Canary-Quillfeather": 1, "action": "seen", "by": BY}, ""),
        (["Canary-Quillfeather"], ""),
    ],
)
def test_an_acknowledgement_has_its_shape(hub: Any, canary: str, body: Any, pointer: str) -> None:
    """Faults name the place and what to do, and repeat nothing."""
    answer = hub.desk("northmere-police").client().post("/v1/acknowledgements", json=body)
    assert answer.status_code == 422, answer.text
    assert pointer in {fault["pointer"] for fault in answer.json()["errors"]}
    assert canary not in answer.text
    assert canary not in hub.log.getvalue()


def test_a_position_in_an_acknowledgement_is_checked(hub: Any) -> None:
    """A number that no mailbox can have is refused before it reaches the database."""
    body = {"episode": str(ULID()), "up_to_sequence": f"1.{2**64}", "action": "seen", "by": BY}
    assert hub.desk("northmere-police").client().post("/v1/acknowledgements", json=body).status_code == 400


def test_each_agency_sees_the_episodes_it_has_a_part_in(serve: Any, opened: Make) -> None:
    """The list goes page by page under an opaque cursor; to the charity none of it exists."""
    hub = serve()
    episodes = sorted(str(ULID()) for _ in range(3))
    for episode in episodes:
        _publish(hub, opened(episode))
    police = hub.desk("northmere-police").client()
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = police.get("/v1/episodes", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["episode"] for item in answer["items"]]
        cursor = answer["next"]
        assert cursor is None or episodes[1] not in cursor
    assert seen == episodes
    assert police.get(f"/v1/episodes/{episodes[0]}").json()["status"] == "open"
    charity = hub.desk("bright-path").client()
    assert charity.get("/v1/episodes").json() == {"items": [], "next": None}
    for path in (f"/v1/episodes/{episodes[0]}", f"/v1/episodes/{episodes[0]}/told"):
        hidden, absent = charity.get(path), charity.get(path.replace(episodes[0], str(ULID())))
        assert hidden.status_code == absent.status_code == 404
        assert {**hidden.json(), "instance": ""} == {**absent.json(), "instance": ""}

"""Publishing over HTTP: three content modes, receipts, retries, and batches that are taken whole or not at all."""

import copy
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from ulid import ULID

STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}

Make = Callable[..., dict[str, Any]]


def _added(episode: str, agency: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(ULID()),
        "source": "/agencies/harbour-house",
        "type": "concordat.involvement.added.v1",
        "subject": f"episode/{episode}",
        "time": "2026-11-22T22:00:00Z",
        "data": {"involved": [{"agency": agency, "role": "health"}]},
    }


def test_a_care_worker_tells_it_once(hub: Any, opened: Make) -> None:
    """The answer is a receipt: the police have been told, and who must be rung; no sequence and no size."""
    event = opened()
    answer = hub.desk("harbour-house").client().post("/v1/events", json=event, headers=STRUCTURED)
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt["event_id"] == event["id"]
    assert receipt["source"] == "//hub.northmere.example/agencies/harbour-house"
    assert f"episode/{receipt['episode']}" == event["subject"]
    assert [told["agency"] for told in receipt["told"]] == ["northmere-police"]
    assert {missed["agency"]: missed["ring"] for missed in receipt["not_told"]} == {"westmoor-council": True}
    assert "null" not in answer.text
    assert not {"sequence", "index", "size"} & set(receipt)


def test_the_same_sent_again_gets_the_same_answer(hub: Any, opened: Make) -> None:
    """A retry is answered 200 with the very bytes of the first receipt, and nobody is told twice."""
    event = opened()
    client = hub.desk("harbour-house").client()
    police = hub.desk("northmere-police").client()
    first = client.post("/v1/events", json=event, headers=STRUCTURED)
    held = police.get(f"/v1/inbox?episode={event['subject'][8:]}").json()["items"]
    again = client.post("/v1/events", json=event, headers=STRUCTURED)
    traced = client.post("/v1/events", json=event | {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}, headers=STRUCTURED)
    assert (first.status_code, again.status_code, traced.status_code) == (201, 200, 200)
    assert first.content == again.content == traced.content
    assert police.get(f"/v1/inbox?episode={event['subject'][8:]}").json()["items"] == held


def test_an_id_used_for_something_else_is_a_conflict(hub: Any, opened: Make) -> None:
    """The first event stands; the second is refused and told to nobody."""
    event = opened()
    client = hub.desk("harbour-house").client()
    assert client.post("/v1/events", json=event, headers=STRUCTURED).status_code == 201
    other = copy.deepcopy(event)
    other["data"]["risk"]["level"] = "low"
    answer = client.post("/v1/events", json=other, headers=STRUCTURED)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/id-reused")
    inbox = hub.desk("northmere-police").client().get(f"/v1/inbox?episode={event['subject'][8:]}").json()
    assert [item["data"]["risk"]["level"] for item in inbox["items"]] == ["high"]


def test_binary_mode_is_the_same_event(hub: Any, opened: Make) -> None:
    """Attributes in ce- headers, percent-encoded and quoted as the binding says; a structured retry finds it again."""
    event = opened()
    headers = {f"ce-{name}": value for name, value in event.items() if name not in {"data", "datacontenttype"}}
    headers |= {"content-type": "application/json; charset=utf-8"}
    headers["ce-type"] = quote(event["type"], safe="").replace(".", "%2E")
    headers["ce-subject"] = f'"{event["subject"]}"'
    headers["ce-concordatactor"] = quote("Zoë € 7")
    client = hub.desk("harbour-house").client()
    first = client.post("/v1/events", content=json.dumps(event["data"]), headers=headers)
    assert first.status_code == 201, first.text
    again = client.post("/v1/events", json=event | {"concordatactor": "Zoë € 7"}, headers=STRUCTURED)
    assert again.status_code == 200
    assert again.content == first.content
    bare = {name: value for name, value in event.items() if name != "datacontenttype"} | {"concordatactor": "Zoë € 7"}
    assert client.post("/v1/events", json=bare, headers=STRUCTURED).content == first.content


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce-subject", "episode/%ff%fe"),
        ("ce-subject", b"episode/\xff"),
        ("ce-datacontenttype", "application/json"),
        ("ce-data", "{}"),
        ("ce-", "x"),
    ],
)
def test_a_bent_header_is_refused(hub: Any, opened: Make, name: str, value: str | bytes) -> None:
    """What is no UTF-8, and what may not be a header, is named as such."""
    event = opened()
    headers = {f"ce-{key}": event[key] for key in ("specversion", "id", "source", "type", "subject")}
    merged: list[tuple[bytes, bytes]] = [(key.encode(), held.encode()) for key, held in headers.items() if key != name]
    merged += [
        (b"content-type", b"application/json"),
        (name.encode(), value if isinstance(value, bytes) else value.encode()),
    ]
    answer = hub.desk("harbour-house").client().post("/v1/events", content=json.dumps(event["data"]), headers=merged)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/invalid-attribute")


def test_a_batch_is_one_whole(hub: Any, opened: Make) -> None:
    """Receipts come in the order of the events, and a retry of the batch gets the same ones."""
    episode = str(ULID())
    batch = [opened(episode), _added(episode, "northmere-health"), _added(episode, "bright-path")]
    client = hub.desk("harbour-house").client()
    answer = client.post("/v1/events", json=batch, headers=BATCH)
    assert answer.status_code == 201, answer.text
    assert [receipt["event_id"] for receipt in answer.json()] == [event["id"] for event in batch]
    again = client.post("/v1/events", json=batch, headers=BATCH)
    assert (again.status_code, again.content) == (200, answer.content)
    grown = client.post("/v1/events", json=[*batch, _added(episode, "eastvale-council")], headers=BATCH)
    assert grown.status_code == 201
    assert grown.json()[:3] == answer.json()
    assert client.post("/v1/events", json=[], headers=BATCH).json() == []


def test_a_batch_with_one_bad_event_leaves_nothing(hub: Any, opened: Make) -> None:
    """The pointer says which; the good ones before it were not taken, and nobody was told of them."""
    episode, elsewhere = str(ULID()), str(ULID())
    client = hub.desk("harbour-house").client()
    police = hub.desk("northmere-police").client()
    broken = _added(episode, "northmere-health")
    broken["data"] = {"involved": []}
    answer = client.post("/v1/events", json=[opened(episode), broken, {}], headers=BATCH)
    assert answer.status_code == 422
    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert "/1/data/involved" in pointers
    assert any(pointer.startswith("/2") for pointer in pointers)
    refused = client.post("/v1/events", json=[opened(episode), _added(elsewhere, "northmere-health")], headers=BATCH)
    assert refused.status_code == 404
    assert refused.json()["errors"][0]["pointer"] == "/1/subject"
    assert police.get(f"/v1/inbox?episode={episode}").json()["items"] == []
    assert client.get(f"/v1/episodes/{episode}").status_code == 404


def test_nobody_publishes_as_another(hub: Any, opened: Make) -> None:
    """The source is the token's agency at this hub, or the event is refused and nobody is told."""
    for source in ("/agencies/harbour-house", "//hub.elsewhere.example/agencies/northmere-health", "/agencies/nobody"):
        event = opened(source=source)
        answer = hub.desk("northmere-health").client().post("/v1/events", json=event, headers=STRUCTURED)
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/source-mismatch")
        assert answer.json()["errors"][0]["pointer"] == "/source"
        inbox = hub.desk("northmere-police").client().get(f"/v1/inbox?episode={event['subject'][8:]}")
        assert inbox.json()["items"] == []


def test_asking_first_tells_nobody(hub: Any, opened: Make) -> None:
    """Validation gives the receipt that publishing would give; afterwards the event can still be published."""
    event = opened()
    client = hub.desk("harbour-house").client()
    asked = client.post("/v1/events/validate", json=event, headers=STRUCTURED)
    assert asked.status_code == 200
    assert [told["agency"] for told in asked.json()["told"]] == ["northmere-police"]
    assert client.get(f"/v1/episodes/{event['subject'][8:]}").status_code == 404
    assert client.post("/v1/events", json=event, headers=STRUCTURED).status_code == 201
    assert client.post("/v1/events/validate", json=[event], headers=BATCH).status_code == 415

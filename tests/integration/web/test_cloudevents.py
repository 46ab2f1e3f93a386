"""CloudEvents at the door: limits that are kept, batches that are one, and extension attributes that end there."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from ulid import ULID

from contracts.envelope import MAX_BATCH_EVENTS, MAX_EVENT_BYTES

STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
Make = Callable[..., dict[str, Any]]


def _sized(event: dict[str, Any], size: int) -> bytes:
    """The event with an extension attribute that makes it this many bytes long."""
    text = json.dumps(event | {"filler": ""}, separators=(",", ":"))
    return json.dumps(event | {"filler": "x" * (size - len(text))}, separators=(",", ":")).encode()


def test_an_event_of_256_kib_is_taken_and_one_byte_more_is_not(hub: Any, opened: Make) -> None:
    """The limit is where it is said to be, for a single event and for one in a batch, which names the one."""
    client = hub.desk("harbour-house").client()
    for size, status in ((MAX_EVENT_BYTES, 201), (MAX_EVENT_BYTES + 1, 413)):
        answer = client.post("/v1/events", content=_sized(opened(), size), headers=STRUCTURED)
        assert answer.status_code == status, answer.text
        batch = b"[" + json.dumps(opened()).encode() + b"," + _sized(opened(), size) + b"]"
        answer = client.post("/v1/events", content=batch, headers=BATCH)
        assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/1"
    assert "256 KiB" in answer.json()["errors"][0]["message"]


def test_binary_headers_count_too(hub: Any, opened: Make) -> None:
    """What is too large in one mode is too large in the other."""
    event = opened()
    event["data"]["circumstances"] = {"text": "x" * 8000}
    headers = {f"ce-{name}": value for name, value in event.items() if name not in {"data", "datacontenttype"}}
    headers["content-type"] = "application/json"
    body = json.dumps(event["data"]).encode()
    client = hub.desk("harbour-house").client()
    padded = body + b" " * (MAX_EVENT_BYTES - len(body))
    assert client.post("/v1/events", content=padded, headers=headers).status_code == 201
    assert client.post("/v1/events", content=padded + b" ", headers=headers).status_code == 413


def test_a_batch_has_at_most_500_events(hub: Any, opened: Make) -> None:
    """501 are too many however small they are, and none of them is taken; 500 are read, and each is judged."""
    client = hub.desk("harbour-house").client()
    first = opened()
    answer = client.post("/v1/events", json=[first, *[{}] * MAX_BATCH_EVENTS], headers=BATCH)
    assert (answer.status_code, answer.json()["detail"]) == (
        413,
        "an event has at most 256 KiB; a batch 500 events and 8 MiB",
    )
    assert client.get(f"/v1/episodes/{first['subject'][8:]}").status_code == 404
    answer = client.post("/v1/events", json=[first, *[{}] * (MAX_BATCH_EVENTS - 1)], headers=BATCH)
    assert answer.status_code == 422
    assert client.get(f"/v1/episodes/{first['subject'][8:]}").status_code == 404


def test_nesting_has_a_limit_that_is_said(hub: Any, opened: Make) -> None:
    """Two hundred levels are more than any contract has: refused in words, in data and in a batch alike."""
    client = hub.desk("harbour-house").client()
    event = opened()
    event["data"]["circumstances"] = json.loads("[" * 300 + "]" * 300)
    for body, headers in ((event, STRUCTURED), ([event], BATCH)):
        answer = client.post("/v1/events", json=body, headers=headers)
        assert answer.status_code == 400
        assert "nested less than 200 deep" in answer.json()["detail"]


def test_the_same_event_twice_in_a_batch_is_taken_once(hub: Any, opened: Make) -> None:
    """A sender that doubled an event gets the one receipt in both places, and the police one message."""
    event = opened()
    client = hub.desk("harbour-house").client()
    answer = client.post("/v1/events", json=[event, event], headers=BATCH)
    assert answer.status_code == 201
    assert answer.json()[0] == answer.json()[1]
    inbox = hub.desk("northmere-police").client().get(f"/v1/inbox?episode={event['subject'][8:]}").json()
    assert len(inbox["items"]) == 1


def test_one_id_for_two_events_of_a_batch_is_refused_with_all_of_it(hub: Any, opened: Make) -> None:
    """The second of the two is named, and neither is told to anybody."""
    event = opened()
    other = opened(id=event["id"])
    client = hub.desk("harbour-house").client()
    answer = client.post("/v1/events", json=[event, other], headers=BATCH)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/id-reused")
    for one in (event, other):
        assert client.get(f"/v1/episodes/{one['subject'][8:]}").status_code == 404


def test_typed_extensions_are_the_same_in_every_mode(hub: Any, opened: Make) -> None:
    """An integer and a truth value have no type in a header; a retry in the other mode is still the same event."""
    event = opened() | {"odd": 7, "even": False, "none": None}
    client = hub.desk("harbour-house").client()
    first = client.post("/v1/events", json=event, headers=STRUCTURED)
    assert first.status_code == 201
    attributes = {name: value for name, value in event.items() if name not in {"data", "datacontenttype", "none"}}
    headers = {
        f"CE-{name}": value if isinstance(value, str) else json.dumps(value) for name, value in attributes.items()
    }
    headers["Content-Type"] = "application/json; charset=utf-8; x=1"
    again = client.post("/v1/events", json=event["data"], headers=headers)
    assert (again.status_code, again.content) == (200, first.content)
    headers["CE-odd"] = "8"
    assert client.post("/v1/events", json=event["data"], headers=headers).status_code == 409


@pytest.mark.parametrize("missing", ["specversion", "id", "source", "type"])
def test_a_binary_event_without_an_attribute_is_told_which(hub: Any, opened: Make, missing: str) -> None:
    """A header that was forgotten is a fault of the event, with its place; also the one that says the version."""
    event = opened()
    left = {name: value for name, value in event.items() if name not in {"data", "datacontenttype", missing}}
    headers = {f"ce-{name}": value for name, value in left.items()} | {"content-type": "application/json"}
    answer = hub.desk("harbour-house").client().post("/v1/events", json=event["data"], headers=headers)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{missing}"]


def test_no_extension_attribute_reaches_anybody(hub: Any, opened: Make) -> None:
    """What a publisher adds of its own is kept with the event, and is in no message, explanation, view or answer."""
    canary = "quillfeather"
    episode = str(ULID())
    extensions = {
        f"x{canary}": "1",
        "oddtext": canary,
        "traceparent": f"00-{'c' * 32}-{'d' * 16}-01",
        "tracestate": f"a={canary}",
        "concordatsequence": f"9.{canary}",
        "concordatprotocol": f"{canary}@1",
        "concordatactor": canary,
        "dataschema": f"https://{canary}.example/schema",
        "partitionkey": canary,
    }
    home = hub.desk("harbour-house").client()
    receipts = [home.post("/v1/events", json=opened(episode) | extensions, headers=STRUCTURED)]
    added = opened(episode, type="concordat.involvement.added.v1", id=str(ULID())) | extensions
    added["data"] = {"involved": [{"agency": "northmere-health", "role": "health"}]}
    receipts.append(home.post("/v1/events", json=[added], headers=BATCH))
    confirmed = added | {"id": str(ULID()), "source": "/agencies/northmere-police"}
    police = hub.desk("northmere-police").client()
    confirmed["type"] = "concordat.involvement.confirmed.v1"
    receipts.append(police.post("/v1/events", json=confirmed, headers=STRUCTURED))
    assert [answer.status_code for answer in receipts] == [201, 201, 201], [answer.text for answer in receipts]

    seen = [answer.text for answer in receipts]
    told = 0
    for agency in ("harbour-house", "northmere-police", "westmoor-council", "northmere-health", "bright-path"):
        client = hub.desk(agency).client()
        inbox = client.get(f"/v1/inbox?episode={episode}")
        items = inbox.json()["items"]
        told += len(items)
        seen.append(inbox.text)
        for path in (
            f"/v1/episodes/{episode}",
            f"/v1/episodes/{episode}/told",
            f"/v1/disclosures?episode={episode}",
            *(
                f"/v1/disclosures/{one['id']}{part}"
                for one in items
                for part in ("", "/explanation", "/opening", "/entry")
            ),
        ):
            answer = client.get(path)
            assert answer.status_code in (200, 403, 404), path
            seen.append(answer.text)
    assert told >= 2
    assert not [text for text in seen if canary in text.lower() or "c" * 32 in text]
    assert canary not in hub.log.getvalue()

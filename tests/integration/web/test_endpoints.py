"""An agency's developer sets up webhooks over HTTP, watches them, and cannot see or reach what is not theirs."""

import base64
import http.server
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

CANARY = "Canary-Quillfeather"
CLOUDEVENT = {"content-type": "application/cloudevents+json"}
WAIT = 20


@dataclass
class Desk:
    """A system of the police that takes webhooks: without TLS, on a network that the operator has listed."""

    url: str
    got: "queue.Queue[tuple[dict[str, str], bytes]]" = field(default_factory=queue.Queue)
    status: int = 200


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk("")

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            desk.got.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(desk.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        desk.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield desk
        server.shutdown()
        thread.join()


@pytest.fixture
def listed(serve: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A hub whose operator has listed loopback."""
    monkeypatch.setenv("CONCORDAT_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")
    return serve(registry_seconds=0.0)


def made(client: Any, url: str = "https://desk.example/hook", **said: Any) -> dict[str, Any]:
    answer = client.post("/v1/endpoints", json={"url": url} | said)
    assert answer.status_code == 201, answer.text
    endpoint: dict[str, Any] = answer.json()
    return endpoint


def test_what_is_published_arrives_at_the_endpoint_and_can_be_asked_for_again(
    listed: Any, desk: Desk, opened: Any
) -> None:
    """From registering an address to a verified message, the told matrix, the attempts, resending and recovering."""
    police, home = listed.desk("northmere-police").client(), listed.desk("harbour-house").client()
    endpoint = made(police, desk.url)
    event = opened()
    assert home.post("/v1/events", json=event, headers=CLOUDEVENT).status_code == 201
    headers, body = desk.got.get(timeout=WAIT)
    message = Webhook(endpoint["secret"]).verify(body.decode(), headers)
    assert message["type"] == "concordat.episode.opened.v1"
    assert headers["webhook-id"] == message["id"]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(endpoint["public_key"].removeprefix("whpk_")))
    signature = next(one[4:] for one in headers["webhook-signature"].split(" ") if one.startswith("v1a,"))
    public.verify(
        base64.b64decode(signature), f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    )

    where = f"/v1/endpoints/{endpoint['id']}"
    attempts = _until(lambda: police.get(f"{where}/attempts").json()["items"])
    assert [(one["outcome"], one["status"], one["message_id"]) for one in attempts] == [
        ("delivered", 200, message["id"])
    ]
    told = police.get(f"/v1/episodes/{event['subject'].removeprefix('episode/')}/told").json()["items"]
    assert [one["delivered_at"] is not None for one in told if one["agency"] == "northmere-police"] == [True]
    again = police.post(f"{where}/attempts/{attempts[0]['id']}/resend")
    assert (again.status_code, again.json()["message_id"]) == (202, message["id"])
    assert desk.got.get(timeout=WAIT)[1] == body
    assert police.post(f"{where}/recover", json={"after": "1.0"}).json() == {"after": "1.0"}
    assert police.get(where).json()["queued_up_to"] in ("1.0", "1.1")

    tested = police.post(f"{where}/test").json()
    assert (tested["outcome"], tested["sequence"]) == ("delivered", None)
    headers, body = desk.got.get(timeout=WAIT)
    assert Webhook(endpoint["secret"]).verify(body.decode(), headers)["type"] == "concordat.endpoint.tested.v1"
    assert police.post(f"{where}/attempts/{tested['id']}/resend").status_code == 409
    newest = police.get(f"{where}/attempts?limit=1").json()
    assert newest["items"][0]["id"] == tested["id"]
    assert police.get(f"{where}/attempts?limit=1&cursor={newest['next']}").json()["items"][0]["id"] != tested["id"]
    assert CANARY not in police.get(f"{where}/attempts").text


def _until(look: Any) -> Any:
    """Ask until there is an answer: the endpoint answers before the hub can have written down that it did."""
    for _ in range(500):
        found = look()
        if found:
            return found
    raise AssertionError("it never came")


def test_an_endpoint_is_made_seen_changed_and_removed(hub: Any) -> None:
    """The secret is shown once; every other answer has the settings and the public key."""
    police = hub.desk("northmere-police").client()
    endpoint = made(police, types=["concordat.child.*"], content="notice", order="none", enabled=False)
    assert endpoint.pop("secret").startswith("whsec_")
    where = f"/v1/endpoints/{endpoint['id']}"
    assert police.get(where).json() == endpoint
    assert endpoint in police.get("/v1/endpoints").json()["items"]
    assert (endpoint["enabled"], endpoint["disabled_because"]) == (False, "agency")
    changed = police.patch(where, json={"enabled": True, "types": [], "url": "https://desk.example/other"}).json()
    assert (changed["enabled"], changed["disabled_because"], changed["types"]) == (True, None, [])
    assert (changed["url"], changed["content"], changed["order"]) == ("https://desk.example/other", "notice", "none")
    rotated = police.post(f"{where}/rotate-secret").json()
    assert rotated["secret"].startswith("whsec_")
    assert (rotated["former_public_key"], rotated["former_until"] is None) == (endpoint["public_key"], False)
    assert rotated["public_key"] != endpoint["public_key"]
    assert "secret" not in police.get(where).json()
    assert police.delete(where).status_code == 204
    assert police.get(where).status_code == 404


def test_another_agency_finds_nothing(hub: Any) -> None:
    """To every other agency an endpoint is one that does not exist, whatever is asked of it."""
    police, council = hub.desk("northmere-police").client(), hub.desk("eastvale-council").client()
    where = f"/v1/endpoints/{made(police, enabled=False)['id']}"
    none = "/v1/endpoints/01JD6QK3Z8T0V5W2N4Y6B8C0D1"
    for path in (where, none):
        answers = [
            council.get(path),
            council.patch(path, json={"enabled": False}),
            council.delete(path),
            council.post(f"{path}/rotate-secret"),
            council.post(f"{path}/test"),
            council.post(f"{path}/recover", json={"after": "1.0"}),
            council.get(f"{path}/attempts"),
            council.post(f"{path}/attempts/01JD6QK3Z8T0V5W2N4Y6B8C0D1/resend"),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.json()["type"].rpartition("/")[2] for answer in answers} == {"not-found"}
    assert council.get("/v1/endpoints").json() == {"items": [], "next": None}
    assert police.get(where).status_code == 200
    publisher = hub.desk("northmere-police").client("publish")
    assert publisher.get("/v1/endpoints").status_code == 403


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "https://10.0.0.1/Canary-Quillfeather"}, "/url"),
        ({"url": "http://desk.example/Canary-Quillfeather"}, "/url"),
        ({"url": "https://user:Canary-Quillfeather@desk.example/"}, "/url"),
        ({"url": "Canary-Quillfeather"}, "/url"),
        ({"url": "https://desk.example/" + 2000 * "Canary-Quillfeather"}, "/url"),
        ({}, "/url"),
        ({"url": "https://desk.example/", "types": ["Canary-Quillfeather"]}, "/types/0"),
        ({"url": "https://desk.example/", "types": ["concordat.child.canary.v1"]}, "/types"),
        ({"url": "https://desk.example/", "content": "Canary-Quillfeather"}, "/content"),
        ({"url": "https://desk.example/", "order": "Canary-Quillfeather"}, "/order"),
        ({"url": "https://desk.example/", "Canary-Quillfeather": 1}, ""),
    ],
)
def test_a_mistake_is_named_and_never_repeated(hub: Any, body: dict[str, Any], pointer: str) -> None:
    """The answer points at the member that is wrong and says what is taken; nothing that was sent is in it."""
    police = hub.desk("northmere-police").client()
    answer = police.post("/v1/endpoints", json=body)
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert "anary" not in answer.text
    assert "Canary" not in hub.log.getvalue()


def test_a_hub_without_listed_networks_sends_inside_to_nobody(hub: Any, desk: Desk) -> None:
    """The same address that a listed network makes reachable is refused by default."""
    police = hub.desk("northmere-police").client()
    assert police.post("/v1/endpoints", json={"url": desk.url}).status_code == 422
    assert desk.got.empty()


def test_an_agency_has_twenty_endpoints_at_most(hub: Any) -> None:
    """The twenty-first is refused, and one that is removed makes room."""
    council = hub.desk("westmoor-council").client()
    first, *_ = [made(council, enabled=False)["id"] for _ in range(20)]
    assert council.post("/v1/endpoints", json={"url": "https://desk.example/"}).status_code == 409
    assert council.delete(f"/v1/endpoints/{first}").status_code == 204
    made(council, enabled=False)
    page = council.get("/v1/endpoints?limit=15").json()
    rest = council.get(f"/v1/endpoints?limit=15&cursor={page['next']}").json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (15, 5, None)

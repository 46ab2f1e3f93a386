"""What a data protection officer asks, and what anybody can verify."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from ulid import ULID

from contracts.signed_note import VerifierKey
from contracts.tiles import Tile, tiles_of
from contracts.tlog import TlogProof, open_checkpoint, verify_tlog_proof

STRUCTURED = {"content-type": "application/cloudevents+json"}

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def told(hub: Any, opened: Make) -> tuple[str, str]:
    """An episode, and the disclosure of its opening to the police."""
    event = opened()
    answer = hub.desk("harbour-house").client().post("/v1/events", json=event, headers=STRUCTURED)
    assert answer.status_code == 201
    return event["subject"][8:], answer.json()["told"][0]["disclosure_id"]


def test_both_sides_see_a_disclosure_and_nobody_else(hub: Any, told: tuple[str, str]) -> None:
    """The publisher, the recipient and oversight; for any other agency it does not exist."""
    _, disclosure = told
    for agency in ("harbour-house", "northmere-police", "northmere-hub-oversight"):
        client = hub.desk(agency).client()
        assert client.get(f"/v1/disclosures/{disclosure}").json()["id"] == disclosure
        assert client.get(f"/v1/disclosures/{disclosure}/explanation").json()["sentences"]
    charity = hub.desk("bright-path").client()
    for part in ("", "/explanation", "/entry", "/opening", "/proof"):
        answers = [charity.get(f"/v1/disclosures/{one}{part}") for one in (disclosure, str(ULID()))]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert {**answers[0].json(), "instance": ""} == {**answers[1].json(), "instance": ""}


def test_searching_finds_by_any_side_of_it(hub: Any, told: tuple[str, str]) -> None:
    """Every filter selects, and one that does not fit finds nothing."""
    episode, disclosure = told
    client = hub.desk("harbour-house").client()

    def found(**filters: str) -> list[str]:
        answer = client.get("/v1/disclosures", params={"episode": episode, "outcome": "disclosed"} | filters)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert found() == [disclosure]
    fitting = {
        "recipient": "northmere-police",
        "publisher": "harbour-house",
        "type": "concordat.episode.opened.v1",
        "protocol": "northmere-missing-children@1",
        "field": "risk.level",
        "from": "2020-01-01T00:00:00Z",
        "to": "2090-01-01T00:00:00+01:00",
    }
    others = {
        "recipient": "eastvale-council",
        "publisher": "northmere-police",
        "type": "concordat.child.located.v1",
        "protocol": "another@1",
        "field": "risk.absent",
        "from": "2090-01-01T00:00:00Z",
        "to": "2020-01-01T00:00:00Z",
    }
    for name, value in fitting.items():
        assert found(**{name: value}) == [disclosure], name
        assert found(**{name: others[name]}) == [], name


def test_a_search_goes_page_by_page(hub: Any, opened: Make) -> None:
    """Newest first, each once, until next is null."""
    client = hub.desk("harbour-house").client()
    for _ in range(3):
        assert client.post("/v1/events", json=opened(), headers=STRUCTURED).status_code == 201
    whole = [item["id"] for item in client.get("/v1/disclosures?limit=500").json()["items"]]
    paged: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        answer = client.get("/v1/disclosures", params=query).json()
        paged += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"]
    assert paged == whole


@pytest.mark.parametrize(
    "query", ["from=yesterday", "outcome=maybe", "episode=7", "from=2026-01-01T00:00:00", "type=A"]
)
def test_a_filter_that_cannot_be_read_is_refused(hub: Any, query: str) -> None:
    """It would otherwise quietly find too much or too little."""
    answer = hub.desk("harbour-house").client().get(f"/v1/disclosures?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"?{query.split('=', maxsplit=1)[0]}"


def test_the_proof_holds_with_what_anybody_can_fetch(serve: Any, opened: Make) -> None:
    """Entry, proof and verifier key: checked with the contracts alone; 404 with Retry-After before it is due."""
    hub = serve()
    client = hub.desk("harbour-house").client()
    receipt = client.post("/v1/events", json=opened(), headers=STRUCTURED).json()
    path = f"/v1/disclosures/{receipt['told'][0]['disclosure_id']}"
    early = client.get(f"{path}/proof")
    assert early.status_code == 404
    assert int(early.headers["retry-after"]) > 0
    hub.publish_checkpoint()
    proof = client.get(f"{path}/proof")
    assert proof.status_code == 200
    assert proof.headers["content-type"].startswith("text/plain")
    key = VerifierKey.parse(httpx2.get(f"{hub.url}/v1/ledger/verifier-key").text.strip())
    parsed = TlogProof.parse(proof.text)
    assert client.get("/v1/ledger/checkpoint").text == parsed.checkpoint
    entry = client.get(f"{path}/entry")
    assert json.loads(entry.content)["operation"] == "disclosed"
    assert key.name == "hub.northmere.example/ledger"
    assert verify_tlog_proof(parsed, entry.content, key).size > 0


def test_tiles_are_given_as_far_as_a_checkpoint_reaches(serve: Any, opened: Make) -> None:
    """Together they hold every leaf hash; beyond the checkpoint, and under any other spelling, there is nothing."""
    hub = serve()
    client = hub.desk("harbour-house").client()
    for _ in range(20):
        assert client.post("/v1/events", json=opened(), headers=STRUCTURED).status_code == 201
    hub.publish_checkpoint()
    note = client.get("/v1/ledger/checkpoint").text
    size = int(note.split("\n")[1])
    assert size > 256
    key = VerifierKey.parse(httpx2.get(f"{hub.url}/v1/ledger/verifier-key").text.strip())
    assert open_checkpoint(note, key).size == size
    for tile in tiles_of(size):
        answer = client.get(f"/v1/ledger/tile/{tile.path()}")
        assert answer.status_code == 200, tile
        assert answer.headers["content-type"] == "application/octet-stream"
        assert len(answer.content) == 32 * tile.width
    assert client.post("/v1/events", json=opened(), headers=STRUCTURED).status_code == 201
    wider = Tile(0, size // 256, size % 256 + 1)
    for path in (
        wider.path(),
        "0/999",
        "9/000",
        "0/0",
        "0/000.p/0",
        "0/000.p/256",
        "entries/000",
        "0/x000/000",
        "..%2f",
    ):
        assert client.get(f"/v1/ledger/tile/{path}").status_code == 404, path
    assert httpx2.get(f"{hub.url}/v1/ledger/checkpoint").status_code == 401


def test_each_look_is_itself_recorded(serve: Any, opened: Make) -> None:
    """A consultation is in the ledger before its answer is out: one per reader, object and hour."""
    hub = serve()
    client = hub.desk("harbour-house").client()
    receipt = client.post("/v1/events", json=opened(), headers=STRUCTURED).json()

    def size() -> int:
        with hub.built.store.reading() as view:
            return int(view.frontier().size)

    before = size()
    path = f"/v1/disclosures/{receipt['told'][0]['disclosure_id']}"
    assert client.get(path).status_code == 200
    after = size()
    assert after > before
    assert client.get(f"{path}/explanation").status_code == 200
    assert size() == after
    assert client.get(f"/v1/disclosures/{ULID()}").status_code == 404
    assert size() == after

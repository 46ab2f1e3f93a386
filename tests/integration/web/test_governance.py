"""Agencies and protocols: who is registered, who has signed, and whom that binds."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from broker.cli.keys import public_jwk, signature_over
from broker.cli.partnership import PROTOCOL_FILE
from broker.sharing.document import parse_protocol

STRUCTURED = {"content-type": "application/cloudevents+json"}
YAML = {"content-type": "application/yaml"}

Make = Callable[..., dict[str, Any]]


def _operator(hub: Any) -> Any:
    return hub.desk("northmere-hub-oversight").client("admin")


def _new(agency: str, **more: Any) -> dict[str, Any]:
    return {"id": agency, "name": "An Invented Home", "kind": "childrens_home", "scopes": ["subscribe"]} | more


def test_the_operator_registers_an_agency_and_it_comes_in(hub: Any) -> None:
    """With its public key; then it gets tokens, until it is revoked."""
    key = Ed25519PrivateKey.generate()
    operator = _operator(hub)
    answer = operator.post("/v1/agencies", json=_new("lantern-lodge", keys=[public_jwk(key)]))
    assert answer.status_code == 201, answer.text
    desk = type(hub.desk("bright-path"))("lantern-lodge", key, hub.url, hub.described)
    token = desk.token()
    assert operator.post("/v1/agencies", json=_new("lantern-lodge")).status_code == 409
    # A new key takes the place of the old one at once.
    other = Ed25519PrivateKey.generate()
    assert operator.patch("/v1/agencies/lantern-lodge", json={"keys": [public_jwk(other)]}).status_code == 200
    assert desk.ask().status_code == 401
    desk.key = other
    assert desk.ask().status_code == 200
    gone = operator.delete("/v1/agencies/lantern-lodge")
    assert gone.json()["active"] is False
    assert desk.ask().status_code == 401
    assert operator.get("/v1/inbox", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert operator.get("/v1/agencies/lantern-lodge").json()["name"] == "An Invented Home"


def test_agencies_are_listed_page_by_page(hub: Any) -> None:
    """In order of their ids, each once."""
    operator = _operator(hub)
    whole = [one["id"] for one in operator.get("/v1/agencies?limit=500").json()["items"]]
    paged: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        answer = operator.get("/v1/agencies", params=query).json()
        paged += [one["id"] for one in answer["items"]]
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"]
    assert paged == whole == sorted(whole)


def test_only_the_operator_sees_and_changes_agencies(hub: Any) -> None:
    """An agency's own token reaches none of it."""
    client = hub.desk("northmere-police").client()
    for answer in (
        client.get("/v1/agencies"),
        client.get("/v1/agencies/harbour-house"),
        client.post("/v1/agencies", json=_new("night-owl")),
        client.patch("/v1/agencies/northmere-police", json={"scopes": ["oversight"]}),
        client.delete("/v1/agencies/harbour-house"),
    ):
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/insufficient-scope")
    assert _operator(hub).get("/v1/agencies/night-owl").status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"id": "Canary-Quillfeather"}, "/id"),
        ({"name": ""}, "/name"),
        ({"name": "a\u0000b"}, "/name"),
        ({"kind": "Canary-Quillfeather"}, "/kind"),
        ({"scopes": ["Canary-Quillfeather"]}, "/scopes"),
        ({"keys": [{"kty": "oct", "k": "Canary-Quillfeather"}]}, "/keys"),
        ({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "Canary-Quillfeather"}]}, "/keys"),
        ({"keys": [OKPKey.generate_key("Ed25519").as_dict(private=True)]}, "/keys"),
        ({"Canary-Quillfeather": 1}, ""),
    ],
)
def test_a_registration_has_its_shape(hub: Any, canary: str, change: dict[str, Any], pointer: str) -> None:
    """A private key above all is not taken, and nothing of it is said again."""
    answer = _operator(hub).post("/v1/agencies", json=_new("night-owl") | change)
    assert answer.status_code == 422, answer.text
    assert pointer in {fault["pointer"] for fault in answer.json()["errors"]}
    assert canary not in answer.text
    for key in change.get("keys", ()):
        assert str(key.get("d", canary)) not in answer.text
    assert _operator(hub).get("/v1/agencies/night-owl").status_code == 404


def _draft(version: int) -> dict[str, Any]:
    document = parse_protocol(PROTOCOL_FILE.read_text(encoding="utf-8")).document
    return document | {"protocol": "northmere-drafts", "version": version}


def test_a_party_reads_the_protocols_it_is_bound_by(hub: Any) -> None:
    """With who has signed; to an agency that is no party they do not exist."""
    police = hub.desk("northmere-police").client()
    heads = police.get("/v1/protocols").json()["items"]
    assert "northmere-missing-children" in [head["protocol"] for head in heads]
    shown = police.get("/v1/protocols/northmere-missing-children/versions/1").json()
    assert "northmere-police" in shown["signed_by"]
    assert shown["document"]["clauses"]
    charity = hub.desk("bright-path").client()
    assert charity.get("/v1/protocols").json() == {"items": [], "next": None}
    assert charity.get("/v1/protocols/northmere-missing-children/versions/1").status_code == 404
    for path in ("absent/versions/1", "northmere-missing-children/versions/9", "northmere-missing-children/versions/x"):
        assert police.get(f"/v1/protocols/{path}").status_code == 404


def test_a_protocol_is_brought_and_signed_one_by_one(hub: Any) -> None:
    """Each signature is checked against the agency's registered key; a wrong one changes nothing."""
    police, home = hub.desk("northmere-police"), hub.desk("harbour-house")
    document = _draft(1)
    answer = police.client().post("/v1/protocols", json=document)
    assert answer.status_code == 201, answer.text
    assert answer.json()["signed_by"] == []
    path = "/v1/protocols/northmere-drafts/versions/1/signatures"
    good = signature_over(document, "northmere-police", police.key)
    signed = police.client().post(path, json=good)
    assert signed.status_code == 201, signed.text
    assert signed.json()["signed_by"] == ["northmere-police"]
    forged = signature_over(document, "harbour-house", police.key)
    assert home.client().post(path, json=forged).status_code == 422
    assert home.client().post(path, json=good).status_code == 403
    head = police.client().get("/v1/protocols/northmere-drafts/versions/1").json()
    assert head["signed_by"] == ["northmere-police"]
    assert home.client().post(path, json=signature_over(document, "harbour-house", home.key)).status_code == 201


def test_a_version_is_never_changed(hub: Any) -> None:
    """Another document under a version that stands is a conflict; the next version is free."""
    police = hub.desk("northmere-police").client()
    assert police.post("/v1/protocols", json=_draft(7)).status_code == 201
    assert police.post("/v1/protocols", json=_draft(7) | {"title": "Another"}).status_code == 409
    assert police.post("/v1/protocols", json=_draft(8) | {"title": "Another"}).status_code == 201


def test_a_protocol_is_brought_as_yaml_too(hub: Any, canary: str) -> None:
    """As it is written by people; faults name line and column."""
    police = hub.desk("northmere-police").client()
    text = PROTOCOL_FILE.read_text(encoding="utf-8").replace("version: 1", "version: 21", 1)
    assert police.post("/v1/protocols", content=text, headers=YAML).status_code == 201
    wrong = text.replace("version: 21", f"version: {canary}", 1)
    answer = police.post("/v1/protocols", content=wrong, headers=YAML)
    assert answer.status_code == 422
    assert "line " in answer.json()["errors"][0]["message"]
    assert canary not in answer.text
    assert police.post("/v1/protocols", content=text, headers={"content-type": "text/plain"}).status_code == 415


def test_nobody_brings_a_protocol_among_others(hub: Any) -> None:
    """An agency that is no party has nothing to say in it."""
    answer = hub.desk("bright-path").client().post("/v1/protocols", json=_draft(1))
    assert answer.status_code == 403


def test_a_document_that_is_none_is_told_why(hub: Any, canary: str) -> None:
    """By place, without a word of it."""
    police = hub.desk("northmere-police").client()
    for body in ([canary], {canary: canary}, _draft(1) | {"version": canary}, _draft(1) | {"clauses": [{canary: 1}]}):
        answer = police.post("/v1/protocols", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"]
        assert canary not in answer.text
    assert canary not in hub.log.getvalue()


def test_an_agency_says_which_versions_it_knows(hub: Any) -> None:
    """A system that will be changed next year asks for the version it reads, and takes the wish back later."""
    operator = _operator(hub)
    known = {"concordat.risk.changed": 1}
    assert operator.post("/v1/agencies", json=_new("harbour-view", knows=known)).json()["knows"] == known
    assert operator.get("/v1/agencies/harbour-view").json()["knows"] == known
    assert operator.patch("/v1/agencies/harbour-view", json={"knows": {}}).json()["knows"] == {}


@pytest.mark.parametrize("knows", [{"concordat.canary.sung": 1}, {"concordat.risk.changed": 9}, {"canary": "canary"}])
def test_a_version_that_cannot_be_given_is_refused_at_once(hub: Any, knows: dict[str, Any]) -> None:
    """The slip is found at the desk and not on the night, and nothing of it is repeated."""
    answer = _operator(hub).patch("/v1/agencies/harbour-house", json={"knows": knows})
    assert answer.status_code == 422
    assert "canary" not in answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/knows")
    assert _operator(hub).get("/v1/agencies/harbour-house").json()["knows"] == {}

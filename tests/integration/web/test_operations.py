"""For operators and developers: health, metrics, schemas and the description of the API."""

import json
import re
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import httpx2
import pytest
from opentelemetry.sdk.trace import ReadableSpan

from contracts import asyncapi
from contracts.catalogue import CATALOGUE
from contracts.json_schema import schema_of

STRUCTURED = {"content-type": "application/cloudevents+json"}

Make = Callable[..., dict[str, Any]]


def test_a_hub_that_works_is_alive_and_ready(hub: Any) -> None:
    """Probes need no token."""
    assert httpx2.get(f"{hub.url}/livez").status_code == 200
    ready = httpx2.get(f"{hub.url}/readyz")
    assert ready.json() == {"status": "ready", "parts": {"database": "ok", "vault": "ok", "sequencer": "ok"}}


def test_a_line_that_is_silent_for_a_while_stays_open(hub: Any) -> None:
    """A hub that hung up as soon as its clients do would meet their next request while it closes, and lose it."""
    address = httpx2.URL(hub.url)
    caller = HTTPConnection(address.host, address.port or 80, timeout=10)
    with closing(caller):
        caller.request("GET", "/livez")
        assert caller.getresponse().read()
        line = caller.sock
        line.settimeout(6)  # httpx and its kin keep an idle connection for five seconds
        with pytest.raises(TimeoutError):
            line.recv(1)
        caller.request("GET", "/livez")
        assert caller.getresponse().status == 200
        assert caller.sock is line


def test_a_hub_without_its_key_store_is_alive_but_not_ready(serve: Any) -> None:
    """The answer names the part, so that the operator need not guess."""
    hub = serve()
    hub.built.vault.close()
    hub.built.store.close()
    assert httpx2.get(f"{hub.url}/livez").status_code == 200
    ready = httpx2.get(f"{hub.url}/readyz")
    assert ready.status_code in {200, 503}
    if ready.status_code == 503:
        assert "retry-after" in ready.headers


def test_metrics_count_by_route_and_never_by_path(hub: Any, opened: Make) -> None:
    """On loopback without a static token; route templates and statuses, no id of anything."""
    event = opened()
    client = hub.desk("harbour-house").client()
    client.post("/v1/events", json=event, headers=STRUCTURED)
    client.get(f"/v1/episodes/{event['subject'][8:]}")
    text = httpx2.get(f"{hub.url}/metrics").text
    assert 'route="/v1/episodes/{episode_id}"' in text
    assert re.search(r'concordat_http_requests_total\{[^}]*route="/v1/events",status="201"[^}]*\} [1-9]', text)
    assert re.search(r"concordat_events_accepted_total(\{[^}]*\})? [1-9]", text)
    assert re.search(r"concordat_feeds_open(\{[^}]*\})? 0", text)
    for secret in (event["subject"][8:], event["id"], "harbour-house", "Robin"):
        assert secret not in text


def test_metrics_are_for_the_operator(serve: Any) -> None:
    """On loopback, not through a proxy there; with a static token that one or an administrator's is needed."""
    open_hub = serve()
    assert httpx2.get(f"{open_hub.url}/metrics").status_code == 200
    assert httpx2.get(f"{open_hub.url}/metrics", headers={"x-forwarded-for": "192.0.2.7"}).status_code == 401
    hub = serve(metrics_token="operators-own")
    metrics = f"{hub.url}/metrics"
    assert httpx2.get(metrics).status_code == 401
    assert httpx2.get(metrics, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert httpx2.get(metrics, headers={"authorization": "Bearer operators-own"}).status_code == 200
    assert hub.desk("northmere-hub-oversight").client().get("/metrics").status_code == 200
    assert hub.desk("harbour-house").client().get("/metrics").status_code == 403


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_contract_has_its_schema(hub: Any, name: str) -> None:
    """At the address that the answers name."""
    answer = httpx2.get(f"{hub.url}/schemas/{name}.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json() == schema_of(name)


@pytest.mark.parametrize("path", ["/schemas/concordat.child.located.v1.json", "/asyncapi.json"])
def test_documents_are_kept_and_asked_for_anew(hub: Any, path: str) -> None:
    """Whoever has a document is told in a few bytes that it is still the one."""
    first = httpx2.get(f"{hub.url}{path}")
    assert first.headers["cache-control"] == "public, max-age=300"
    for known in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = httpx2.get(f"{hub.url}{path}", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert httpx2.get(f"{hub.url}{path}", headers={"if-none-match": '"other"'}).status_code == 200


def test_the_asyncapi_document_names_this_hub(hub: Any) -> None:
    """Without a token; as it is committed, but for the address of the hub that serves it."""
    answer = httpx2.get(f"{hub.url}/asyncapi.json")
    assert answer.headers["content-type"] == "application/vnd.aai.asyncapi+json;version=3.0.0"
    document = answer.json()
    assert document["servers"]["hub"]["host"] == hub.url.removeprefix("http://")
    assert document == asyncapi.document(hub.url)


def test_the_description_is_whole(hub: Any) -> None:
    """Every path of the interface, security schemes, problems everywhere, no dangling reference, and no secret."""
    answer = httpx2.get(f"{hub.url}/openapi.json")
    described = answer.json()
    paths = set(described["paths"])
    assert paths >= {
        "/oauth2/token", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json",
        "/v1/events", "/v1/events/validate", "/v1/feed", "/v1/inbox", "/v1/acknowledgements",
        "/v1/episodes", "/v1/episodes/{episode_id}", "/v1/episodes/{episode_id}/told",
        "/v1/disclosures", "/v1/disclosures/{disclosure_id}", "/v1/disclosures/{disclosure_id}/proof",
        "/v1/ledger/checkpoint", "/v1/ledger/verifier-key", "/v1/protocols", "/v1/agencies",
        "/livez", "/readyz", "/metrics", "/schemas/{name}.json", "/asyncapi.json",
    }  # fmt: skip
    assert described["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"].keys() == {
        "publish", "subscribe", "audit", "oversight", "admin",
    }  # fmt: skip
    assert described["servers"] == [{"url": hub.url}]
    assert described["paths"]["/v1/events"]["post"]["security"] == [{"oauth2": ["publish"]}]
    assert {"oauth2": ["oversight"]} in described["paths"]["/v1/disclosures"]["get"]["security"]
    assert "HTTPValidationError" not in answer.text
    for operations in described["paths"].values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            assert operation["summary"]
    names = described["components"]["schemas"]
    for reference in re.findall(r'"#/components/schemas/([^"]+)"', answer.text):
        assert reference in names, reference
    assert '"$defs"' not in answer.text


def test_every_answer_is_guarded(hub: Any) -> None:
    """Nothing is stored, sniffed, framed or referred, whatever the status."""
    for path in ("/livez", "/nowhere", "/v1/inbox", "/openapi.json", "/metrics"):
        headers = httpx2.get(f"{hub.url}{path}").headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers


def test_the_log_has_routes_and_no_paths(hub: Any, opened: Make) -> None:
    """An access line says method, route template, status and time; a path may hold an id."""
    event = opened()
    client = hub.desk("harbour-house").client()
    client.post("/v1/events", json=event, headers=STRUCTURED)
    client.get(f"/v1/episodes/{event['subject'][8:]}?limit={event['id']}")
    log = hub.log.getvalue()
    lines = [json.loads(line) for line in log.splitlines()]
    assert any(line.get("route") == "/v1/episodes/{episode_id}" for line in lines)
    for secret in (event["subject"][8:], event["id"], "Robin"):
        assert secret not in log


def test_a_trace_is_continued_inside_the_hub(hub: Any, opened: Make, spans: list[ReadableSpan]) -> None:
    """The publisher's traceparent goes on in the hub's own spans, which carry a route and a status and nothing more."""
    event = opened()
    headers = STRUCTURED | {"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}
    client = hub.desk("harbour-house").client()
    assert client.post("/v1/events", json=event, headers=headers).status_code == 201
    client.get("/livez")
    mine = [span for span in spans if span.context and f"{span.context.trace_id:x}" == "1" * 32]
    assert [span.name for span in mine] == ["POST /v1/events"]
    assert set(mine[0].attributes or {}) == {"http.request.method", "http.route", "http.response.status_code"}
    police = hub.desk("northmere-police").client()
    assert "1" * 32 not in police.get(f"/v1/inbox?episode={event['subject'][8:]}").text

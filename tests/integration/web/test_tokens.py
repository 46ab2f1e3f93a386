"""Getting a token with a signed assertion, and every way in which one must not be got."""

import base64
import json
import time
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def test_an_agency_gets_a_token_for_what_it_was_granted(hub: Any) -> None:
    """The token is a short-lived JWT for this hub, and the answer says what it is good for."""
    answer = hub.desk("harbour-house").ask()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert said["token_type"] == "Bearer"
    assert said["scope"] == "publish subscribe audit"
    claims = _claims(said["access_token"])
    assert claims["sub"] == "harbour-house"
    assert claims["aud"] == hub.url
    assert 0 < claims["exp"] - time.time() <= 600
    assert said["expires_in"] <= 600


def test_a_token_can_be_asked_to_do_less(hub: Any) -> None:
    """A machine that only listens asks only to listen; then it cannot publish."""
    client = hub.desk("harbour-house").client("subscribe")
    assert client.get("/v1/inbox").status_code == 200
    refused = client.post("/v1/events", json={}, headers={"content-type": "application/cloudevents+json"})
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/insufficient-scope")
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]


def test_the_issuer_may_stand_as_the_audience(hub: Any) -> None:
    """Clients that address the issuer rather than the endpoint are understood."""
    desk = hub.desk("harbour-house")
    assert desk.ask(desk.assertion(aud=hub.url)).status_code == 200
    assert desk.ask(desk.assertion(aud=[hub.url])).status_code == 200


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "EdDSA"])
def test_each_usual_kind_of_key_is_taken(hub: Any, algorithm: str) -> None:
    """An agency whose system has another kind of key registers that one, beside the first."""
    private: Any = {
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
        "PS256": lambda: rsa.generate_private_key(65537, 2048),
        "EdDSA": Ed25519PrivateKey.generate,
    }[algorithm]()
    shape: Any = {"ES256": ECKey, "RS256": RSAKey, "PS256": RSAKey, "EdDSA": OKPKey}[algorithm]
    key = shape.import_key(private, {"kid": "another"})
    hub.change("southfold-police", keys=(key.as_dict(private=False),))
    desk = hub.desk("southfold-police")
    claims = _claims(desk.assertion())
    with pytest.warns(Warning, match="EdDSA") if algorithm == "EdDSA" else _nothing():
        signed = jwt.encode({"alg": algorithm, "kid": "another"}, claims, key, algorithms=[algorithm])
    answer = desk.ask(signed)
    assert answer.status_code == 200, answer.text


class _nothing:  # noqa: N801 (stands where a context manager stands)
    def __enter__(self) -> None: ...
    def __exit__(self, *_error: object) -> None: ...


ATTACKS = {
    "another audience": {"aud": "https://hub.elsewhere.example/oauth2/token"},
    "two audiences": {"aud": ["https://hub.elsewhere.example", "https://other.example"]},
    "no audience": {"aud": None},
    "expired": {"exp": int(time.time()) - 3600},
    "no expiry": {"exp": None},
    "expiry as text": {"exp": "tomorrow"},
    "expiry without end": {"exp": 1e400},
    "lives for a day": {"exp": int(time.time()) + 86_400},
    "issued tomorrow": {"iat": int(time.time()) + 86_400},
    "not yet valid": {"nbf": int(time.time()) + 86_400},
    "no jti": {"jti": None},
    "empty jti": {"jti": ""},
    "subject is another agency": {"sub": "northmere-police"},
    "issuer is another agency": {"iss": "northmere-police", "sub": "northmere-police"},
    "issuer is nobody": {"iss": "nobody-at-all", "sub": "nobody-at-all"},
    "issuer is no text": {"iss": 7, "sub": 7},
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_bent_assertion_is_refused(hub: Any, attack: str) -> None:
    """Whatever is wrong with it, the answer is invalid_client and no token."""
    desk = hub.desk("harbour-house")
    answer = desk.ask(desk.assertion(**ATTACKS[attack]))
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert "access_token" not in answer.text


def test_an_assertion_is_good_once(hub: Any) -> None:
    """Somebody who records an assertion on the wire cannot use it again."""
    desk = hub.desk("harbour-house")
    assertion = desk.assertion()
    assert desk.ask(assertion).status_code == 200
    again = desk.ask(assertion)
    assert again.status_code == 401
    assert again.json()["error"] == "invalid_client"
    # The same jti of another agency is another assertion.
    other = hub.desk("northmere-police")
    assert other.ask(other.assertion(jti=_claims(assertion)["jti"])).status_code == 200


def _forged(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_a_key_that_is_not_the_agencys_opens_nothing(hub: Any) -> None:
    """alg none, HS256 over the public key, another agency's key, and the key named in the header itself."""
    desk, other = hub.desk("harbour-house"), hub.desk("northmere-police")
    claims = _claims(desk.assertion())
    public = OKPKey.import_key(desk.key).as_dict(private=False)
    with_public = OctKey.import_key(base64.urlsafe_b64decode(public["x"] + "="))
    own = Ed25519PrivateKey.generate()
    forgeries = {
        "none": _forged({"alg": "none"}, claims),
        "None": _forged({"alg": "NONE"}, claims),
        "no alg": _forged({}, claims),
        "hs256": jwt.encode({"alg": "HS256"}, claims, with_public, algorithms=["HS256"]),
        "other agency's key": other.assertion(iss="harbour-house", sub="harbour-house"),
        "key in the header": jwt.encode(
            {"alg": "Ed25519", "jwk": OKPKey.import_key(own).as_dict(private=False)},
            claims,
            OKPKey.import_key(own),
            algorithms=["Ed25519"],
        ),
        "unknown kid": desk.assertion(header={"kid": "no-such-key"}),
        "cut short": desk.assertion()[:-4],
        "not a JWT": "a.b",
        "nor this": "....",
        "deep": _forged({"alg": "Ed25519"}, {}, b"x") + "." + "e" * 9000,
    }
    for name, forgery in forgeries.items():
        answer = desk.ask(forgery)
        assert answer.status_code == 401, name
        assert answer.json()["error"] == "invalid_client", name


def test_an_encryption_key_does_not_sign(hub: Any) -> None:
    """A key registered for channel encryption is no credential."""
    key = Ed25519PrivateKey.generate()
    public = OKPKey.import_key(key, {"use": "enc"}).as_dict(private=False)
    desk = hub.desk("northmere-health")
    hub.change("northmere-health", keys=(public,))
    signed = jwt.encode({"alg": "Ed25519"}, _claims(desk.assertion()), OKPKey.import_key(key), algorithms=["Ed25519"])
    assert desk.ask(signed).status_code == 401


def test_nobody_is_granted_more_than_they_have(hub: Any) -> None:
    """Asking for oversight without having it grants nothing at all."""
    answer = hub.desk("harbour-house").ask(scope="publish oversight")
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"client_assertion_type": "secret"}, "invalid_client"),
        ({"client_id": "northmere-police"}, "invalid_client"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
    ],
)
def test_a_request_that_is_not_the_grant_is_refused(hub: Any, change: dict[str, str], error: str) -> None:
    """Errors are those of RFC 6749, and none repeats what was sent."""
    answer = hub.desk("harbour-house").ask(**change)
    assert answer.status_code in {400, 401}
    assert answer.json()["error"] == error


def test_the_form_is_a_form(hub: Any, canary: str) -> None:
    """JSON, repeated parameters and parameters in the URL are invalid requests."""
    endpoint = f"{hub.url}/oauth2/token"
    form = {"content-type": "application/x-www-form-urlencoded"}
    tries = [
        httpx2.post(endpoint, json={"grant_type": canary}),
        httpx2.post(endpoint, content=f"grant_type=client_credentials&grant_type={canary}", headers=form),
        httpx2.post(f"{endpoint}?grant_type={canary}", content="grant_type=x", headers=form),
        httpx2.post(endpoint, content=b"grant_type=%ff" + b"x" * 20_000, headers=form),
        httpx2.post(endpoint, content=b"", headers=form),
    ]
    for answer in tries:
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_request"
        assert canary not in answer.text


def test_a_revoked_agency_is_out_at_once(hub: Any) -> None:
    """Its token was good a moment ago; after the revocation it is not, and there is no new one."""
    desk = hub.desk("eastvale-council")
    client = desk.client()
    assert client.get("/v1/inbox").status_code == 200
    hub.change("eastvale-council", active=False)
    refused = client.get("/v1/inbox")
    assert refused.status_code == 401
    assert desk.ask().status_code == 401
    hub.change("eastvale-council", active=True)
    assert client.get("/v1/inbox").status_code == 200


def test_a_scope_that_is_taken_back_is_gone_at_once(hub: Any) -> None:
    """A token that was given with it no longer reaches."""
    client = hub.desk("eastvale-council").client()
    scopes = frozenset({"publish", "subscribe", "audit"})
    hub.change("eastvale-council", scopes=scopes - {"audit"})
    assert client.get("/v1/protocols").status_code == 403
    assert client.get("/v1/inbox").status_code == 200
    hub.change("eastvale-council", scopes=scopes)
    assert client.get("/v1/protocols").status_code == 200


def test_only_tokens_of_this_hub_are_taken(hub: Any) -> None:
    """No token, a wrong scheme, an assertion in place of a token, and a token signed by somebody else: 401, and why."""
    desk = hub.desk("harbour-house")
    token = desk.token()
    foreign = jwt.encode(
        {"alg": "Ed25519", "typ": "at+jwt"}, _claims(token), OKPKey.import_key(desk.key), algorithms=["Ed25519"]
    )
    assert httpx2.get(f"{hub.url}/v1/inbox").headers["www-authenticate"] == "Bearer"
    for value in (
        "Basic aGFyYm91cg==",
        "Bearer",
        "Bearer x",
        f"Bearer {token[:-3]}",
        f"Bearer {desk.assertion()}",
        f"Bearer {foreign}",
        f"Bearer {_forged({'alg': 'none', 'typ': 'at+jwt'}, _claims(token))}",
        f"Token {token}",
        f"Bearer {token} {token}",
    ):
        answer = httpx2.get(f"{hub.url}/v1/inbox", headers={"authorization": value})
        assert answer.status_code == 401, value
        assert answer.headers["content-type"] == "application/problem+json"
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        assert token not in answer.text
    assert httpx2.get(f"{hub.url}/v1/inbox", headers={"authorization": f"bearer {token}"}).status_code == 200


def test_a_token_in_the_url_is_never_looked_at(hub: Any) -> None:
    """URLs end up in logs: a token in one is an unknown parameter."""
    answer = httpx2.get(f"{hub.url}/v1/inbox?access_token={hub.desk('harbour-house').token()}")
    assert answer.status_code == 400


def test_clients_can_find_out_how(hub: Any) -> None:
    """The metadata of RFC 8414 names the endpoint, and the published key verifies a token."""
    said = httpx2.get(f"{hub.url}/.well-known/oauth-authorization-server").json()
    assert said["issuer"] == hub.url
    assert said["token_endpoint"] == f"{hub.url}/oauth2/token"
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert "none" not in said["token_endpoint_auth_signing_alg_values_supported"]
    keys = httpx2.get(said["jwks_uri"]).json()["keys"]
    assert all("d" not in key for key in keys)
    token = hub.desk("harbour-house").token()
    assert jwt.decode(token, OKPKey.import_key(keys[0]), algorithms=["Ed25519"]).header["typ"] == "at+jwt"

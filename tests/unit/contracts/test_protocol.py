"""The protocol document: its shape, what is signed of it, and its signatures."""

import base64
import hashlib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.protocol import Protocol, Signature, fingerprint, lapse, signed_bytes, thumbprint, verify_signature


def content(**parts: Any) -> dict[str, Any]:
    return {
        "protocol": "night",
        "version": 1,
        "title": "An invented protocol",
        "parties": [{"agency": "northmere-police"}, {"class": "childrens_homes"}],
        "in_force": {"from": "2026-09-01", "until": "2027-08-31"},
        "purposes": {"find": {"description": "Find", "legal_basis": {"discloser": ["a"], "recipient": ["b"]}}},
        "retention": {"mailbox": "P30D", "episode": "P1Y"},
        "clauses": [
            {
                "id": "one",
                "purpose": "find",
                "regime": {"discloser": "part3", "recipient": "uk_gdpr"},
                "to": {"class": "childrens_homes"},
                "events": ["concordat.risk.*", "concordat.child.located.v1"],
                "permit": [{"categories": ["operational"]}],
            }
        ],
        **parts,
    }


def encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def sign(document: dict[str, Any], private: Ed25519PrivateKey) -> tuple[Signature, dict[str, str]]:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": encode(private.public_key().public_bytes_raw())}
    signature = encode(private.sign(signed_bytes(document)))
    return Signature(agency="northmere-police", key=thumbprint(jwk), signature=signature), jwk


PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    """The key of RFC 8037 appendix A.3 has the thumbprint printed there."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "ignored"}
    assert thumbprint(jwk) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_signatures_are_not_part_of_what_is_signed() -> None:
    """A second party can sign without breaking the first one's signature, and the fingerprint stays."""
    unsigned = content()
    signature, jwk = sign(unsigned, PRIVATE)
    signed = content(signatures=[signature.model_dump()])
    assert verify_signature(signed, signature, jwk)
    assert fingerprint(signed) == fingerprint(unsigned)
    assert fingerprint(signed) == "sha256:" + hashlib.sha256(signed_bytes(unsigned)).hexdigest()


def test_the_order_in_which_a_document_is_written_does_not_matter() -> None:
    """Two spellings of one document have the same signed bytes."""
    assert signed_bytes(dict(reversed(content().items()))) == signed_bytes(content())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _, s, k: (content(version=2), s, k),
        lambda d, s, k: (d, s.model_copy(update={"key": "x" * 43}), k),
        lambda d, s, k: (d, s.model_copy(update={"signature": s.signature[:-2] + "AA"}), k),
        lambda d, s, k: (d, s.model_copy(update={"signature": s.signature + "=="}), k),
        lambda d, s, k: (d, s.model_copy(update={"signature": "…"}), k),
        lambda d, s, k: (d, s, {**k, "crv": "X25519"}),
        lambda d, s, _: (d, s, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        lambda d, s, k: (d, s, {**k, "x": "AA"}),
    ],
    ids=["content", "other key id", "signature", "padding", "no base64url", "curve", "rsa", "short key"],
)
def test_a_spoilt_signature_is_no_signature(spoil: Any) -> None:
    """Whatever is changed of document, signature or key, the answer is no, and never an error."""
    signature, jwk = sign(content(), PRIVATE)
    assert verify_signature(content(), signature, jwk)
    assert not verify_signature(*spoil(content(), signature, jwk))


@given(st.text(max_size=30))
def test_no_text_is_taken_for_a_signature(text: str) -> None:
    """Arbitrary text in a signature is refused without an error."""
    signature, jwk = sign(content(), PRIVATE)
    assert not verify_signature(content(), signature.model_copy(update={"signature": text}), jwk)


def test_days_are_inclusive() -> None:
    """A protocol is in force on its first and on its last day."""
    in_force = Protocol.read(content()).in_force
    assert [in_force.covers(date(2026, 8, 31)), in_force.covers(date(2026, 9, 1))] == [False, True]
    assert [in_force.covers(date(2027, 8, 31)), in_force.covers(date(2027, 9, 1))] == [True, False]


def test_a_pattern_names_the_beginning_of_a_type() -> None:
    """A trailing star stands for whatever follows, a type without one only for itself."""
    clause = Protocol.read(content()).clauses[0]
    assert clause.covers("concordat.risk.changed.v1")
    assert clause.covers("concordat.child.located.v1")
    assert not clause.covers("concordat.child.located.v12")
    assert not clause.covers("concordat.child.returned.v1")


def test_a_class_lets_its_members_be_parties() -> None:
    """A home is a party through its class, a council that nothing names is none."""
    protocol = Protocol.read(content())
    assert protocol.has_party("harbour-house", frozenset({"childrens_homes"}))
    assert protocol.has_party("northmere-police", frozenset())
    assert not protocol.has_party("eastvale-council", frozenset())


@pytest.mark.parametrize(
    "parts",
    [
        {"version": 0},
        {"version": "1"},
        {"title": ""},
        {"parties": []},
        {"parties": [{"agency": "northmere-police", "class": "childrens_homes"}]},
        {"parties": [{"agency": "northmere-police"}, {"agency": "northmere-police"}]},
        {"in_force": {"from": "2026-09-01", "until": "2026-08-31"}},
        {"in_force": {"from": "2026-09-01", "until": "2027-08-31", "review_by": "2027-09-01"}},
        {"in_force": {"from": "2026-09-01T00:00:00Z", "until": "2027-08-31"}},
        {"retention": {"mailbox": "P", "episode": "P1Y"}},
        {"retention": {"mailbox": "P1DT", "episode": "P1Y"}},
        {"clauses": []},
        {"nickname": "n"},
    ],
)
def test_a_document_that_contradicts_the_format_is_refused(parts: dict[str, Any]) -> None:
    """Each of these documents is refused whole."""
    with pytest.raises(ValidationError):
        Protocol.read(content(**parts))


@pytest.mark.parametrize(
    "parts",
    [
        {"permit": []},
        {"permit": [{}]},
        {"permit": [{"fields": ["risk.**"], "categories": ["operational"]}]},
        {"permit": [{"fields": ["risk.***"]}]},
        {"permit": [{"fields": ["*.level"]}]},
        {"permit": [{"categories": ["secret"]}]},
        {"permit": [{"categories": ["operational"], "transform": "blur"}]},
        {"permit": [{"categories": ["operational"], "absolute": True}]},
        {"limit": [{"categories": ["operational"]}]},
        {"forbid": [{"categories": ["operational"], "transform": "mask"}]},
        {"forbid": [{"categories": ["operational"], "absolute": "yes"}]},
        {"purpose": "lose"},
        {"events": []},
        {"events": ["*"]},
        {"events": ["concordat.*.v1"]},
        {"to": {}},
        {"to": {"role": "neighbour"}},
        {"to": {"role": "health", "agency": "northmere-health"}},
        {"regime": {"discloser": "part4", "recipient": "uk_gdpr"}},
        {"when": {"weather": "bad"}},
        {"when": {"intervention_level": [4]}},
        {"when": {"intervention_level": 3}},
        {"when": {"hours_since_last_seen": {}}},
        {"when": {"hours_since_last_seen": {"at_least": 5, "less_than": 5}}},
    ],
)
def test_a_clause_that_contradicts_the_format_is_refused(parts: dict[str, Any]) -> None:
    """Each of these clauses is refused."""
    clause = {**content()["clauses"][0], **parts}
    with pytest.raises(ValidationError):
        Protocol.read(content(clauses=[clause]))


@pytest.mark.parametrize(
    ("duration", "end"),
    [("P30D", (2027, 3, 2)), ("P1M", (2027, 2, 28)), ("P1Y1M", (2028, 2, 29)), ("P2W", (2027, 2, 14))],
)
def test_retention_counts_by_the_calendar(duration: str, end: tuple[int, int, int]) -> None:
    """A month after the last of January is the last of February."""
    assert lapse(datetime(2027, 1, 31, 12, tzinfo=UTC), duration) == datetime(*end, 12, tzinfo=UTC)


def test_hours_may_be_kept_too() -> None:
    """A duration may be of hours; what is no duration is refused."""
    assert lapse(datetime(2027, 1, 1, tzinfo=UTC), "PT36H") == datetime(2027, 1, 2, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="ISO 8601"):
        lapse(datetime(2027, 1, 1, tzinfo=UTC), "30 days")

"""Commitments: bound to one value, silent about it."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import NotCanonicalError, b64url
from contracts.commitment import commit, commit_bytes, opens

KEY = bytes(range(32))
VALUE = {"place": "Northmere bus station", "at": "2026-11-22T21:10:00Z"}


def test_a_commitment_is_an_hmac_over_canonical_json() -> None:
    """Anyone can recompute it with standard tools: HMAC-SHA-256 over the RFC 8785 bytes."""
    written = b'{"at":"2026-11-22T21:10:00Z","place":"Northmere bus station"}'
    assert commit(KEY, dict(reversed(VALUE.items()))) == b64url(hmac.digest(KEY, written, hashlib.sha256))
    assert len(commit(KEY, VALUE)) == 43


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_the_hmac_is_the_librarys(key: bytes, content: bytes) -> None:
    """Under any key, over content of any length."""
    assert commit_bytes(key, content) == b64url(hmac.digest(key, content, hashlib.sha256))


def test_only_key_and_value_open_it() -> None:
    """Neither another value, another key nor another commitment opens."""
    commitment = commit(KEY, VALUE)
    assert opens(commitment, KEY, VALUE)
    assert not opens(commitment, KEY, {**VALUE, "place": "Westmoor"})
    assert not opens(commitment, bytes(32), VALUE)
    assert not opens(commit(KEY, {}), KEY, VALUE)


def test_nonsense_opens_nothing() -> None:
    """A malformed commitment, a short key or a value that is not JSON is a plain no."""
    assert not opens("not base64", KEY, VALUE)
    assert not opens(commit(KEY, VALUE), KEY[:-1], VALUE)
    assert not opens(commit(KEY, VALUE), KEY, float("nan"))


def test_committing_needs_a_whole_key_and_json() -> None:
    """The hub cannot commit by mistake under a short key, or to what it could never open."""
    with pytest.raises(ValueError, match="32 bytes"):
        commit(b"short", VALUE)
    with pytest.raises(NotCanonicalError):
        commit(KEY, float("inf"))

"""Canonical JSON and base64url: one value, one text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import NotCanonicalError, b64url, canonical, parse_json, unb64url


def test_the_sorting_of_rfc_8785() -> None:
    """Names are sorted by UTF-16 code units, as in the example of RFC 8785 §3.2.3."""
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(parse_json(canonical(value))) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_the_numbers_of_rfc_8785() -> None:
    """Numbers are written as ECMAScript does, as in the example of RFC 8785 §3.2.2."""
    value = [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001, -0.0]
    assert canonical(value) == b"[333333333.3333333,1e+30,4.5,0.002,1e-27,0]"


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, 2**53, b"bytes", {1: "a"}, {"\ud800": 1}, "\ud800", {"a": object()}],
    ids=["nan", "infinity", "large integer", "bytes", "number as name", "surrogate name", "surrogate", "object"],
)
def test_what_is_not_json_is_refused_without_being_quoted(value: object) -> None:
    """A value that other readers would read otherwise has no canonical form, and is not repeated in the error."""
    with pytest.raises(NotCanonicalError) as refused:
        canonical(value)
    assert str(2**53) not in str(refused.value)
    assert refused.value.__cause__ is None


def test_nesting_beyond_reason_is_refused() -> None:
    """A document made to exhaust the reader is a clear error."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(NotCanonicalError):
        canonical(deep)
    with pytest.raises(NotCanonicalError):
        parse_json(b"[" * 100_000)


@pytest.mark.parametrize(
    "data",
    [b'{"a":1,"a":2}', b"NaN", b"[-Infinity]", b"\xff", b'{"a":1}'.decode().encode("utf-16"), b"", b"1" * 5000],
    ids=["twice", "nan", "infinity", "not utf-8", "utf-16", "nothing", "endless number"],
)
def test_ambiguous_json_is_refused(data: bytes) -> None:
    """A document that two readers may read differently is not read at all."""
    with pytest.raises(NotCanonicalError):
        parse_json(data)


@given(st.binary(max_size=70))
def test_base64url_there_and_back(data: bytes) -> None:
    """Every byte string has one text."""
    text = b64url(data)
    assert unb64url(text) == data
    assert "=" not in text


@pytest.mark.parametrize("text", ["AA==", "AB", "A", "A+", "A/", "AA\n", " AA", "AA ", "é", "AAA=", "A A"])
def test_other_texts_are_refused(text: str) -> None:
    """Padding, the other alphabet, blanks and stray trailing bits do not make a second text of the same bytes."""
    with pytest.raises(NotCanonicalError):
        unb64url(text)

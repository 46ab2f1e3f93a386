"""The hub's fast canonical bytes are those that everybody else computes."""

from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from broker.ledger.canonical import canonical_bytes, composed_bytes
from contracts.canonical import NotCanonicalError

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
_NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(_TEXTS, inner),
)


@given(_VALUES)
@example({"\U0001f600": 1, "\ufb33": 2})
@example([1.0, -0.0, 1e21, 1e-7, 5e-324])
@example({"at": "12:05.5", "control": "\x00\x1f\x7f\u2028\b\f"})
@example(1e16)
@example({"a": [[-1e-7]], "b": {"c": 100.0}})
@example(['":1.5', "[2e5", ",3.5", "-4E1"])
@example({"\uffff": 1, "\U00010000": 2, "\ue000": 3, "\ud7ff": 4})
@example({"text": "\U0001f98a", "\u00e9": "\ufb33", "e": "\u20ac"})
@example((2**53 - 1, -(2**53) + 1, -0.0, True, None))
def test_bytes_are_those_of_the_library_that_knows_all_values(value: Any) -> None:
    """Whatever JSON is recorded, an agency that computes RFC 8785 its own way gets the same bytes."""
    assert canonical_bytes(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, {1: "a"}, {"a": b"bytes"}, "\ud800"])
def test_what_is_not_json_is_refused(value: Any) -> None:
    """What RFC 8785 cannot carry is never recorded as something else."""
    with pytest.raises(NotCanonicalError):
        canonical_bytes(value)


_ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
_OWN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _ASCII,
    lambda inner: st.lists(inner) | st.dictionaries(_ASCII, inner),
)


@given(st.dictionaries(_ASCII, st.tuples(st.just(False), _OWN) | st.tuples(st.just(True), _VALUES)))
@example({'"\\/': (False, '"\\/\x7f'), "~": (False, 2**53 - 1), "": (True, {"\U0001f600": 1.5, "\ufb33": -0.0})})
def test_what_is_put_together_is_what_would_be_written_at_once(members: dict[str, tuple[bool, Any]]) -> None:
    """A leaf or a detail of the hub's own words and of parts written before has the bytes of the whole."""
    parts = {
        name: orjson.Fragment(canonical_bytes(value)) if apart else value for name, (apart, value) in members.items()
    }
    assert composed_bytes(parts) == rfc8785.dumps({name: value for name, (_, value) in members.items()})

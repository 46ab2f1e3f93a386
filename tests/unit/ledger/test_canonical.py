"""The hub's fast canonical bytes are those that everybody else computes."""

from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from broker.ledger.canonical import canonical_bytes
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
def test_bytes_are_those_of_the_library_that_knows_all_values(value: Any) -> None:
    """Whatever JSON is recorded, an agency that computes RFC 8785 its own way gets the same bytes."""
    assert canonical_bytes(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, {1: "a"}, {"a": b"bytes"}, "\ud800"])
def test_what_is_not_json_is_refused(value: Any) -> None:
    """What RFC 8785 cannot carry is never recorded as something else."""
    with pytest.raises(NotCanonicalError):
        canonical_bytes(value)

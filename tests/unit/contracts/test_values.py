"""Values that are objects: what they take and what they refuse."""

import pytest
from pydantic import ValidationError

from contracts.values import Span


def test_a_span_runs_forward() -> None:
    """Between seven and half past, in whatever offsets; one moment is a span too."""
    span = Span.model_validate({"earliest": "2026-07-22T20:00:00+01:00", "latest": "2026-07-22T19:30:00Z"})
    assert span.model_dump(mode="json") == {"earliest": "2026-07-22T19:00:00Z", "latest": "2026-07-22T19:30:00Z"}
    moment = "2026-07-22T20:00:00Z"
    assert Span.model_validate({"earliest": moment, "latest": moment}).latest.hour == 20


def test_a_span_that_runs_backwards_is_refused() -> None:
    """The two times were given in the wrong order, and the sender is told which comes first."""
    with pytest.raises(ValidationError, match="latest may not lie before earliest"):
        Span.model_validate({"earliest": "2026-07-22T20:00:01Z", "latest": "2026-07-22T20:00:00Z"})


@pytest.mark.parametrize("end", ["earliest", "latest"])
def test_a_span_has_both_ends(end: str) -> None:
    """Half a span says nothing that the best estimate does not say."""
    both = {"earliest": "2026-07-22T20:00:00Z", "latest": "2026-07-22T20:00:00Z"}
    del both[end]
    with pytest.raises(ValidationError, match=end):
        Span.model_validate(both)

"""What follows from an attempt."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.delivery.schedule import (
    LARGEST_JITTER,
    MOST_ATTEMPTS,
    RETRY_DELAYS,
    Delivered,
    GivenUp,
    Outcome,
    TryAgain,
    decide,
    outcome_of,
)

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
FAILURES = [one for one in Outcome if one not in (Outcome.DELIVERED, Outcome.GONE)]


@given(
    st.lists(st.sampled_from(FAILURES), min_size=MOST_ATTEMPTS, max_size=MOST_ATTEMPTS),
    st.lists(st.floats(0, 1), min_size=MOST_ATTEMPTS, max_size=MOST_ATTEMPTS),
)
def test_whatever_the_failures_and_the_jitter_it_is_tried_for_75_hours(
    outcomes: list[Outcome], jitters: list[float]
) -> None:
    """Ten attempts over at least 75 hours and at most a tenth more; then it is given up, whatever went wrong."""
    at = NOW
    for tries, (outcome, jitter) in enumerate(zip(outcomes, jitters, strict=True), 1):
        decision = decide(outcome, tries, at, jitter)
        if tries == MOST_ATTEMPTS:
            assert decision == GivenUp()
            break
        assert isinstance(decision, TryAgain)
        assert not decision.switch_off
        assert decision.at > at
        at = decision.at
    assert timedelta(hours=75) <= at - NOW <= timedelta(hours=84)


def test_the_delays_are_those_of_the_standard() -> None:
    """A developer who knows Standard Webhooks knows when the next attempt comes."""
    assert [delay.total_seconds() for delay in RETRY_DELAYS] == [
        5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400,
    ]  # fmt: skip


@given(st.sampled_from(FAILURES), st.integers(1, MOST_ATTEMPTS - 1), st.floats(0, 1))
def test_jitter_only_lengthens_a_pause(outcome: Outcome, tries: int, jitter: float) -> None:
    """Nobody is asked earlier than the schedule says."""
    decision = decide(outcome, tries, NOW, jitter)
    assert isinstance(decision, TryAgain)
    pause = RETRY_DELAYS[tries - 1]
    assert pause <= decision.at - NOW <= pause * (1 + LARGEST_JITTER)


@given(st.integers(1, 50))
def test_a_delivery_ends_it_and_gone_switches_off_at_any_attempt(tries: int) -> None:
    """2xx ends it; 410 switches the endpoint off and keeps the message, also at the last attempt."""
    assert decide(Outcome.DELIVERED, tries, NOW, 0.5) == Delivered()
    gone = decide(Outcome.GONE, tries, NOW, 0.5)
    assert isinstance(gone, TryAgain)
    assert gone.switch_off


@given(st.integers(100, 599))
def test_only_2xx_is_delivered(status: int) -> None:
    """No redirect, no client error, no server error counts as arrived."""
    outcome = outcome_of(status)
    assert (outcome is Outcome.DELIVERED) == (status // 100 == 2)
    assert (outcome is Outcome.REDIRECTED) == (status // 100 == 3)
    assert (outcome is Outcome.GONE) == (status == 410)


@pytest.mark.parametrize(("tries", "jitter"), [(0, 0.5), (1, -0.1), (1, 1.1)])
def test_nonsense_is_refused(tries: int, jitter: float) -> None:
    """A jitter that would shorten the schedule is a mistake of the hub's, not a faster delivery."""
    with pytest.raises(ValueError, match="tries counts from 1"):
        decide(Outcome.REFUSED, tries, NOW, jitter)

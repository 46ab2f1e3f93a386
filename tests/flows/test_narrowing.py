"""What the publisher itself keeps back."""

import pytest

from broker.flows.check import read
from contracts.parse import InvalidEvent


def test_a_slip_in_what_is_kept_back_is_refused_not_passed_over(doors):
    """A path that names no field would keep nothing back: the publisher is told before anything leaves."""
    handle = doors.place()
    data = {"child": {"handle": handle}}
    event = doors.event(
        "harbour-house", "concordat.episode.opened.v1", data, concordataudience="-field:last_seen.plaice"
    )
    with pytest.raises(InvalidEvent) as refused:
        read(event)
    assert refused.value.faults[0].pointer == "/concordataudience"
    assert "plaice" not in refused.value.faults[0].message

"""Order within a lane, and what may be stepped over."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from broker.delivery.order import STEP_OVER_AFTER, State, is_stepped_over, may_go, to_release


@dataclass(frozen=True)
class Message:
    number: int
    state: State = State.HELD
    tries: int = 0

    @property
    def stepped_over(self) -> bool:
        return is_stepped_over(self.tries)


lanes = st.lists(st.tuples(st.sampled_from(State), st.integers(0, 12)), max_size=12).map(
    lambda made: [Message(number, state, tries) for number, (state, tries) in enumerate(made)]
)


@given(lanes)
def test_of_a_lane_only_one_goes_that_has_not_failed_three_times(lane: list[Message]) -> None:
    """At most one message of an episode is on its way for the first times; it is the first of those."""
    going = may_go(lane)
    fresh = [one for one in going if not one.stepped_over]
    unfinished = [one for one in lane if not one.state.is_finished]
    assert len(fresh) <= 1
    assert fresh == [one for one in unfinished if not one.stepped_over][:1]
    assert not any(one.state.is_finished for one in going)
    assert list(to_release(lane)) == [one for one in going if one.state is State.HELD]


@given(lanes)
def test_somebody_may_always_go(lane: list[Message]) -> None:
    """A lane with anything unfinished is never stuck."""
    assert bool(may_go(lane)) == any(not one.state.is_finished for one in lane)


@given(
    st.integers(1, 8),
    st.sets(st.integers(0, 7)),
    st.integers(0, 7),
)
def test_no_rejected_event_holds_back_child_located(size: int, rejected: set[int], located: int) -> None:
    """Whichever messages of an episode are rejected for ever, every other one arrives, in order, after few attempts."""
    located %= size
    rejected -= {located}
    lane = [Message(number) for number in range(size)]
    arrived: list[int] = []
    for _ in range(STEP_OVER_AFTER * size):
        for one in may_go(lane):
            refused = one.number in rejected
            lane[one.number] = replace(one, state=State.WAITING if refused else State.DELIVERED, tries=one.tries + 1)
            if not refused:
                arrived.append(one.number)
    assert located in arrived
    assert arrived == sorted(arrived) == [number for number in range(size) if number not in rejected]


def test_a_later_message_waits_for_two_failures_and_not_for_three() -> None:
    """After the third failure the next may go; before that it may not."""
    for tries in range(STEP_OVER_AFTER):
        assert [one.number for one in may_go([Message(1, State.WAITING, tries), Message(2)])] == [1]
    assert [one.number for one in may_go([Message(1, State.WAITING, 3), Message(2), Message(3)])] == [1, 2]

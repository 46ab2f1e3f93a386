"""A time that is read wrongly sends people to the wrong place: there is one way to write it."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import times


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T21:40:00Z", datetime(2026, 11, 22, 21, 40, tzinfo=UTC)),
        ("2026-07-01T00:30:00+01:00", datetime(2026, 6, 30, 23, 30, tzinfo=UTC)),
        ("2026-11-22t21:40:00.123456789z", datetime(2026, 11, 22, 21, 40, 0, 123456, tzinfo=UTC)),
        ("2026-11-22T21:40:00-00:00", datetime(2026, 11, 22, 21, 40, tzinfo=UTC)),
    ],
)
def test_rfc_3339_is_read(text: str, moment: datetime) -> None:
    """Offsets, fractions and lower-case letters are read as RFC 3339 has them."""
    read = times.read_timestamp(text)
    assert isinstance(read, datetime)
    assert times.in_utc(read) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T21:40:00",
        "2026-11-22 21:40:00Z",
        "2026-11-22T21:40Z",
        "20261122T214000Z",
        "2026-W47-7T21:40:00Z",
        "2026-11-22T21:40:00+0000",
        "2026-11-22T24:00:00Z",
        "2026-11-22T23:59:60Z",
        "2026-02-29T12:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-11-22T21:40:00Z\n",
        "1795383600",
        "",
    ],
)
def test_any_other_writing_is_refused(text: str) -> None:
    """No offset, a space, a Unix time in quotes, a day that is not in the calendar: the sender must say it properly."""
    with pytest.raises(ValueError, match=r"a time is written|there is no such day"):
        times.read_timestamp(text)


@pytest.mark.parametrize("text", ["2026-02-29", "20261122", "22/11/2026", "2026-11-22T00:00:00Z", "1899-12-31", ""])
def test_a_day_is_a_day(text: str) -> None:
    """A birthday is a calendar day and nothing that resembles one."""
    with pytest.raises(ValueError, match=r"a day is written|there is no such day"):
        times.read_day(text)
    assert times.read_day("2012-02-29") == date(2012, 2, 29)


def test_the_end_of_years_is_the_end_in_utc() -> None:
    """A moment that another offset would carry out of the years that can be kept is refused, not shifted."""
    late = times.read_timestamp("2099-12-31T23:59:59-01:00")
    assert isinstance(late, datetime)
    with pytest.raises(ValueError, match="2099"):
        times.in_utc(late)
    with pytest.raises(ValueError, match="2099"):
        times.in_utc(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2099, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 (hypothesis wants naive bounds)
def test_what_python_writes_is_read_back(moment: datetime) -> None:
    """A developer's own `isoformat()` of an aware time is accepted and means the same."""
    assert times.read_timestamp(moment.isoformat()) == moment

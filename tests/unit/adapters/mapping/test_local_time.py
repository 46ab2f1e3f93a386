"""Two hours a year the clock on the wall does not say which moment it is; nobody but the mapping may settle it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sdk.mapping.local_time import NoSuchTime, TwiceThatDay, moment_of
from tests.unit.adapters.mapping.conftest import made

LONDON = ZoneInfo("Europe/London")
AT = {"to": "last_seen.at", "column": "Seen", "format": "%d/%m/%Y %H:%M"}


def seen(text, **more):
    data, gaps = made([AT | more], {"Seen": text})
    return data.get("last_seen", {}).get("at"), [kind for kind, _, _ in gaps]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("22/11/2026 21:40", "2026-11-22T21:40:00.000Z"),
        ("22/07/2026 21:40", "2026-07-22T20:40:00.000Z"),
        ("3/4/2026 0:05", "2026-04-02T23:05:00.000Z"),
        ("29/03/2026 00:59", "2026-03-29T00:59:00.000Z"),
        ("29/03/2026 02:00", "2026-03-29T01:00:00.000Z"),
        ("25/10/2026 00:59", "2026-10-24T23:59:00.000Z"),
        ("25/10/2026 02:00", "2026-10-25T02:00:00.000Z"),
    ],
)
def test_londons_time_becomes_a_moment(text, moment):
    """Summer time is an hour ahead, up to the very minute at which the clocks change."""
    assert seen(text) == (moment, [])


def test_the_hour_that_the_clocks_repeat_is_not_guessed():
    """Half past one on that night was twice; unless the mapping says which one is meant, the field is left out."""
    text = "25/10/2026 01:30"
    assert seen(text) == (None, ["twice_that_day"])
    assert seen(text, clock_change="earlier") == ("2026-10-25T00:30:00.000Z", ["assumed_offset"])
    assert seen(text, clock_change="later") == ("2026-10-25T01:30:00.000Z", ["assumed_offset"])


def test_the_hour_that_the_clocks_skip_never_was():
    """No mapping can make half past one of that night a moment."""
    for settled in ("refuse", "earlier", "later"):
        assert seen("29/03/2026 01:30", clock_change=settled) == (None, ["no_such_time"])


def test_a_written_offset_leaves_no_doubt():
    """A system that writes its offset is believed, in the doubtful hours too; so is the contract's own form."""
    assert seen("25/10/2026 01:30 +0100", format="%d/%m/%Y %H:%M %z") == ("2026-10-25T00:30:00.000Z", [])
    assert seen("2026-10-25T01:30:00+01:00", format=None) == ("2026-10-25T00:30:00.000Z", [])


def test_a_day_is_no_moment_unless_the_mapping_says_when():
    """The time that is assumed stands in the mapping, for all to see, and every use of it is reported."""
    assert seen("22/07/2026", format="%d/%m/%Y", time_of_day="09:00") == ("2026-07-22T08:00:00.000Z", ["assumed_time"])
    assert seen("22/07/2026 10:00") == ("2026-07-22T09:00:00.000Z", [])
    assert seen("22/07/2026") == (None, ["unreadable"])


@pytest.mark.parametrize("text", ["31/02/2026 10:00", "07/22/2026 10:00", "22.07.2026 10:00", "yesterday", "2026"])
def test_what_is_written_otherwise_is_not_read(text):
    """A date of another form is reported, never turned round until it fits."""
    assert seen(text) == (None, ["unreadable"])


@given(st.datetimes(datetime(2000, 1, 1), datetime(2039, 12, 31)))  # noqa: DTZ001 (local times have no zone)
def test_every_moment_is_its_local_time_read_back(local):
    """Whatever a local time is read as shows that time on London's clocks, and both readings of a doubtful one do."""
    try:
        moments = {moment_of(local, LONDON, which)[0] for which in ("earlier", "later")}
    except NoSuchTime:
        hour = local.replace(tzinfo=LONDON).astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) - local
        assert hour == timedelta(hours=1)
        return
    assert {moment.astimezone(LONDON).replace(tzinfo=None) for moment in moments} == {local}
    if len(moments) == 2:
        with pytest.raises(TwiceThatDay):
            moment_of(local, LONDON, "refuse")
    else:
        assert moment_of(local, LONDON, "refuse") == (*moments, False)

"""Series are begun near the window, and mean the same as if they were walked from their start."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from tests.booking.support.published import a_calendar

from booking.clients.series import STEPS_MAX, Steps, TooLarge, expand
from booking.domain.busy import Busy

WITHIN = Busy(datetime(2027, 3, 22, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC))
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STARTS = st.dates(date(2018, 1, 1), date(2027, 5, 1)) | st.sampled_from(
    [date(2016, 2, 29), date(2015, 8, 31), date(2020, 12, 31)]
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Of those that come again: for the others the library itself takes seconds each."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    if draw(st.booleans()):
        parts.append("BYDAY=" + ",".join(draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True))))
    if draw(st.booleans()):
        parts.append(f"BYMONTH={draw(st.integers(1, 12))}")
    if frequency != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={draw(st.integers(-28, 28).filter(bool))}")
    if len(parts) > 2 and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, -1]))}")
    parts.append(draw(st.sampled_from(["WKST=MO", "WKST=SU", "UNTIL=20270501T000000Z", "COUNT=40"])))
    return ";".join(parts)


def series(start: str, rule: str, length: str = "PT1H", more: str = "") -> Any:
    event = f"UID:1 DTSTART{start} DURATION:{length} RRULE:{rule}{more}"
    return Calendar.from_ical(a_calendar(event))


@settings(max_examples=40, deadline=None)
@given(STARTS, rules(), st.sampled_from(["PT1H", "P2D", "P40D"]))
def test_it_finds_what_the_library_finds_from_the_start(start: date, rule: str, length: str) -> None:
    calendar = series(f";TZID=Europe/Berlin:{start:%Y%m%d}T023000", rule, length)
    expected = recurring_ical_events.of(calendar).between(WITHIN.starts_at, WITHIN.ends_at)
    found = expand(calendar, WITHIN, Steps(10**9))
    assert sorted(each.start for each in found) == sorted(event["DTSTART"].dt for event in expected)


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY;BYDAY=MO,WE", "MONTHLY;BYDAY=1MO", "YEARLY;BYDAY=1MO"])
def test_a_series_of_centuries_costs_what_one_of_this_year_does(frequency: str) -> None:
    steps = Steps(STEPS_MAX)
    assert list(expand(series(":15830101T080000Z", f"FREQ={frequency}"), WITHIN, steps)) or "YEARLY" in frequency
    assert STEPS_MAX - steps.left < 200


def test_a_counted_series_is_walked_as_far_as_it_may_cost() -> None:
    counted = series(":20150101T080000Z", "FREQ=DAILY;COUNT=5000")
    whole = WITHIN.ends_at - WITHIN.starts_at
    assert len(list(expand(counted, WITHIN, Steps(STEPS_MAX)))) == whole / timedelta(days=1)
    with pytest.raises(TooLarge):
        list(expand(counted, WITHIN, Steps(4000)))


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_what_never_happens_is_given_up(frequency: str) -> None:
    """Each kind spends its steps: the library takes the interval in another way for each."""
    never = series(":20270101T080000Z", f"FREQ={frequency};BYMONTH=2;BYMONTHDAY=30")
    with pytest.raises(TooLarge):
        list(expand(never, WITHIN, Steps(2000)))

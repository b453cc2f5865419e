"""What times a published calendar takes, as Outlook, Google and others write it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.booking.support.published import a_calendar

from booking.clients.busy_calendar import ENTRIES_MAX, EVENTS_MAX, CalendarUnreadable, read_calendar
from booking.domain.busy import Busy

WITHIN = Busy(datetime(2027, 3, 22, tzinfo=UTC), datetime(2027, 4, 5, tzinfo=UTC))
BERLIN = ZoneInfo("Europe/Berlin")
MONDAYS = (
    "UID:1 DTSTART;TZID=Europe/Berlin:20270101T090000 DTEND;TZID=Europe/Berlin:20270101T100000"
    " RRULE:FREQ=WEEKLY;BYDAY=MO EXDATE;TZID=Europe/Berlin:20270322T090000"
)
"""An hour earlier in UTC than in winter, once the clocks went forward."""
NEVER = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
"""Looked for until the year 9999, unless somebody stops it."""
MANY_TIMES = ",".join(
    f"{datetime(2027, 3, 29, tzinfo=UTC) + timedelta(seconds=second):%Y%m%dT%H%M%SZ}" for second in range(ENTRIES_MAX)
)


def read(*events: str) -> list[tuple[str, str]]:
    """Starts and ends, in UTC."""
    found = sorted(read_calendar([a_calendar(*events)], WITHIN, BERLIN))
    return [(f"{busy.starts_at:%d %H:%M}", f"{busy.ends_at:%d %H:%M}") for _, busy in found]


@pytest.mark.parametrize(
    ("event", "busy"),
    [
        ("UID:1 DTSTART:20270329T080000Z DTEND:20270329T090000Z", [("29 08:00", "29 09:00")]),
        ("UID:1 DTSTART;TZID=Europe/Berlin:20270328T033000 DURATION:PT1H", [("28 01:30", "28 02:30")]),
        ("UID:1 DTSTART:20270329T080000 DTEND:20270329T090000", [("29 06:00", "29 07:00")]),
        ("UID:1 DTSTART;VALUE=DATE:20270328 DTEND;VALUE=DATE:20270330", [("27 23:00", "29 22:00")]),
        ("UID:1 DTSTART;VALUE=DATE:20270328", [("27 23:00", "28 22:00")]),
        (MONDAYS, [("29 07:00", "29 08:00")]),
        ("UID:1 DTSTART:20270329T080000Z DTEND:20270329T090000Z TRANSP:TRANSPARENT", []),
        ("UID:1 DTSTART:20270329T080000Z DTEND:20270329T090000Z STATUS:CANCELLED", []),
        ("UID:1 DTSTART:20270329T080000Z DTEND:20270329T090000Z X-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        ("UID:1 DTSTART:20270329T080000Z", []),
        ("UID:1 DTSTART:20280329T080000Z DTEND:20280329T090000Z", []),
    ],
)
def test_an_event_takes_its_time(event: str, busy: list[tuple[str, str]]) -> None:
    assert read(event) == busy


def test_a_moved_occurrence_of_a_series_takes_its_new_time() -> None:
    series = "UID:1 DTSTART:20270322T080000Z DTEND:20270322T090000Z RRULE:FREQ=WEEKLY;COUNT=2"
    moved = "UID:1 RECURRENCE-ID:20270329T080000Z DTSTART:20270330T100000Z DTEND:20270330T110000Z"
    gone = "UID:1 RECURRENCE-ID:20270322T080000Z DTSTART:20270322T080000Z DTEND:20270322T090000Z STATUS:CANCELLED"
    assert read(series, moved, gone) == [("30 10:00", "30 11:00")]


def test_a_rule_may_name_the_one_time_of_day() -> None:
    rule = "RRULE:FREQ=DAILY;COUNT=2;BYHOUR=8;BYMINUTE=30;BYSECOND=0"
    daily = f"UID:1 DTSTART:20270329T083000Z DTEND:20270329T090000Z {rule}"
    assert read(daily) == [("29 08:30", "29 09:00"), ("30 08:30", "30 09:00")]


def test_a_series_that_makes_no_sense_hides_no_other() -> None:
    broken = "UID:1 DTSTART:20270322T080000Z DTEND:20270322T090000Z RRULE:FREQ=DAILY;BYSETPOS=400"
    assert read(broken, "UID:2 DTSTART:20270329T080000Z DTEND:20270329T090000Z") == [("29 08:00", "29 09:00")]


@pytest.mark.parametrize("interval", ["0", "-1"])
def test_a_rule_that_goes_nowhere_hides_no_other(interval: str) -> None:
    nowhere = f"UID:1 DTSTART:20270329T080000Z DURATION:PT1H RRULE:FREQ=DAILY;INTERVAL={interval}"
    assert read(nowhere, "UID:2 DTSTART:20270329T080000Z DTEND:20270329T090000Z") == [("29 08:00", "29 09:00")]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"<html>sign in</html>", "unreadable_"),
        (b"", "unreadable_"),
        (b"\xff\xfe\x00", "unreadable_"),
        (b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n", "not_a_calendar"),
        (a_calendar("UID:1 DTSTART:20270101T080000Z RRULE:FREQ=SECONDLY"), "repeats_within_a_day"),
        (a_calendar("UID:1 DTSTART:20270101T080000Z RRULE:FREQ=HOURLY"), "repeats_within_a_day"),
        (a_calendar("UID:1 DTSTART:20270101T080000Z RRULE:FREQ=DAILY;BYHOUR=8,9"), "repeats_within_a_day"),
        (a_calendar("UID:1 DTSTART:20270101T080000Z RRULE:FREQ=DAILY;BYMINUTE=0,1"), "repeats_within_a_day"),
        (a_calendar("UID:1 DTSTART:20270101T080000Z RRULE:FREQ=DAILY;BYSECOND=0,1"), "repeats_within_a_day"),
        (a_calendar(f"UID:1 DTSTART:20270101T080000Z {NEVER}"), "too_large_to_expand"),
        (a_calendar(*["UID:1"] * (EVENTS_MAX + 1)), "too_many"),
        (a_calendar(f"UID:1 DTSTART:20270329T080000Z DURATION:PT1M RDATE:{MANY_TIMES}"), "too_many"),
    ],
)
def test_what_is_no_calendar_or_too_much_says_so_in_a_word(data: bytes, cause: str) -> None:
    with pytest.raises(CalendarUnreadable, match=cause):
        read_calendar([data], WITHIN, BERLIN)

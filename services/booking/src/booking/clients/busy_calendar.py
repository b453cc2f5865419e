"""A clerk's own calendar (RFC 5545) as others publish it: which times it takes, and nothing else of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from booking.domain.busy import Busy, Entry

ENTRIES_MAX: Final = 20_000
RARE: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
"""Rules that repeat within a day are no appointments, and would be expanded for ever."""


class CalendarUnreadable(Exception):
    """The message is a word for the record, and holds nothing of the calendar."""


def read_calendar(data: bytes, within: Busy, zone: ZoneInfo) -> list[Entry]:
    """What takes time between two instants. Whole days and times without a zone are those of `zone`.

    Left out is what is cancelled or marked as free. Raises CalendarUnreadable.
    """
    try:
        calendar = Calendar.from_ical(data)
        _require_fit(calendar)
        found = recurring_ical_events.of(calendar, skip_bad_series=True).between(within.starts_at, within.ends_at)
        return [entry for event in islice(found, ENTRIES_MAX) for entry in _entries(event, zone)]
    except CalendarUnreadable:
        raise
    except Exception as error:  # noqa: BLE001 - the text is somebody else's, and may break any line of two libraries
        raise CalendarUnreadable(f"unreadable_{type(error).__name__}") from None


def _require_fit(calendar: Calendar) -> None:
    """Raises CalendarUnreadable."""
    if calendar.name != "VCALENDAR":
        raise CalendarUnreadable("not_a_calendar")
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            if not {str(freq) for freq in rule.get("FREQ", [])} <= RARE:
                raise CalendarUnreadable("repeats_within_a_day")


def _entries(event: Any, zone: ZoneInfo) -> Iterator[Entry]:
    is_free = str(event.get("TRANSP", "OPAQUE")).upper() == "TRANSPARENT"
    is_cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    is_free_elsewhere = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() in {"FREE", "WORKINGELSEWHERE"}
    start, end = _instant(event.start, zone), _instant(event.end, zone)
    if is_free or is_cancelled or is_free_elsewhere or end <= start:
        return
    yield Entry(str(event.get("UID", "")), Busy(start, end))


def _instant(value: date, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)

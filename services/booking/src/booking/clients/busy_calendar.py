"""A clerk's own calendar (RFC 5545) as others hold it: which times it takes, and nothing else of it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar

from booking.clients.series import STEPS_MAX, Steps, TooLarge, expand
from booking.domain.busy import Busy, Entry

ENTRIES_MAX: Final = 20_000
"""Occurrences within the window."""
EVENTS_MAX: Final = 10_000
"""Series and single events; each may reach far back."""
RARE: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
"""Rules that repeat within a day are no appointments, and would be expanded for ever."""
WITHIN_A_DAY: Final = ("BYHOUR", "BYMINUTE", "BYSECOND")
"""With more than one value they make a daily rule repeat within a day."""


class CalendarUnreadable(Exception):
    """The message is a word for the record, and holds nothing of the calendar."""


def read_calendar(texts: Iterable[bytes], within: Busy, zone: ZoneInfo) -> list[Entry]:
    """What takes time between two instants: of one text, or of one for each entry, as CalDAV gives them. Whole days and
    times without a zone are those of `zone`.

    Left out is what is cancelled or marked as free. Raises CalendarUnreadable.
    """
    try:
        calendars = [Calendar.from_ical(text) for text in texts]
        _require_fit(calendars)
        return [entry for event in _occurrences(calendars, within) for entry in _entries(event, zone)]
    except CalendarUnreadable:
        raise
    except TooLarge:
        raise CalendarUnreadable("too_large_to_expand") from None
    except Exception as error:  # noqa: BLE001 - the text is somebody else's, and may break any line of two libraries
        raise CalendarUnreadable(f"unreadable_{type(error).__name__}") from None


def _require_fit(calendars: Sequence[Calendar]) -> None:
    """Raises CalendarUnreadable."""
    if any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise CalendarUnreadable("not_a_calendar")
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    if len(events) > EVENTS_MAX:
        raise CalendarUnreadable("too_many")
    for event in events:
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            is_rare = {str(freq) for freq in rule.get("FREQ", [])} <= RARE
            if not is_rare or any(len(rule.get(part, [])) > 1 for part in WITHIN_A_DAY):
                raise CalendarUnreadable("repeats_within_a_day")


def _occurrences(calendars: Sequence[Calendar], within: Busy) -> list[Any]:
    """Raises CalendarUnreadable, TooLarge."""
    steps = Steps(STEPS_MAX)
    expanded = (occurrence for calendar in calendars for occurrence in expand(calendar, within, steps))
    found = list(islice(expanded, ENTRIES_MAX + 1))
    if len(found) > ENTRIES_MAX:
        raise CalendarUnreadable("too_many")
    return [occurrence.as_component(keep_recurrence_attributes=False) for occurrence in found]


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

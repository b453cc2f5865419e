"""Series of a stranger's calendar, each begun near the window, and all of them together within a bound of work.

The library walks a rule from its DTSTART, which may be centuries ago, and looks for what never comes (a 30 February)
until the year 9999.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import recurring_ical_events
from icalendar import Calendar
from recurring_ical_events import BadRuleStringFormat

from booking.domain.busy import Busy

STEPS_MAX: Final = 300_000
"""Of all rules of a calendar: about two seconds of a processor."""
COSTS: Final = {"DAILY": 1, "WEEKLY": 3, "MONTHLY": 3, "YEARLY": 16}
"""A step of each, as measured: it looks at all days of its week, month or year."""


class TooLarge(Exception):
    """The series cost more than they may."""


class Steps:
    """What rules may still cost."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, cost: int) -> None:
        """Raises TooLarge."""
        self.left -= cost
        if self.left < 0:
            raise TooLarge


class CountedInterval(int):
    """Counts how often its rule goes on: the library adds it to a day, month or year, and multiplies it for weeks."""

    steps: Steps
    cost: int

    def __radd__(self, other: int) -> int:
        self.steps.take(self.cost)
        return other + int(self)

    def __mul__(self, other: int) -> int:
        self.steps.take(self.cost)
        return int(self) * other


def expand(calendar: Calendar, within: Busy, steps: Steps) -> Iterator[Any]:
    """Series by series, each expanded as far as it is asked for: the library's own `between` expands all of them at
    once, and its `after` asks each of them for every quarter of an hour. Raises TooLarge.
    """
    query = recurring_ical_events.of(calendar, skip_bad_series=True)
    for series in query.series:
        with suppress(*query.suppressed_errors):
            _bound(series, within.starts_at, steps)
            yield from series.between(within.starts_at, within.ends_at)


def _bound(series: Any, since: datetime, steps: Steps) -> None:
    """Raises BadRuleStringFormat."""
    if not series.recurrence.has_core:
        return
    reach = max(component.extend_query_span_by[0] for component in series.components)
    _dates, *rules = series.recurrence.rrules
    series.recurrence.rrules[1:] = [_bounded(rule, series.recurrence.start, since - reach, steps) for rule in rules]


def _bounded(rule: Any, start: datetime, since: datetime, steps: Steps) -> Any:
    parts = dict(part.split("=", 1) for part in rule.string.split(";"))
    interval = CountedInterval(parts.get("INTERVAL", "1"))
    if interval < 1:
        raise BadRuleStringFormat("INTERVAL must be positive", rule.string)
    interval.steps, interval.cost = steps, COSTS[parts["FREQ"]]
    later = start if "COUNT" in parts else _later_start(start, parts["FREQ"], int(interval), since)
    bounded: Any = rule.replace(dtstart=later, interval=interval)
    bounded.string, bounded.until = rule.string, rule.until
    return bounded


def _later_start(start: datetime, frequency: str, interval: int, since: datetime) -> datetime:
    """Two periods before `since`, where the rule would have come by anyway, at the same day of week, month or year."""
    if frequency in {"DAILY", "WEEKLY"}:
        period_days = interval * (7 if frequency == "WEEKLY" else 1)
        periods = (since.date() - start.date()).days // period_days - 2
        return start + timedelta(days=max(0, periods) * period_days)
    if (start.month, start.day) == (2, 29):  # not in every year; and few enough
        return start
    periods = (since.year - start.year) // interval - 2
    return start.replace(year=start.year + max(0, periods) * interval)

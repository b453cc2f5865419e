"""From a rule set to the steps of a day that are open, and why the others are not. Pure.

What goes before what:

1. An exception of the day gives its hours: the lane's before the location's. Else the rules do: the lane's own, or the
   location's where it has none. Hours after midnight belong to the day on which they began.
2. Holidays and customs close a day, but for one that has an exception: who gives a holiday hours means it.
3. Closures and absences take time from whatever is open, and so does the hour at which the clocks change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache, reduce
from operator import or_
from typing import Final, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.holidays import ClosedDay, ClosingCustom, Region, Words, closed_days, school_holidays
from booking.domain.rule_set import Closure, Hours, OpeningRule, RuleSet, ScheduleException
from booking.domain.slots import STEP_MIN, STEPS, Span, changed_bits, local_step, span_bits, step_of_time

Cause = Literal["opening_hours", "exception", "holiday", "custom", "closure", "clock_change", "absence"]
"""What closes a step."""

_CLOCKS: Final = Words("Zeitumstellung", "the clocks change")
_NOTHING: Final = Words("", "")


class Absence(msgspec.Struct, frozen=True):
    """The lane's clerk is away."""

    lane_id: int
    starts_at: datetime
    ends_at: datetime


class Shut(NamedTuple):
    """Steps that something takes from the hours."""

    cause: Cause
    words: Words
    bits: int


class DayRules(NamedTuple):
    """A day of a lane, or of all lanes of a location that have no rules of their own."""

    opened: int
    """What rules or an exception open, for whomever."""
    opened_to_public: int
    shuts: tuple[Shut, ...]
    exception: str | None
    """The reason of the exception that the hours come from."""

    @property
    def open(self) -> int:
        return self.opened & ~self._shut

    @property
    def public(self) -> int:
        return self.opened_to_public & ~self._shut

    @property
    def _shut(self) -> int:
        return reduce(or_, (shut.bits for shut in self.shuts), 0)

    def why_closed(self, bit: int) -> tuple[Cause, Words]:
        """For a step that is not open: the first cause, in the order in which a person would name it."""
        for shut in self.shuts:
            if shut.bits & bit:
                return shut.cause, shut.words
        if self.exception is not None:
            return "exception", Words(self.exception, self.exception)
        return "opening_hours", _NOTHING


class Place(msgspec.Struct, frozen=True):
    """Lanes that share their rules: those of a location, or one lane that has its own."""

    location_id: UUID
    lane_id: int | None
    time_zone: str


class Timetable:
    """A rule set, asked day by day. Each day of a place is worked out once."""

    def __init__(self, rules: RuleSet) -> None:
        self._region = rules.region
        self._customs = tuple(msgspec.structs.replace(custom, id=None) for custom in rules.customs)
        self._own = {rule.lane_id for rule in rules.opening} | {rule.lane_id for rule in rules.exceptions}
        self._opening: defaultdict[tuple[UUID, int | None], list[OpeningRule]] = defaultdict(list)
        for rule in rules.opening:
            self._opening[rule.location_id, rule.lane_id].append(rule)
        self._exceptions = {(e.location_id, e.lane_id, e.day): e for e in rules.exceptions}
        self._closures: defaultdict[date, list[Closure]] = defaultdict(list)
        for closure in rules.closures:
            for day in closure.days():
                self._closures[day].append(closure)
        self._days: dict[tuple[Place, date], DayRules] = {}

    def place_of(self, lane_id: int, location_id: UUID, time_zone: str) -> Place:
        return Place(location_id, lane_id if lane_id in self._own else None, time_zone)

    def day(self, place: Place, day: date) -> DayRules:
        key = place, day
        if key not in self._days:
            self._days[key] = self._work_out(place, day)
        return self._days[key]

    def _work_out(self, place: Place, day: date) -> DayRules:
        hours = self._hours(place, day)
        exception = self._exception(place, day)
        return DayRules(
            opened=_bits(span for span, _ in hours),
            opened_to_public=_bits(span for span, audience in hours if audience == "public"),
            shuts=tuple(self._shuts(place, day, is_exception=exception is not None)),
            exception=exception.reason if exception else None,
        )

    def _hours(self, place: Place, day: date) -> list[tuple[Span, str]]:
        yesterday = day - timedelta(days=1)
        return [
            *((_until_midnight(hours), hours.audience) for hours in self._begun(place, day)),
            *((_after_midnight(hours), hours.audience) for hours in self._begun(place, yesterday)),
        ]

    def _begun(self, place: Place, day: date) -> Sequence[Hours | OpeningRule]:
        """The hours that begin on `day`."""
        exception = self._exception(place, day)
        if exception is not None:
            return exception.hours
        rules = self._opening.get((place.location_id, place.lane_id)) or self._opening[place.location_id, None]
        return [rule for rule in rules if rule.returns_on(day) and self._fits_school_holidays(rule, day)]

    def _exception(self, place: Place, day: date) -> ScheduleException | None:
        own = self._exceptions.get((place.location_id, place.lane_id, day))
        return own or self._exceptions.get((place.location_id, None, day))

    def _fits_school_holidays(self, rule: OpeningRule, day: date) -> bool:
        if rule.school_holidays == "always":
            return True
        is_in = day in school_holidays(self._region, day.year)
        return is_in == (rule.school_holidays == "only_in_school_holidays")

    def _shuts(self, place: Place, day: date, *, is_exception: bool) -> Iterable[Shut]:
        for closure in self._closures.get(day, ()):
            if closure.location_id in (None, place.location_id):
                span = _span(closure.closed_from, closure.closed_to)
                yield Shut("closure", Words(closure.reason, closure.reason), span_bits(span))
        if not is_exception:
            for closed in _calendar(self._region, self._customs, day.year).get(day, ()):
                bits = span_bits(_span(closed.closed_from, None))
                yield Shut("custom" if closed.is_custom else "holiday", closed.words, bits)
        if changed := changed_bits(day, ZoneInfo(place.time_zone)):
            yield Shut("clock_change", _CLOCKS, changed)


@lru_cache(maxsize=1024)
def _calendar(
    region: Region | None, customs: tuple[ClosingCustom, ...], year: int
) -> Mapping[date, tuple[ClosedDay, ...]]:
    days: defaultdict[date, tuple[ClosedDay, ...]] = defaultdict(tuple)
    for closed in closed_days(region, customs, year):
        days[closed.day] += (closed,)
    return days


def absent_bits(absence: Absence, day: date, zone: ZoneInfo) -> int:
    """Steps of which the clerk is away for a part, too."""
    first_day, first = local_step(absence.starts_at, zone)
    last_day, last = local_step(absence.ends_at + timedelta(minutes=STEP_MIN, microseconds=-1), zone)
    if not first_day <= day <= last_day:
        return 0
    return span_bits(Span(first if day == first_day else 0, last if day == last_day else STEPS))


def _bits(spans: Iterable[Span]) -> int:
    return reduce(or_, (span_bits(span) for span in spans), 0)


def _until_midnight(hours: Hours | OpeningRule) -> Span:
    return _span(hours.opens, None if _passes_midnight(hours) else hours.closes)


def _after_midnight(hours: Hours | OpeningRule) -> Span:
    return _span(time.min, hours.closes) if _passes_midnight(hours) else Span(0, 0)


def _passes_midnight(hours: Hours | OpeningRule) -> bool:
    return hours.closes is not None and hours.closes <= hours.opens


def _span(start: time, end: time | None) -> Span:
    return Span(step_of_time(start), STEPS if end is None else step_of_time(end))

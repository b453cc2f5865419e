"""From a rule set to the steps of a day that are open, and why the others are not. Pure.

What goes before what:

1. An exception of the day gives its hours: the lane's before the location's. Else the rules do: the lane's own, or the
   location's where it has none. Hours after midnight belong to the day on which they began.
2. Holidays and customs close a day, but for one that has an exception: who gives a holiday hours means it.
3. Closures and absences take time from whatever is open, and so does the hour at which the clocks change.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache, reduce
from operator import or_
from typing import Final, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.holidays import ClosedDay, ClosingCustom, Region, Words, closed_days, school_holidays
from booking.domain.rule_set import Audience, Closure, Hours, OpeningRule, RuleSet
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


class PlaceTimetable:
    """The hours of lanes that share their rules. Each day is worked out once."""

    def __init__(self, rules: RuleSet, location_id: UUID, lane_id: int | None, zone: ZoneInfo) -> None:
        """`lane_id`: a lane that has rules or exceptions of its own."""
        self._region = rules.region
        self._customs = tuple(msgspec.structs.replace(custom, id=None) for custom in rules.customs)
        self._zone = zone
        here = [rule for rule in rules.opening if rule.location_id == location_id]
        own = [rule for rule in here if rule.lane_id is not None and rule.lane_id == lane_id]
        self._opening: defaultdict[int, list[OpeningRule]] = defaultdict(list)
        for rule in own or [rule for rule in here if rule.lane_id is None]:
            self._opening[rule.weekday].append(rule)
        exceptions = [each for each in rules.exceptions if each.location_id == location_id]
        self._exceptions = {each.day: each for each in exceptions if each.lane_id is None}
        self._exceptions |= {each.day: each for each in exceptions if each.lane_id and each.lane_id == lane_id}
        self._closures: defaultdict[date, list[Closure]] = defaultdict(list)
        for closure in rules.closures:
            if closure.location_id in (None, location_id):
                for day in closure.days():
                    self._closures[day].append(closure)
        self._days: dict[date, DayRules] = {}

    def day(self, day: date) -> DayRules:
        if day not in self._days:
            self._days[day] = self._work_out(day)
        return self._days[day]

    def _work_out(self, day: date) -> DayRules:
        opened = public = 0
        for bits, audience in self._hours(day):
            opened |= bits
            public |= bits if audience == "public" else 0
        exception = self._exceptions.get(day)
        return DayRules(opened, public, tuple(self._shuts(day)), exception.reason if exception else None)

    def _hours(self, day: date) -> Iterator[tuple[int, Audience]]:
        for hours in self._begun(day):
            yield _until_midnight(hours), hours.audience
        for hours in self._begun(day - timedelta(days=1)):
            if _passes_midnight(hours):
                yield _bits(time.min, hours.closes), hours.audience

    def _begun(self, day: date) -> Sequence[Hours | OpeningRule]:
        """The hours that begin on `day`."""
        if day in self._exceptions:
            return self._exceptions[day].hours
        rules = self._opening.get(day.isoweekday(), ())
        return [rule for rule in rules if rule.returns_on(day) and self._fits_school_holidays(rule, day)]

    def _fits_school_holidays(self, rule: OpeningRule, day: date) -> bool:
        if rule.school_holidays == "always":
            return True
        is_in = day in school_holidays(self._region, day.year)
        return is_in == (rule.school_holidays == "only_in_school_holidays")

    def _shuts(self, day: date) -> Iterator[Shut]:
        for closure in self._closures.get(day, ()):
            words = Words(closure.reason, closure.reason)
            yield Shut("closure", words, _bits(closure.closed_from, closure.closed_to))
        if day not in self._exceptions:
            for closed in _calendar(self._region, self._customs, day.year).get(day, ()):
                yield Shut("custom" if closed.is_custom else "holiday", closed.words, _bits(closed.closed_from, None))
        if changed := changed_bits(day, self._zone):
            yield Shut("clock_change", _CLOCKS, changed)


class Timetable:
    """A rule set, asked lane by lane: lanes without rules of their own share their location's."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._own = {rule.lane_id for rule in rules.opening} | {rule.lane_id for rule in rules.exceptions}
        self._places: dict[tuple[UUID, int | None], PlaceTimetable] = {}

    def of(self, lane_id: int, location_id: UUID, time_zone: str) -> PlaceTimetable:
        key = location_id, lane_id if lane_id in self._own else None
        if key not in self._places:
            self._places[key] = PlaceTimetable(self._rules, *key, ZoneInfo(time_zone))
        return self._places[key]


@lru_cache(maxsize=1024)
def _calendar(
    region: Region | None, customs: tuple[ClosingCustom, ...], year: int
) -> Mapping[date, tuple[ClosedDay, ...]]:
    days: defaultdict[date, tuple[ClosedDay, ...]] = defaultdict(tuple)
    for closed in closed_days(region, customs, year):
        days[closed.day] += (closed,)
    return days


def absent_from(absences: Iterable[Absence], lane_id: int, day: date, zone: ZoneInfo) -> int:
    """Of all absences of a lane's clerk."""
    return reduce(or_, (absent_bits(each, day, zone) for each in absences if each.lane_id == lane_id), 0)


def absent_bits(absence: Absence, day: date, zone: ZoneInfo) -> int:
    """Steps of which the clerk is away for a part, too."""
    first_day, first = local_step(absence.starts_at, zone)
    last_day, last = local_step(absence.ends_at + timedelta(minutes=STEP_MIN, microseconds=-1), zone)
    if not first_day <= day <= last_day:
        return 0
    return span_bits(Span(first if day == first_day else 0, last if day == last_day else STEPS))


def _until_midnight(hours: Hours | OpeningRule) -> int:
    return _bits(hours.opens, None if _passes_midnight(hours) else hours.closes)


def _passes_midnight(hours: Hours | OpeningRule) -> bool:
    return hours.closes is not None and hours.closes <= hours.opens


@lru_cache(maxsize=4096)
def _bits(start: time, end: time | None) -> int:
    return span_bits(Span(step_of_time(start), STEPS if end is None else step_of_time(end)))

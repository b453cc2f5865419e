"""The shapes in which the API takes rules: what is read (rule_views.py) can be sent back."""

import re
from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec

from booking.domain.catalogue_files import WEEKDAYS, Weekday
from booking.domain.errors import Invalid
from booking.domain.holidays import ClosingCustom, CustomName
from booking.domain.notes import NOTE_MAX, tidy_note
from booking.domain.recurrence import Nth
from booking.domain.rule_set import (
    Audience,
    Closure,
    Hours,
    OpeningRule,
    ScheduleException,
    SchoolHolidays,
)

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][05]$")]
"""Local wall time in steps of five minutes."""
EndClock = Annotated[str, msgspec.Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][05]|24:00)$")]
Reason = Annotated[str, msgspec.Meta(max_length=200)]

_YEARS: Final = range(2000, 2101)
VERSION_MAX: Final = 2**31 - 1
END_OF_DAY: Final = "24:00"
CLOSURE_DAYS_MAX: Final = 366


class HoursBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    opens: Clock
    closes: EndClock
    """Before `opens`: on the next day."""
    audience: Audience = "public"


class RuleBody(HoursBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    weekday: Weekday
    every_weeks: Annotated[int, msgspec.Meta(ge=1, le=52)] = 1
    anchor: date | None = None
    """For every_weeks above 1: any day of a week in which it holds."""
    nth: Nth | None = None
    """Only the nth of this weekday in the month; -1 is the last."""
    first_day: date | None = None
    last_day: date | None = None
    school_holidays: SchoolHolidays = "always"


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every change may be asked with."""

    note: Annotated[str, msgspec.Meta(max_length=NOTE_MAX)] = ""
    """Why, for the history."""
    dry_run: bool = False
    """Only say what the change would do."""
    if_version: Annotated[int, msgspec.Meta(ge=0, le=VERSION_MAX)] | None = None
    """Refuses the change if the rules have another version by now."""


class PlaceBody(Terms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    location_id: UUID
    lane_id: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    """Null: all lanes of the location that have no rules of their own."""
    rules: Annotated[list[RuleBody], msgspec.Meta(max_length=200)]


class ExceptionBody(Terms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    location_id: UUID
    lane_id: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    """Null: all lanes of the location."""
    day: date
    hours: Annotated[list[HoursBody], msgspec.Meta(max_length=20)]
    """In place of the rules of that day; none: closed."""
    reason: Reason = ""


class ClosureBody(Terms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    location_id: UUID | None = None
    """Null: the whole tenant."""
    first_day: date
    last_day: date | None = None
    closed_from: Clock = "00:00"
    closed_to: EndClock = END_OF_DAY
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class CustomBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    custom: CustomName
    closed_from: Clock = "00:00"


def to_opening(body: PlaceBody) -> list[OpeningRule]:
    """Raises Invalid."""
    return [_to_rule(body.location_id, body.lane_id, rule, f"rules[{index}]") for index, rule in enumerate(body.rules)]


def _to_rule(location_id: UUID, lane_id: int | None, body: RuleBody, field: str) -> OpeningRule:
    if (body.every_weeks > 1) != (body.anchor is not None):
        raise Invalid.field(f"{field}.anchor", "a day of a week in which it holds, where every_weeks is above 1")
    hours = _to_hours(body, field)
    return OpeningRule(
        location_id,
        lane_id,
        WEEKDAYS.index(body.weekday) + 1,
        hours.opens,
        hours.closes,
        valid_from=_day(body.first_day, f"{field}.first_day"),
        valid_until=_day_after(_last(body.last_day, body.first_day, f"{field}.last_day")),
        every_weeks=body.every_weeks,
        anchor=_day(body.anchor, f"{field}.anchor"),
        nth=body.nth,
        school_holidays=body.school_holidays,
        audience=body.audience,
    )


def _to_hours(body: HoursBody, field: str) -> Hours:
    if body.opens == body.closes:
        raise Invalid.field(f"{field}.closes", "another time than opens")
    return Hours(time.fromisoformat(body.opens), _end(body.closes), body.audience)


def to_exception(body: ExceptionBody) -> ScheduleException:
    """Raises Invalid."""
    hours = tuple(_to_hours(each, f"hours[{index}]") for index, each in enumerate(body.hours))
    day = _day(body.day, "day") or body.day
    return ScheduleException(body.location_id, body.lane_id, day, hours, _line(body.reason))


def to_closure(body: ClosureBody) -> Closure:
    """Raises Invalid."""
    first = _day(body.first_day, "first_day") or body.first_day
    last = _last(body.last_day, first, "last_day")
    if last and (last - first).days >= CLOSURE_DAYS_MAX:
        raise Invalid.field("last_day", f"expected at most {CLOSURE_DAYS_MAX} days")
    if body.closed_to <= body.closed_from:
        raise Invalid.field("closed_to", "a time after closed_from")
    return Closure(
        body.location_id,
        first,
        time.fromisoformat(body.closed_from),
        _end(body.closed_to),
        _line(body.reason),
        last_day=last if last != first else None,
    )


def to_customs(bodies: Iterable[CustomBody]) -> list[ClosingCustom]:
    """Raises Invalid."""
    customs = [ClosingCustom(body.custom, time.fromisoformat(body.closed_from)) for body in bodies]
    if len({custom.custom for custom in customs}) < len(customs):
        raise Invalid.field("customs", "each custom once")
    return customs


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", tidy_note(text))


def _end(clock: str) -> time | None:
    return None if clock == END_OF_DAY else time.fromisoformat(clock)


def _day(day: date | None, field: str) -> date | None:
    if day and day.year not in _YEARS:
        raise Invalid.field(field, f"a day of the years {_YEARS.start} to {_YEARS.stop - 1}")
    return day


def _last(last: date | None, first: date | None, field: str) -> date | None:
    if last and first and last < first:
        raise Invalid.field(field, "the same day as first_day, or a later one")
    return _day(last, field)


def _day_after(day: date | None) -> date | None:
    return day and day + timedelta(days=1)

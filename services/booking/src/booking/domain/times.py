"""Which starts a citizen may choose: the grid, the notice before a visit, and the window of days. Pure."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from booking.domain.errors import Invalid
from booking.domain.slots import (
    FULL,
    STEP_MIN,
    STEPS,
    Place,
    Span,
    clock_time,
    from_step,
    grid,
    instant_of,
    local_step,
    place_of,
    span_bits,
    starts_on_step,
)
from booking.domain.visit_plan import VisitPlan

DAYS_MAX = 62
AHEAD_DAYS_MAX = 400


def first_start(plan: VisitPlan, now: datetime) -> tuple[date, int]:
    """The first local day and step that keeps the notice."""
    earliest = now + timedelta(minutes=plan.notice_min, seconds=STEP_MIN * 60 - 1)
    return local_step(earliest, ZoneInfo(plan.location.time_zone))


def last_day(plan: VisitPlan, now: datetime) -> date:
    return now.astimezone(ZoneInfo(plan.location.time_zone)).date() + timedelta(days=plan.window_days)


def released_steps(plan: VisitPlan, now: datetime) -> int:
    """The steps of the window's last day that may be booked by now. All of them, unless the release is staggered: then
    each is released as the clock strikes it, `window_days` before, and nobody waits for midnight.
    """
    if not plan.staggered_release:
        return FULL
    _, step = local_step(now, ZoneInfo(plan.location.time_zone))
    return span_bits(Span(0, step + 1))


def startable(plan: VisitPlan, now: datetime, *, any_time: bool = False) -> Callable[[date], int]:
    """Gives for a day the steps at which this visit may begin, whoever is free. `any_time`: as the staff may."""
    if any_time:
        return partial(_from_step_on, *local_step(now, ZoneInfo(plan.location.time_zone)))
    earliest_day, earliest_step = first_start(plan, now)
    until, steps = last_day(plan, now), grid(plan.step_min)

    def of_day(day: date) -> int:
        if not earliest_day <= day <= until:
            return 0
        released = released_steps(plan, now) if day == until else FULL
        return steps & released & (from_step(earliest_step) if day == earliest_day else FULL)

    return of_day


def _from_step_on(first_day: date, first_step: int, day: date) -> int:
    if day < first_day:
        return 0
    return from_step(first_step) if day == first_day else FULL


def occupied_place(plan: VisitPlan, start: datetime) -> Place:
    """The bits that the visit takes, buffer included."""
    end = start + timedelta(minutes=plan.occupied_min)
    return place_of(start, end, ZoneInfo(plan.location.time_zone))


def check_start(plan: VisitPlan, start: datetime, now: datetime, *, any_time: bool = False) -> None:
    """Raises Invalid for a start that no list of free times would ever show. Whether it is free is another question.

    `any_time`: as the staff may, without notice, window and start step; also the step of the day that runs now.
    """
    if start <= now - timedelta(minutes=STEP_MIN) if any_time else start < now:
        raise Invalid.field("start", "this time is past")
    if start > now + timedelta(days=AHEAD_DAYS_MAX + 1):  # also since the year 9999 has an end
        raise Invalid.field("start", f"appointments can be booked {AHEAD_DAYS_MAX} days ahead at most")
    zone = ZoneInfo(plan.location.time_zone)
    day, step = local_step(start, zone)
    if not starts_on_step(start):
        raise Invalid.field("start", f"visits begin every {plan.step_min} minutes")
    if not any_time:
        _check_rules(plan, start, now, day, step)
    if start + timedelta(minutes=plan.occupied_min) > instant_of(day, STEPS, zone):
        raise Invalid.field("start", "outside the opening hours")


def _check_rules(plan: VisitPlan, start: datetime, now: datetime, day: date, step: int) -> None:
    if day > last_day(plan, now):
        raise Invalid.field("start", f"appointments can be booked until {last_day(plan, now)}")
    if not grid(plan.step_min) & (1 << (STEPS - 1 - step)):
        raise Invalid.field("start", f"visits begin every {plan.step_min} minutes")
    if day == last_day(plan, now) and not released_steps(plan, now) & (1 << (STEPS - 1 - step)):
        raise Invalid.field("start", f"this time can be booked from {clock_time(step)} today on")
    if start < now + timedelta(minutes=plan.notice_min):
        raise Invalid.field("start", f"appointments are booked at least {plan.notice_min} minutes ahead")

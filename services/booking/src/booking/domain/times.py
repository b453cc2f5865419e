"""Which starts a citizen may choose: the grid, the notice before a visit, and the window of days. Pure."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.domain.catalogue import VisitPlan
from booking.domain.errors import Invalid
from booking.domain.slots import (
    FULL,
    STEP_MIN,
    STEPS,
    Place,
    from_step,
    grid,
    instant_of,
    local_step,
    place_of,
    starts_on_step,
)

DAYS_MAX = 62
AHEAD_DAYS_MAX = 400


def first_start(plan: VisitPlan, now: datetime) -> tuple[date, int]:
    """The first local day and step that keeps the notice."""
    earliest = now + timedelta(minutes=plan.notice_min, seconds=STEP_MIN * 60 - 1)
    return local_step(earliest, ZoneInfo(plan.location.time_zone))


def last_day(plan: VisitPlan, now: datetime) -> date:
    return now.astimezone(ZoneInfo(plan.location.time_zone)).date() + timedelta(days=plan.window_days)


def startable(plan: VisitPlan, now: datetime, *, any_time: bool = False) -> Callable[[date], int]:
    """Gives for a day the steps at which this visit may begin, whoever is free. `any_time`: as the staff may."""
    if any_time:
        return _from_now_on(*local_step(now, ZoneInfo(plan.location.time_zone)), date.max, FULL)
    return _from_now_on(*first_start(plan, now), last_day(plan, now), grid(plan.step_min))


def _from_now_on(first_day: date, first_step: int, until: date, steps: int) -> Callable[[date], int]:
    def of_day(day: date) -> int:
        if not first_day <= day <= until:
            return 0
        return steps & from_step(first_step) if day == first_day else steps

    return of_day


def occupied_place(plan: VisitPlan, start: datetime) -> Place:
    """The bits that the visit takes, buffer included."""
    end = start + timedelta(minutes=plan.occupied_min)
    return place_of(start, end, ZoneInfo(plan.location.time_zone))


def check_start(plan: VisitPlan, start: datetime, now: datetime, *, any_time: bool = False) -> None:
    """Raises Invalid for a start that no list of free times would ever show. Whether it is free is another question.

    `any_time`: as the staff may, without notice, window and start step; also the step of the day that runs now.
    """
    if start + timedelta(minutes=STEP_MIN) <= now if any_time else start < now:
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
    if start < now + timedelta(minutes=plan.notice_min):
        raise Invalid.field("start", f"appointments are booked at least {plan.notice_min} minutes ahead")

"""Which times are free for a visit: one look at the masks, cut to what may be booked."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.errors import Invalid
from booking.domain.slots import clock_time, set_steps
from booking.domain.times import AHEAD_DAYS_MAX, DAYS_MAX, last_day, startable
from booking.domain.visit_plan import VisitPlan
from booking.store.times import RunSearch, WantedRun, find_free_starts
from booking.usecases.release_overdue import release_overdue
from booking.usecases.stand_in import days_of_clerk
from kit.sql import Pool


class DayTimes(msgspec.Struct, frozen=True):
    date: date
    free: int
    """How many times there are."""
    times: tuple[str, ...]
    """Local wall times at which a visit may begin."""


class FreeTimes(msgspec.Struct, frozen=True):
    time_zone: str
    days: tuple[DayTimes, ...]


async def find_times(
    pool: Pool,
    tenant: str,
    plans: Sequence[VisitPlan],
    days: Sequence[date],
    now: datetime,
    *,
    internal: bool = False,
    any_time: bool = False,
) -> FreeTimes:
    """Every one of `days`, also those with no time. `plans` are one visit's, at one or several locations.

    For the staff: `internal` adds the steps that the public may not book, `any_time` takes no notice of the notice.
    """
    search = RunSearch(
        tenants=[tenant],
        wanted=[WantedRun(plan.lane_groups, plan.occupied_steps) for plan in plans],
        first_day=days[0],
        last_day=days[-1] if any_time else min(days[-1], max(last_day(plan, now) for plan in plans)),
        now=now,
        internal=internal,
    )
    starts = dict.fromkeys(days, 0)
    for plan, by_day in zip(plans, await free_starts(pool, search), strict=True):
        may_start = startable(plan, now, any_time=any_time)
        not_needed = await days_of_clerk(pool, plan, days[0], days[-1])
        for day, bits in by_day.items():
            if day not in not_needed:
                starts[day] |= bits & may_start(day)
    return FreeTimes(plans[0].location.time_zone, tuple(_day_times(day, starts[day]) for day in days))


async def next_start(pool: Pool, tenant: str, plans: Sequence[VisitPlan], now: datetime) -> datetime | None:
    """For who is here already: the next free minutes of today, whatever notice and quota say."""
    zone = ZoneInfo(plans[0].location.time_zone)
    today = now.astimezone(zone).date()
    (day,) = (await find_times(pool, tenant, plans, [today], now, internal=True, any_time=True)).days
    return datetime.combine(today, time.fromisoformat(day.times[0]), zone) if day.times else None


def days_to_list(plans: Sequence[VisitPlan], first_day: date | None, count: int, now: datetime) -> list[date]:
    """`count` days from `first_day`, or from today. Raises Invalid for a past day."""
    today = now.astimezone(ZoneInfo(plans[0].location.time_zone)).date()
    first_day = first_day or today
    if first_day < today:
        raise Invalid.field("from", f"this day is past; today is {today}")
    if not 1 <= count <= DAYS_MAX:
        raise Invalid.field("days", f"expected 1 to {DAYS_MAX}")
    if first_day > today + timedelta(days=AHEAD_DAYS_MAX):
        raise Invalid.field("from", "this day is too far ahead")
    return [first_day + timedelta(days=offset) for offset in range(count)]


async def free_starts(pool: Pool, search: RunSearch) -> Sequence[dict[date, int]]:
    """For each run that is wanted. What expired meanwhile is released first: it stands in nobody's way."""
    async with pool.acquire() as connection:
        found = await find_free_starts(connection, search)
    if not found.overdue:
        return found.by_day
    for tenant in found.overdue:
        await release_overdue(pool, tenant, search.now)
    async with pool.acquire() as connection:
        return (await find_free_starts(connection, search)).by_day


def _day_times(day: date, starts: int) -> DayTimes:
    return DayTimes(day, starts.bit_count(), _times(starts))


@lru_cache(maxsize=4096)
def _times(starts: int) -> tuple[str, ...]:
    """Many days look alike, and most look as they did a second ago."""
    return tuple(clock_time(step) for step in set_steps(starts))

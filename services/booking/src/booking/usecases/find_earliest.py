"""The earliest time of each place that offers a visit: at one tenant, or all over the county, in one look."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.domain.slots import instant_of, set_steps
from booking.domain.times import startable
from booking.domain.visit_plan import VisitPlan
from booking.store.times import RunSearch, WantedRun
from booking.usecases.find_times import free_starts
from booking.usecases.stand_in import days_of_clerk
from kit.sql import Pool

SOON = timedelta(days=14)
"""Nearly every place has a time by then; only for those that have none is the rest of their window looked at."""


class Asked(NamedTuple):
    """A visit as one tenant can serve it at one of its places."""

    tenant: str
    plan: VisitPlan


class EarliestTime(NamedTuple):
    asked: Asked
    start: datetime


async def find_earliest(pool: Pool, asked: Sequence[Asked], now: datetime) -> list[EarliestTime]:
    """The soonest first; a place with no time in its window is missing. Where several of the same place are asked for
    (a clerk and the deputy, services that share a key), the earliest of them stands, and among equals the first asked.
    """
    soon = await _search(pool, asked, now, timedelta(0), SOON) if asked else []
    served = {_place(each.asked) for each in soon}
    late = [one for one in asked if _place(one) not in served and timedelta(days=one.plan.window_days) > SOON]
    until = timedelta(days=max((one.plan.window_days for one in late), default=0))
    later = await _search(pool, late, now, SOON, until) if late else []
    places: dict[tuple[str, UUID], EarliestTime] = {}
    for each in sorted([*soon, *later], key=_start):
        places.setdefault(_place(each.asked), each)
    return list(places.values())


def _start(found: EarliestTime) -> datetime:
    return found.start


def _place(asked: Asked) -> tuple[str, UUID]:
    return asked.tenant, asked.plan.location.id


async def _search(
    pool: Pool, asked: Sequence[Asked], now: datetime, since: timedelta, until: timedelta
) -> list[EarliestTime]:
    today = min(_today(one.plan, now) for one in asked)
    search = RunSearch(
        tenants=sorted({one.tenant for one in asked}),
        wanted=[WantedRun(one.plan.lane_groups, one.plan.occupied_steps) for one in asked],
        first_day=today + since,
        last_day=today + until + timedelta(days=1),  # today may be tomorrow in another zone
        now=now,
    )
    found: list[EarliestTime] = []
    for one, starts in zip(asked, await free_starts(pool, search), strict=True):
        not_needed = await days_of_clerk(pool, one.plan, search.first_day, search.last_day)
        start = _first(one.plan, starts, now, not_needed)
        if start:
            found.append(EarliestTime(one, start))
    return found


def _today(plan: VisitPlan, now: datetime) -> date:
    return now.astimezone(ZoneInfo(plan.location.time_zone)).date()


def _first(plan: VisitPlan, starts: Mapping[date, int], now: datetime, not_needed: frozenset[date]) -> datetime | None:
    may_start, zone = startable(plan, now), ZoneInfo(plan.location.time_zone)
    for day in sorted(starts.keys() - not_needed):
        bits = starts[day] & may_start(day)
        if bits:
            return instant_of(day, next(set_steps(bits)), zone).astimezone(zone)
    return None

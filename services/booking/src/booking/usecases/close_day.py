"""Counting the days that are over, tenant by tenant: the worker's step. A day is counted once, whoever counts it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.domain.appointment import STANDING
from booking.domain.catalogue import Catalogue
from booking.domain.errors import Invalid
from booking.domain.statistics.closed_day import ClosedDay, cells_of_day, days_to_close
from booking.domain.times import DAYS_MAX
from booking.domain.visit_plan import RequestedItem, plan_visit
from booking.store.catalogue_cache import CatalogueCache
from booking.store.statistics import (
    CountedUntil,
    add_counts,
    insert_day,
    list_counted_until,
    list_open_minutes,
    list_visits,
)
from booking.usecases.find_times import days_to_list, find_times
from kit.clock import Clock
from kit.sql import Connection, Pool

WaitDays = Mapping[UUID, int | None]


async def close_days(pool: Pool, catalogues: CatalogueCache, clock: Clock) -> int:
    """How many days of tenants were counted."""
    now = clock()
    async with pool.acquire() as connection:
        tenants = await list_counted_until(connection)
    return sum([await _close_tenant(pool, catalogues, counted, now) for counted in tenants])


async def _close_tenant(pool: Pool, catalogues: CatalogueCache, counted: CountedUntil, now: datetime) -> int:
    """How long one waits is asked once, and is yesterday's: what it was on earlier days nobody knows any more."""
    zone = ZoneInfo(counted.time_zone)
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    days = days_to_close(counted.last_day, yesterday)
    wait_days = await _look_for_times(pool, catalogues, counted.tenant, now) if days else {}
    return sum([await _close(pool, counted.tenant, zone, day, wait_days if day == yesterday else {}) for day in days])


async def _close(pool: Pool, tenant: str, zone: ZoneInfo, day: date, wait_days: WaitDays) -> bool:
    """False if somebody else has counted it meanwhile."""
    async with pool.acquire() as connection, connection.transaction():
        if not await insert_day(connection, tenant, day):
            return False
        closed = await _look_back(connection, tenant, zone, day, wait_days)
        await add_counts(connection, tenant, cells_of_day(closed, zone))
    return True


async def _look_back(connection: Connection, tenant: str, zone: ZoneInfo, day: date, wait_days: WaitDays) -> ClosedDay:
    since, until = (datetime.combine(day + timedelta(days=n), time.min, zone).astimezone(UTC) for n in (0, 1))
    return ClosedDay(
        day=day,
        visits=await list_visits(connection, tenant, since, until, STANDING),
        capacity=await list_open_minutes(connection, tenant, day),
        wait_days=wait_days,
    )


async def _look_for_times(pool: Pool, catalogues: CatalogueCache, tenant: str, now: datetime) -> WaitDays:
    """As a citizen would, for each service that can be booked."""
    catalogue = await catalogues.get_public(tenant)
    return {service_id: await _wait(pool, catalogue, service_id, now) for service_id in catalogue.offerings}


async def _wait(pool: Pool, catalogue: Catalogue, service_id: UUID, now: datetime) -> int | None:
    """Days until the next free time; null if there is none in the booking window."""
    channel = catalogue.services[service_id].channels[0]
    try:
        plans = plan_visit(catalogue, [RequestedItem(service_id)], channel=channel)
    except Invalid:
        return None  # it needs a room that is nowhere
    days = days_to_list(plans, None, DAYS_MAX, now)
    times = await find_times(pool, catalogue.tenant, plans, days, now)
    return next(((day.date - days[0]).days for day in times.days if day.free), None)

"""Keeping the masks true to rules and occupation: after a change of rules, and each day for the days to come."""

from datetime import UTC, date, datetime, time, timedelta

from booking.domain.holidays import closed_days
from booking.domain.projection import differences, project
from booking.store.catalogue import list_tenants
from booking.store.configuration import ClosureRow, add_closures
from booking.store.masks import (
    delete_masks,
    delete_masks_before,
    insert_masks,
    list_occupied_ranges,
    lock_tenant_masks,
    longest_window_days,
    read_rules,
    update_masks,
)
from kit.clock import Clock
from kit.sql import Connection, Pool

SPARE_DAYS = 3
"""Masks reach this many days past the longest window, so that a worker may be down for a weekend."""


async def extend_masks(pool: Pool, clock: Clock) -> int:
    """The worker's daily step: holidays and masks for the new days of each tenant. Returns how many masks changed."""
    async with pool.acquire() as connection:
        tenants = [profile.slug for profile in await list_tenants(connection)]
    changed = 0
    for tenant in tenants:
        async with pool.acquire() as connection, connection.transaction():
            changed += await rebuild_masks(connection, tenant, clock())
    return changed


async def rebuild_masks(connection: Connection, tenant: str, now: datetime) -> int:
    """In the caller's transaction: a change of rules rebuilds the days it touches before anybody sees it."""
    first, last = await horizon(connection, tenant, now)
    await add_closures(connection, tenant, _holidays(first, last))
    await delete_masks_before(connection, tenant, first)
    found = await lock_tenant_masks(connection, tenant, first, last)
    rules = await read_rules(connection, tenant, first, last)
    occupied = await list_occupied_ranges(connection, tenant, datetime.combine(first, time.min, UTC))
    expected = project(rules, occupied, first, last)
    wrong = {(item.lane_id, item.day) for item in differences(expected, found)}
    await update_masks(connection, {key: expected[key] for key in wrong if key in found and key in expected})
    await delete_masks(connection, [key for key in wrong if key not in expected])
    await insert_masks(
        connection, tenant, {key: expected[key] for key in sorted(wrong) if key in expected.keys() - found}
    )
    return len(wrong)


async def horizon(connection: Connection, tenant: str, now: datetime) -> tuple[date, date]:
    """From yesterday, which is still today somewhere."""
    first = now.date() - timedelta(days=1)
    return first, first + timedelta(days=await longest_window_days(connection, tenant) + 1 + SPARE_DAYS)


def _holidays(first: date, last: date) -> list[ClosureRow]:
    return [
        ClosureRow(None, closed.day, closed.closed_from, None, closed.reason)
        for year in range(first.year, last.year + 2)
        for closed in closed_days(year)
        if closed.day >= first
    ]

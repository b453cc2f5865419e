"""The checker: masks must equal rules − occupation. It changes nothing and reports each difference."""

from datetime import UTC, datetime, time

from booking.domain.projection import Difference, differences, project
from booking.store.masks import list_masks, list_occupied_ranges, read_rules
from booking.usecases.rebuild_masks import horizon
from kit.sql import Pool


async def check_masks(pool: Pool, tenant: str, now: datetime) -> list[Difference]:
    """One snapshot of everything, so that holds under way do not look like differences."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        first, last = await horizon(connection, tenant, now)
        found = await list_masks(connection, tenant, first, last)
        rules = await read_rules(connection, tenant, first, last)
        occupied = await list_occupied_ranges(connection, tenant, datetime.combine(first, time.min, UTC))
    return differences(project(rules, occupied, first, last), found)

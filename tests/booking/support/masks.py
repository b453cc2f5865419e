"""The checker of masks: they must equal rules − closures − absences − occupation. It changes nothing."""

from datetime import datetime

from booking.domain.projection import Difference, differences, project
from booking.store.conflicts import list_visits
from booking.store.masks import list_masks
from booking.usecases.rebuild_masks import rules_in, whole_scope
from kit.sql import Pool


async def check_masks(pool: Pool, tenant: str, now: datetime) -> list[Difference]:
    """One snapshot of everything, so that holds under way do not look like differences."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        scope = await whole_scope(connection, tenant, now)
        found = await list_masks(connection, *scope)
        rules = await rules_in(connection, tenant, scope)
        visits = await list_visits(connection, scope.lane_ids, scope.since, scope.until)
    return differences(project(rules, [visit.occupied for visit in visits], scope.first_day, scope.last_day), found)

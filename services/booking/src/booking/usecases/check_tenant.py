"""The checker of a tenant: `python -m booking check`. It changes nothing, and says each fault in words.

1. Masks are rules − closures − absences − occupation.
2. Every live booking occupies its lane for all its time, and no other booking occupies anything.
3. A booking that stands where nothing is open is listed as a conflict.
"""

from datetime import datetime

from booking.domain.conflicts import compare, look_for_stranded
from booking.domain.errors import NotFound
from booking.domain.findings import describe_difference, describe_fault, describe_unlisted
from booking.domain.projection import differences, occupy, open_masks
from booking.store.booked_lanes import list_booked_lanes
from booking.store.catalogue import list_tenants
from booking.store.conflicts import list_known_conflicts, list_visits
from booking.store.masks import list_masks
from booking.usecases.rebuild_masks import rules_in, whole_scope
from kit.clock import Clock
from kit.sql import Pool


async def check_all(pool: Pool, clock: Clock, tenant: str | None = None) -> list[str]:
    """One tenant or all. Raises NotFound."""
    async with pool.acquire() as connection:
        tenants = [profile.slug for profile in await list_tenants(connection)]
    if tenant is not None and tenant not in tenants:
        raise NotFound(f"There is no tenant “{tenant}”.")
    chosen = [tenant] if tenant else tenants
    return [f"{slug}: {line}" for slug in chosen for line in await check_tenant(pool, slug, clock())]


async def check_tenant(pool: Pool, tenant: str, now: datetime) -> list[str]:
    """One snapshot of everything, so that holds under way do not look like faults."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        scope = await whole_scope(connection, tenant, now)
        rules = await rules_in(connection, tenant, scope)
        masks = await list_masks(connection, *scope)
        visits = await list_visits(connection, scope.lane_ids, scope.since, scope.until)
        booked = await list_booked_lanes(connection, tenant, scope.since)
        known = await list_known_conflicts(connection, tenant, scope.lane_ids, scope.since, scope.until)
    opened = open_masks(rules, scope.first_day, scope.last_day)
    wrong = differences(occupy(rules, opened, [visit.occupied for visit in visits]), masks)
    unlisted = compare(look_for_stranded(rules, opened, visits, now), known).found
    return [
        *(describe_difference(difference) for difference in wrong),
        *(line for each in booked if (line := describe_fault(each))),
        *(describe_unlisted(stranded) for stranded in unlisted),
    ]

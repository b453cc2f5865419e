"""Tidying up after the clock. Nobody waits for it: whoever wants a slot releases what lapsed there first."""

from booking.store.expiry import list_tenants_with_overdue
from booking.usecases.release_overdue import release_overdue
from kit.clock import Clock
from kit.sql import Pool


async def expire_appointments(pool: Pool, clock: Clock) -> int:
    """Return how many reservations had lapsed."""
    now = clock()
    async with pool.acquire() as connection:
        tenants = await list_tenants_with_overdue(connection, now)
    return sum([await release_overdue(pool, tenant, now) for tenant in tenants])

"""Facts become counters and are gone: the worker's step. Each is counted exactly once, since both happen at once."""

from itertools import groupby
from operator import attrgetter

from booking.domain.statistics.cells import cells_of
from booking.store.statistics import add_counts, claim_facts
from kit.sql import Pool

BATCH = 500


async def fold_statistics(pool: Pool) -> int:
    """How many facts were counted."""
    async with pool.acquire() as connection, connection.transaction():
        facts = await claim_facts(connection, BATCH)
        for tenant, of_tenant in groupby(facts, key=attrgetter("tenant")):
            await add_counts(connection, tenant, cells_of(of_tenant))
    return len(facts)

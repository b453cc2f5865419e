from kit.sql import Pool
from notify.store import counts
from notify.store.counts import StateCount


async def count_open(pool: Pool) -> list[StateCount]:
    async with pool.acquire() as connection:
        return await counts.count_open(connection)

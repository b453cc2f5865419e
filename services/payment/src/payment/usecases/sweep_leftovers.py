from datetime import datetime

from kit.cursor import cut
from payment.domain.retention import Leftover, cutoffs_of
from payment.store.leftovers import RetentionEntry, delete_leftovers, insert_retention_entry, list_retention_entries
from payment.store.leftovers import list_retentions as list_rows
from payment.usecases.tools import Tools

BATCH = 500
PAGE_SIZE = 100


async def sweep_leftovers(tools: Tools) -> int:
    """What is over goes, each tenant's by its own times; how much it was stands in the log."""
    now, total = tools.clock(), 0
    async with tools.for_all_tenants() as connection:
        tenants = await list_rows(connection)
    for tenant in tenants:
        for leftover, before in cutoffs_of(tenant.retention, now).items():
            total += await _sweep(tools, tenant.slug, leftover, before)
    return total


async def _sweep(tools: Tools, tenant: str, leftover: Leftover, before: datetime) -> int:
    """In small batches, each a transaction with its entry in the log: nobody waits long for a row."""
    total, count = 0, BATCH
    while count == BATCH:
        async with tools.acting_for(tenant) as connection:
            count = await delete_leftovers(connection, leftover, tenant, before, BATCH)
            if count:
                await insert_retention_entry(connection, tenant, leftover, before, count, tools.clock())
        total += count
    return total


async def read_retention_log(tools: Tools, tenant: str, before: int | None) -> tuple[list[RetentionEntry], int | None]:
    """Newest first, and what to ask for to get the next page."""
    async with tools.acting_for(tenant) as connection:
        found = await list_retention_entries(connection, tenant, before, PAGE_SIZE + 1)
    page, last = cut(found, PAGE_SIZE)
    return page, last.id if last else None

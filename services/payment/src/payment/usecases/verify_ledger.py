from collections.abc import Mapping

import msgspec

from kit.sql import Connection, Pool
from kit.tenants import act_for, for_all_tenants
from payment.domain.ledger_chain import Break, LedgerEnd, compare_end, follow
from payment.store.day_closes import list_closed_ends
from payment.store.ledger import each_entry, find_ledger_end
from payment.store.tenants import list_tenants


class LedgerVerification(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    entries: int
    """How many the chain vouches for, from the first on."""
    break_: Break | None = msgspec.field(name="break", default=None)

    @property
    def is_intact(self) -> bool:
        return self.break_ is None

    def in_words(self) -> str:
        if self.break_ is None:
            return f"{self.tenant}: {self.entries} entries, intact"
        return f"{self.tenant}: entry {self.break_.number} {self.break_.damage} ({self.entries} entries before it hold)"


async def verify_ledgers(pool: Pool, tenant: str | None = None) -> list[LedgerVerification]:
    """Of all tenants, or of one; empty where there is none of that name."""
    async with for_all_tenants(pool) as connection:
        slugs = [found.slug for found in await list_tenants(connection)]
    return [await verify_ledger(pool, slug) for slug in slugs if tenant in (None, slug)]


async def verify_ledger(pool: Pool, tenant: str) -> LedgerVerification:
    """Follow the chain from the first entry to the end that is written down, as both stood at one moment.

    On the way it must pass where it stood at every day close; so it cannot end before one.
    """
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        await act_for(connection, tenant)
        known = await find_ledger_end(connection, tenant)
        closed = {end.number: end for end in await list_closed_ends(connection, tenant)}
        end, break_ = await _follow_all(connection, tenant, closed)
        furthest = max((end, *closed.values()), key=lambda stood: stood.number)
        break_ = break_ or compare_end(end, known) or compare_end(end, furthest)
        return LedgerVerification(tenant=tenant, entries=end.number, break_=break_)


async def _follow_all(
    connection: Connection, tenant: str, closed: Mapping[int, LedgerEnd]
) -> tuple[LedgerEnd, Break | None]:
    end = LedgerEnd()
    async for entry in each_entry(connection, tenant):
        step = follow(end, entry)
        if isinstance(step, LedgerEnd):
            step = compare_end(step, closed.get(step.number, step)) or step
        if isinstance(step, Break):
            return end, step
        end = step
    return end, None

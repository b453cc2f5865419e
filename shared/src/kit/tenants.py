"""Row-level security: a transaction sees and writes the rows of the tenant it acts for, and no others.

The policies (`migrations/0002_tenants.sql`) read two settings of the transaction. They are set here alone, and end with
it, so that a connection goes back to its pool bound to nobody. A name may come from an address: `all tenants` is a
setting of its own, which no name can spell.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kit.sql import Connection, Pool


async def act_for(connection: Connection, tenant: str) -> None:
    """From here to the transaction's end, or until it acts for another one; also where all were seen until now."""
    await connection.execute(
        "SELECT set_config('app.tenant', $1, true), set_config('app.all_tenants', '', true)", tenant
    )


@asynccontextmanager
async def acting_for(pool: Pool, tenant: str) -> AsyncIterator[Connection]:
    """A transaction that sees one tenant's rows."""
    async with pool.acquire() as connection, connection.transaction():
        await act_for(connection, tenant)
        yield connection


@asynccontextmanager
async def for_all_tenants(pool: Pool) -> AsyncIterator[Connection]:
    """A transaction that sees all rows: to find out whose turn it is. What is then done, is done for that tenant."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('app.all_tenants', 'on', true)")
        yield connection

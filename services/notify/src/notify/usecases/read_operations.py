"""How delivery stands, for whoever runs it."""

from datetime import timedelta
from typing import Final

import msgspec

from kit.clock import Clock
from kit.sql import Pool
from notify.store import operations
from notify.store.accounts import find_account
from notify.store.operations import OperatedDelivery, Queue
from notify.store.pauses import PauseRow, list_pauses
from notify.store.tenants import get_tenant

SLOW: Final = timedelta(minutes=5)
LATELY: Final = timedelta(days=7)


class Operations(msgspec.Struct, frozen=True, kw_only=True):
    queues: list[Queue]
    slow: list[OperatedDelivery]
    """Waiting for more than five minutes, the oldest hundred."""
    ended_badly: list[OperatedDelivery]
    """Failed, bounced or expired within seven days, the newest hundred."""
    pauses: list[PauseRow]
    """Mail servers that are left in peace for a while; of the others all is well."""


async def read_operations(pool: Pool, clock: Clock, tenant: str | None) -> Operations:
    """`tenant` None: of all."""
    now = clock()
    async with pool.acquire() as connection:
        return Operations(
            queues=await operations.list_queues(connection, tenant),
            slow=await operations.list_slow(connection, tenant, now - SLOW),
            ended_badly=await operations.list_ended_badly(connection, tenant, now - LATELY),
            pauses=await list_pauses(connection, await find_account(connection, tenant)),
        )


async def find_time_zone(pool: Pool, tenant: str) -> str:
    async with pool.acquire() as connection:
        return (await get_tenant(connection, tenant)).time_zone

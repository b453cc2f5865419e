"""Somebody has spoken with a citizen of the call list."""

from uuid import UUID

from booking.domain.errors import NotFound
from booking.store import call_list
from kit.clock import Clock
from kit.sql import Pool


async def finish_call(pool: Pool, clock: Clock, tenant: str, call_id: UUID, subject: str) -> None:
    """A second time changes nothing. Raises NotFound."""
    async with pool.acquire() as connection:
        if not await call_list.finish_call(connection, tenant, call_id, subject, clock()):
            raise NotFound("There is no such call.")

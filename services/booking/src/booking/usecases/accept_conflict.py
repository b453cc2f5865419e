"""A clerk keeps a visit as it stands: serves it after hours, or at the fee that was quoted."""

from uuid import UUID

from booking.domain.errors import NotFound
from booking.store.conflicts import accept_conflict as accept
from kit.clock import Clock
from kit.sql import Pool


async def accept_conflict(pool: Pool, clock: Clock, tenant: str, conflict_id: UUID, by: str) -> None:
    """A second time changes nothing. Raises NotFound."""
    async with pool.acquire() as connection, connection.transaction():
        if not await accept(connection, tenant, conflict_id, by, clock()):
            raise NotFound("There is no such conflict.")

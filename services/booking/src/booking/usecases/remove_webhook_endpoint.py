from uuid import UUID

from booking.domain.errors import NotFound
from booking.store.webhooks import move_endpoint_to_removed
from kit.clock import Clock
from kit.sql import Pool


async def remove_webhook_endpoint(pool: Pool, clock: Clock, tenant: str, endpoint_id: UUID) -> None:
    """Nothing goes there any more, not even what waits. Raises NotFound."""
    async with pool.acquire() as connection, connection.transaction():
        if not await move_endpoint_to_removed(connection, tenant, endpoint_id, clock()):
            raise NotFound("There is no such endpoint.")

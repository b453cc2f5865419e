from uuid import UUID

from booking.domain.errors import NotFound
from booking.store.webhooks import move_to_replayed
from booking.usecases.once import Once, is_repeat, mark_done
from kit.clock import Clock
from kit.sql import Pool


async def replay_webhook(pool: Pool, clock: Clock, tenant: str, delivery_id: UUID, once: Once) -> None:
    """Send it once more, soon. Raises NotFound: unknown, or its endpoint was removed."""
    async with pool.acquire() as connection, connection.transaction():
        if await is_repeat(connection, once):
            return
        if not await move_to_replayed(connection, tenant, delivery_id, clock()):
            raise NotFound("There is no such delivery, or its endpoint was removed.")
        await mark_done(connection, once)

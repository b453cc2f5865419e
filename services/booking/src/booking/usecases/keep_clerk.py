"""The visit stays with its clerk after all, as was agreed: the task is done."""

from uuid import UUID

from booking.domain.errors import NotFound
from booking.store.reassign_tasks import close_task
from kit.clock import Clock
from kit.sql import Pool


async def keep_clerk(pool: Pool, clock: Clock, tenant: str, task_id: UUID, by: str) -> None:
    """A second time changes nothing. Raises NotFound."""
    async with pool.acquire() as connection:
        if not await close_task(connection, tenant, task_id, by, clock()):
            raise NotFound("There is no such task.")

from uuid import UUID

from kit.sql import Pool
from notify.store import delivery_lists
from notify.store.delivery_lists import DeliveryView


async def list_deliveries(pool: Pool, subject_id: UUID, tenant: str | None) -> list[DeliveryView]:
    """What was written about an appointment or invitation, and how far it came. `tenant` None: asked by a service."""
    async with pool.acquire() as connection:
        return await delivery_lists.list_deliveries(connection, subject_id, tenant)

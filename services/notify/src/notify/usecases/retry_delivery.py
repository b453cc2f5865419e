"""Try a mail now that waits for its next try: a person knows that the fault is mended."""

from uuid import UUID

from kit.clock import Clock
from kit.sql import Pool
from notify.domain.errors import Conflict, NotFound
from notify.store import deliveries, delivery_lists
from notify.store.delivery_lists import DeliveryView


async def retry_delivery(pool: Pool, clock: Clock, delivery_id: UUID, tenant: str | None) -> DeliveryView:
    """The same bytes, and its turn is kept. May be repeated. Raises NotFound, Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        moved = await deliveries.move_to_due(connection, delivery_id, tenant, clock())
        view = await delivery_lists.find_delivery(connection, delivery_id, tenant)
    if view is None:
        raise NotFound("There is no such delivery.")
    if not moved:
        raise Conflict(f"This mail is {view.state}; only one that waits can be tried now.")
    return view

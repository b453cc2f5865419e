from uuid import UUID

from payment.store.webhooks import DeliveryState, EndpointEntry, LoggedDelivery, list_deliveries, list_endpoints
from payment.usecases.tools import Tools


async def read_endpoints(tools: Tools, tenant: str) -> list[EndpointEntry]:
    async with tools.acting_for(tenant) as connection:
        return await list_endpoints(connection, tenant)


async def read_deliveries(
    tools: Tools, tenant: str, *, endpoint_id: UUID | None, state: DeliveryState | None, before: UUID | None, limit: int
) -> list[LoggedDelivery]:
    async with tools.acting_for(tenant) as connection:
        return await list_deliveries(
            connection, tenant, endpoint_id=endpoint_id, state=state, before=before, limit=limit
        )

from uuid import UUID

from payment.domain.dispute import DisputeState
from payment.store.disputes import DisputeRow
from payment.store.disputes import list_disputes as list_rows
from payment.usecases.tools import Tools


async def list_disputes(
    tools: Tools, tenant: str, state: DisputeState | None, before: UUID | None, limit: int
) -> list[DisputeRow]:
    async with tools.acting_for(tenant) as connection:
        return await list_rows(connection, tenant, state, before, limit)

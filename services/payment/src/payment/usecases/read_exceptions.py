from uuid import UUID

from payment.store.exceptions import ExceptionState, TreasuryException, list_exceptions
from payment.usecases.tools import Tools

PAGE_SIZE = 100


async def read_exceptions(
    tools: Tools, tenant: str, state: ExceptionState, after: UUID | None
) -> tuple[list[TreasuryException], UUID | None]:
    """A page, and what to ask for to get the next one."""
    async with tools.acting_for(tenant) as connection:
        found = await list_exceptions(connection, tenant, state, after, PAGE_SIZE + 1)
    page = found[:PAGE_SIZE]
    return page, page[-1].id if len(found) > PAGE_SIZE else None

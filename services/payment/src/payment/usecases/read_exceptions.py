from uuid import UUID

from kit.cursor import cut
from payment.store.exceptions import ExceptionState, TreasuryException, list_exceptions
from payment.usecases.tools import Tools

PAGE_SIZE = 100


async def read_exceptions(
    tools: Tools, tenant: str, state: ExceptionState, after: UUID | None
) -> tuple[list[TreasuryException], UUID | None]:
    """A page, and what to ask for to get the next one."""
    async with tools.acting_for(tenant) as connection:
        found = await list_exceptions(connection, tenant, state, after, PAGE_SIZE + 1)
    page, last = cut(found, PAGE_SIZE)
    return page, last.id if last else None

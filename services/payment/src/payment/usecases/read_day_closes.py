from collections.abc import AsyncIterator

from kit.cursor import cut
from payment.domain.day_close import DayClose
from payment.domain.errors import PaymentMissing
from payment.store.day_closes import each_line, find_close, list_closes
from payment.usecases.tools import Tools

PAGE_SIZE = 50
CHUNK_LINES = 200


async def read_day_closes(tools: Tools, tenant: str, before: int | None) -> tuple[list[DayClose], int | None]:
    """Newest first, and what to ask for to get the next page."""
    async with tools.acting_for(tenant) as connection:
        found = await list_closes(connection, tenant, before, PAGE_SIZE + 1)
    page, last = cut(found, PAGE_SIZE)
    return page, last.number if last else None


async def get_day_close(tools: Tools, tenant: str, number: int) -> DayClose:
    """Raises PaymentMissing."""
    async with tools.acting_for(tenant) as connection:
        close = await find_close(connection, tenant, number)
    if close is None:
        raise PaymentMissing(f"There is no day close {number}.")
    return close


async def export_day_close(tools: Tools, tenant: str, number: int) -> AsyncIterator[bytes]:
    """The lines as they were written at the close, a few hundred at once."""
    lines: list[str] = []
    async with tools.acting_for(tenant) as connection:
        async for row in each_line(connection, tenant, number):
            lines.append(row.line)
            if len(lines) == CHUNK_LINES:
                yield "".join(lines).encode()
                lines = []
    yield "".join(lines).encode()

"""The visit whose number was scanned."""

from booking.domain.errors import NotFound
from booking.domain.numbers import tidy_number
from booking.store.visits import find_by_number
from booking.usecases.view_appointment import Access
from kit.sql import Pool


async def find_visit_by_number(pool: Pool, tenant: str, number: str) -> Access:
    """Raises NotFound."""
    async with pool.acquire() as connection:
        appointment_id = await find_by_number(connection, tenant, tidy_number(number))
    if appointment_id is None:
        raise NotFound("There is no such appointment.")
    return Access(tenant, appointment_id)

"""Places, and the code of the poster at their entrance."""

from booking.domain.errors import NotFound
from booking.domain.numbers import tidy_code
from booking.store.arrival import ArrivalPlace, find_arrival_place, list_arrival_places
from kit.sql import Pool


async def list_places(pool: Pool, tenant: str) -> list[ArrivalPlace]:
    async with pool.acquire() as connection:
        return await list_arrival_places(connection, tenant)


async def find_place_of_code(pool: Pool, tenant: str, code: str) -> ArrivalPlace:
    """Raises NotFound."""
    async with pool.acquire() as connection:
        place = await find_arrival_place(connection, tenant, tidy_code(code))
    if place is None:
        raise NotFound("There is no such place.")
    return place

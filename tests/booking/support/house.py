"""What the sample town's files do not say: counters, rooms and devices, and who needs them. By SQL, then projected."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from tests.booking.sample import TENANT

from booking.domain.configuration import id_for
from booking.usecases.rebuild_masks import rebuild_masks
from kit.sql import Pool

LOCATION = id_for(TENANT, "location", "Rathaus")


class House:
    def __init__(self, pool: Pool, clock: Callable[[], datetime]) -> None:
        self.pool = pool
        self.clock = clock

    async def add_counter(self, label: str, *services: str) -> int:
        lane_id: int = await self.pool.fetchval(
            "INSERT INTO lane (tenant, location_id, kind, label, room) VALUES ($1, $2, 'counter', $3, 'Foyer')"
            " RETURNING id",
            TENANT,
            LOCATION,
            label,
        )
        for service in services:
            await self.pool.execute("INSERT INTO skill VALUES ($1, $2)", lane_id, offering_id(service))
        await self.changed()
        return lane_id

    async def add_resource(self, group: str, label: str, location_id: UUID = LOCATION) -> int:
        lane_id: int = await self.pool.fetchval(
            "INSERT INTO lane (tenant, location_id, kind, label, resource_group) VALUES ($1, $2, 'resource', $3, $4)"
            " RETURNING id",
            TENANT,
            location_id,
            label,
            group,
        )
        await self.changed()
        return lane_id

    async def need(self, service: str, *groups: str) -> None:
        for group in groups:
            await self.pool.execute("INSERT INTO offering_resource VALUES ($1, $2)", offering_id(service), group)
        await self.changed()

    async def changed(self) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
            await rebuild_masks(connection, TENANT, self.clock())


def offering_id(service: str) -> UUID:
    return id_for(TENANT, "offering", f"{service}@Rathaus")

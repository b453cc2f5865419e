"""Places with the code of their poster."""

from uuid import UUID

import msgspec

from kit.sql import Connection, fetch_all, fetch_optional


class ArrivalPlace(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    arrival_code: str


async def find_arrival_place(connection: Connection, tenant: str, code: str) -> ArrivalPlace | None:
    return await fetch_optional(
        connection,
        ArrivalPlace,
        "SELECT id, name, arrival_code FROM location WHERE tenant = $1 AND arrival_code = $2",
        tenant,
        code,
    )


async def list_arrival_places(connection: Connection, tenant: str) -> list[ArrivalPlace]:
    return await fetch_all(
        connection,
        ArrivalPlace,
        "SELECT id, name, arrival_code FROM location WHERE tenant = $1 ORDER BY name",
        tenant,
    )

"""Who does in a county what a tenant does not: of a town the county, of the county its towns."""

import msgspec

from kit.sql import Connection, fetch_all

NEIGHBOURS_MAX = 60
"""A county has that many."""


class Neighbour(msgspec.Struct, frozen=True):
    tenant: str
    name: str
    is_current: bool
    """Its search entries are of its catalogue."""


async def list_neighbours(connection: Connection, tenant: str) -> list[Neighbour]:
    return await fetch_all(
        connection,
        Neighbour,
        "SELECT n.slug AS tenant, n.profile ->> 'name' AS name, n.search_version = n.catalogue_version AS is_current"
        " FROM tenant t JOIN tenant n ON left(n.profile ->> 'ars', 5) = left(t.profile ->> 'ars', 5)"
        " AND (n.profile ->> 'kind' = 'Kreis') <> (t.profile ->> 'kind' = 'Kreis')"
        " WHERE t.slug = $1 ORDER BY n.position, n.slug LIMIT $2",
        tenant,
        NEIGHBOURS_MAX,
    )

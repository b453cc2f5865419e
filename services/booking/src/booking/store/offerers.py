"""Who offers the same service: the published search across tenants, and the only query that is bound to none."""

from uuid import UUID

import msgspec

from kit.sql import Connection, fetch_all


class Offerer(msgspec.Struct, frozen=True):
    tenant: str
    tenant_name: str
    service_id: UUID
    sort_key: str
    """Its folded name."""


async def list_offerers(
    connection: Connection, leika: str | None, sort_key: str, ars: str, limit: int
) -> list[Offerer]:
    """By LeiKa key or folded name. `ars`: the beginning of the tenants' keys; of a county it has five digits."""
    return await fetch_all(
        connection,
        Offerer,
        "SELECT t.slug AS tenant, t.profile ->> 'name' AS tenant_name, s.id AS service_id, s.sort_key"
        " FROM service s JOIN tenant t ON t.slug = s.tenant"
        " WHERE s.offered AND s.audience = 'public' AND s.kind IN ('visit', 'walk_in_or_visit')"
        " AND (s.leika = $1 OR s.sort_key = $2) AND t.profile ->> 'ars' LIKE $3 || '%'"
        " ORDER BY t.position, t.slug, s.sort_key LIMIT $4",
        leika,
        sort_key,
        ars,
        limit,
    )

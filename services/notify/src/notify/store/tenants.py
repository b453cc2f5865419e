import msgspec

from contracts.tenant import TenantProfile
from kit.sql import Connection, execute, fetch_all, fetch_one


class _Row(msgspec.Struct):
    profile: TenantProfile


async def get_tenant(connection: Connection, slug: str) -> TenantProfile:
    """Raises RowMissing."""
    row = await fetch_one(connection, _Row, "SELECT profile FROM tenant WHERE slug = $1", slug)
    return row.profile


async def list_tenants(connection: Connection) -> list[TenantProfile]:
    return [row.profile for row in await fetch_all(connection, _Row, "SELECT profile FROM tenant ORDER BY slug")]


async def insert_tenant(connection: Connection, tenant: TenantProfile) -> None:
    """Or bring it up to this profile."""
    await execute(
        connection,
        "INSERT INTO tenant (slug, profile) VALUES ($1, $2)"
        " ON CONFLICT (slug) DO UPDATE SET profile = EXCLUDED.profile WHERE tenant.profile <> EXCLUDED.profile",
        tenant.slug,
        tenant,
    )


async def save_logo(connection: Connection, slug: str, logo: bytes | None) -> None:
    await execute(connection, "UPDATE tenant SET logo = $2 WHERE slug = $1 AND logo IS DISTINCT FROM $2", slug, logo)

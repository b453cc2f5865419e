from datetime import time

import msgspec

from contracts.tenant import TenantProfile
from kit.sql import Connection, fetch_all, fetch_optional
from payment.domain.retention import Retention


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    profile: TenantProfile
    kassenzeichen: str
    standing_order: bool
    legal_basis: str = ""
    refund_batch_at: time = time(6)
    """By the tenant's own clock."""
    iban: str | None = None
    """Of the account to which the providers pay out."""
    retention: Retention = Retention()


class Issuer(Tenant, frozen=True, kw_only=True):
    """What a tenant's payments are made with. `origins`: those asked for that are listed. `numbers`: given to nobody
    else, and lost where they are not used.
    """

    origins: tuple[str, ...]
    numbers: tuple[int, ...]


async def upsert_tenant(connection: Connection, tenant: Tenant, position: int) -> None:
    await connection.execute(
        "INSERT INTO tenant (slug, profile, kassenzeichen, standing_order, position, legal_basis, refund_batch_at,"
        " iban, retention) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (slug) DO UPDATE SET profile = excluded.profile, kassenzeichen = excluded.kassenzeichen,"
        " standing_order = excluded.standing_order, position = excluded.position, legal_basis = excluded.legal_basis,"
        " refund_batch_at = excluded.refund_batch_at, iban = excluded.iban,"
        " retention = excluded.retention",
        tenant.slug,
        msgspec.to_builtins(tenant.profile),
        tenant.kassenzeichen,
        tenant.standing_order,
        position,
        tenant.legal_basis,
        tenant.refund_batch_at,
        tenant.iban,
        msgspec.to_builtins(tenant.retention),
    )


async def find_tenant(connection: Connection, slug: str) -> Tenant | None:
    return await fetch_optional(
        connection,
        Tenant,
        "SELECT slug, profile, kassenzeichen, standing_order, legal_basis, refund_batch_at, iban FROM tenant"
        " WHERE slug = $1",
        slug,
    )


async def find_issuer(connection: Connection, slug: str, origins: list[str], count: int) -> Issuer | None:
    """With `count` numbers for Kassenzeichen."""
    return await fetch_optional(
        connection,
        Issuer,
        "SELECT slug, profile, kassenzeichen, standing_order, legal_basis,"
        " ARRAY(SELECT origin FROM return_origin WHERE tenant = $1 AND origin = ANY($2)) AS origins,"
        " ARRAY(SELECT nextval('treasury_number') FROM generate_series(1, $3)) AS numbers FROM tenant WHERE slug = $1",
        slug,
        origins,
        count,
    )


async def list_tenants(connection: Connection) -> list[Tenant]:
    return await fetch_all(
        connection,
        Tenant,
        "SELECT slug, profile, kassenzeichen, standing_order, legal_basis, refund_batch_at, iban FROM tenant"
        " ORDER BY position, slug",
    )


async def replace_return_origins(connection: Connection, tenant: str, origins: list[str]) -> None:
    await connection.execute("DELETE FROM return_origin WHERE tenant = $1 AND origin <> ALL($2)", tenant, origins)
    await connection.execute(
        "INSERT INTO return_origin (tenant, origin) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING",
        tenant,
        origins,
    )


async def upsert_account(connection: Connection, tenant: str, provider: str, secrets: bytes) -> None:
    await connection.execute(
        "INSERT INTO provider_account (tenant, provider, secrets) VALUES ($1, $2, $3)"
        " ON CONFLICT (tenant, provider) DO UPDATE SET secrets = excluded.secrets",
        tenant,
        provider,
        secrets,
    )


async def find_account(connection: Connection, tenant: str, provider: str) -> bytes | None:
    secrets: bytes | None = await connection.fetchval(
        "SELECT secrets FROM provider_account WHERE tenant = $1 AND provider = $2", tenant, provider
    )
    return secrets


async def has_standing_order(connection: Connection, slug: str) -> bool:
    found: bool = await connection.fetchval("SELECT standing_order FROM tenant WHERE slug = $1", slug)
    return found

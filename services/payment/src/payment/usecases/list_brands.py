from kit.sql import Pool
from kit.tenants import for_all_tenants
from kit.web.brand import Brand
from payment.store.tenants import Tenant, list_tenants


async def list_brands(pool: Pool, own_pages_url: str) -> list[Brand]:
    """`own_pages_url`: where the tenants' own pages (Impressum and the like) are, booking's address."""
    async with for_all_tenants(pool) as connection:
        return [_brand(tenant, own_pages_url.rstrip("/")) for tenant in await list_tenants(connection)]


def _brand(tenant: Tenant, own_pages_url: str) -> Brand:
    profile = tenant.profile
    return Brand(
        slug=tenant.slug,
        name=profile.name,
        primary=profile.colours.primary,
        on_primary=profile.colours.on_primary,
        accent=profile.colours.accent,
        hosts=profile.hosts,
        home=f"{own_pages_url}/{tenant.slug}" if own_pages_url else "",
    )

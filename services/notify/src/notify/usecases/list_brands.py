from contracts.tenant import TenantProfile
from kit.sql import Pool
from kit.web.brand import Brand
from notify.mail.letterhead import readable
from notify.store.tenants import list_tenants


async def list_brands(pool: Pool, own_pages_url: str) -> list[Brand]:
    """Whose pages these are: name and colours of each tenant."""
    async with pool.acquire() as connection:
        return [_brand(tenant, own_pages_url) for tenant in await list_tenants(connection)]


def _brand(tenant: TenantProfile, own_pages_url: str) -> Brand:
    colours = readable(tenant.colours)
    return Brand(
        slug=tenant.slug,
        name=tenant.name,
        primary=colours.primary,
        on_primary=colours.on_primary,
        accent=colours.accent,
        home=f"{own_pages_url}/{tenant.slug}" if own_pages_url else "",
    )

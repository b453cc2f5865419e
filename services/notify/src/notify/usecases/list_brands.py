from kit.sql import Pool
from kit.web.brand import Brand
from notify.store.tenants import list_tenants


async def list_brands(pool: Pool, own_pages_url: str) -> list[Brand]:
    """`own_pages_url`: where the tenants' own pages (Impressum and the like) are, booking's address."""
    base = own_pages_url.rstrip("/")
    async with pool.acquire() as connection:
        return [
            Brand(
                slug=profile.slug,
                name=profile.name,
                primary=profile.colours.primary,
                on_primary=profile.colours.on_primary,
                accent=profile.colours.accent,
                home=f"{base}/{profile.slug}" if base else "",
            )
            for profile in await list_tenants(connection)
        ]

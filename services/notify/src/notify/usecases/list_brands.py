from kit.sql import Pool
from kit.web.brand import Brand
from notify.store.tenants import list_tenants


async def list_brands(pool: Pool) -> list[Brand]:
    async with pool.acquire() as connection:
        return [
            Brand(
                slug=profile.slug,
                name=profile.name,
                primary=profile.colours.primary,
                on_primary=profile.colours.on_primary,
                accent=profile.colours.accent,
            )
            for profile in await list_tenants(connection)
        ]

"""The catalogue in memory: as new as its version, and only of so many tenants."""

import msgspec
from tests.booking import sample

from booking.domain.catalogue_files import Files
from booking.store.catalogue_cache import CatalogueCache
from kit.sql import Pool


async def test_what_is_known_stays_until_its_version_is_another(booking_pool: Pool, town: Files) -> None:
    catalogues = CatalogueCache(booking_pool, 0)
    known = await catalogues.get(sample.TENANT)
    assert await catalogues.get(sample.TENANT) is known
    assert await catalogues.get_public(sample.TENANT) is await catalogues.get_public(sample.TENANT)
    await booking_pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    assert (await catalogues.get(sample.TENANT)).version == known.version + 1


async def test_who_was_asked_for_least_lately_is_read_again(booking_pool: Pool) -> None:
    for slug in ("first", "second", "third"):
        await booking_pool.execute(
            "INSERT INTO tenant (slug, profile, position, catalogue_version) VALUES ($1, $2, 1, 1)",
            slug,
            msgspec.to_builtins(sample.profile(slug)),
        )
    catalogues = CatalogueCache(booking_pool, 0, count_max=2)
    first, second = await catalogues.get("first"), await catalogues.get("second")
    assert await catalogues.get("first") is first
    await catalogues.get("third")
    assert await catalogues.get("first") is first
    assert await catalogues.get("second") is not second


async def test_another_tenants_change_is_no_reason_to_read_this_one_again(booking_pool: Pool, town: Files) -> None:
    await booking_pool.execute(
        "INSERT INTO tenant (slug, profile, position, catalogue_version) VALUES ('other', $1, 1, 1)",
        msgspec.to_builtins(sample.profile("other")),
    )
    catalogues = CatalogueCache(booking_pool, 0)
    known, other = await catalogues.get(sample.TENANT), await catalogues.get("other")
    await booking_pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1 WHERE slug = 'other'")
    assert await catalogues.get(sample.TENANT) is known
    assert (await catalogues.get("other")).version == other.version + 1

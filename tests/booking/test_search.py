"""Searching the demo's own catalogue, as people type."""

import asyncio
from typing import Any

import asyncpg
import pytest
from tests.booking.conftest import SetClock
from tests.booking.everyday_words import COUNTY, NOBODY, TOWN
from tests.booking.search_queries import TUNED, UNSEEN
from tests.booking.support.seed import seed_files
from tests.support.database import Database

from booking.domain.catalogue import Catalogue
from booking.domain.catalogue_files import Files
from booking.domain.errors import Invalid
from booking.store.catalogue_cache import CatalogueCache
from booking.store.search import Query, search_entries
from booking.usecases.configure import configure
from booking.usecases.search_catalogue import search_everything, search_services
from booking.usecases.search_elsewhere import search_elsewhere
from kit.sql import Connection, Pool

TENANTS = ("erkelenz", "kreis-heinsberg")


def demo_files() -> Files:
    files = seed_files()
    return files._replace(tenants=[profile for profile in files.tenants if profile.slug in TENANTS])


@pytest.fixture
async def catalogues(booking_pool: Pool, clock: SetClock) -> dict[str, Catalogue]:
    await configure(booking_pool, demo_files(), clock)
    cache = CatalogueCache(booking_pool, 60)
    return {tenant: await cache.get(tenant) for tenant in TENANTS}


@pytest.mark.parametrize("queries", [TUNED, UNSEEN], ids=["tuned", "unseen"])
async def test_people_find_what_they_mean(
    booking_pool: Pool, catalogues: dict[str, Catalogue], queries: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    """First of all 73 services of the demo, and nothing else will do."""
    missed = []
    for tenant, query, wanted in queries:
        page = await search_services(booking_pool, catalogues[tenant], query=query)
        names = [service.name for service in page.services]
        if not names or not names[0].startswith(wanted):
            missed.append((query, names[:3]))
    assert missed == []


async def test_people_find_what_happens_to_them(booking_pool: Pool, catalogues: dict[str, Catalogue]) -> None:
    town = catalogues["erkelenz"]
    missed = []
    for query, wanted in TOWN:
        names = [one.name for one in (await search_services(booking_pool, town, query=query)).services]
        if not names or not names[0].startswith(wanted):
            missed.append((query, names[:3]))
    for query, wanted in (*COUNTY, *((nobody, "") for nobody in NOBODY)):
        here = await search_services(booking_pool, town, query=query)
        there = [one.service_name for one in await search_elsewhere(booking_pool, town, query, here.rank)]
        found = there if wanted else [one.name for one in here.services] + there
        if bool(found) != bool(wanted) or not "".join(found[:1]).startswith(wanted):
            missed.append((query, found))
    assert missed == []


async def test_nonsense_finds_nothing(booking_pool: Pool, catalogues: dict[str, Catalogue]) -> None:
    for query in ("qqqqqq", "xyzzy plugh"):
        assert (await search_services(booking_pool, catalogues["erkelenz"], query=query)).services == []
        assert await search_everything(booking_pool, catalogues["erkelenz"], query) == []


async def test_pages_follow_each_other_and_miss_nothing(booking_pool: Pool, catalogues: dict[str, Catalogue]) -> None:
    catalogue = catalogues["erkelenz"]
    names: list[str] = []
    cursor = None
    while True:
        page = await search_services(booking_pool, catalogue, cursor=cursor)
        names += [service.name for service in page.services]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(names) == sorted(service.name for service in catalogue.services.values())


async def test_letters_and_life_situations(booking_pool: Pool, catalogues: dict[str, Catalogue]) -> None:
    page = await search_services(booking_pool, catalogues["erkelenz"], letter="w")
    assert {service.name[0] for service in page.services} == {"W"}
    page = await search_services(booking_pool, catalogues["erkelenz"], life_situation="Umzug")
    assert {situation for service in page.services for situation in service.life_situations} == {"Umzug"}


@pytest.mark.parametrize("cursor", ["nonsense", "%%%", "bnVsbA=="])
async def test_a_cursor_of_another_list_is_refused(
    booking_pool: Pool, catalogues: dict[str, Catalogue], cursor: str
) -> None:
    with pytest.raises(Invalid):
        await search_services(booking_pool, catalogues["erkelenz"], cursor=cursor)


@pytest.mark.parametrize("query", ["%", "_", "'", "\\", "\x00", "ä" * 100, "😀"])
async def test_no_query_breaks_it(booking_pool: Pool, catalogues: dict[str, Catalogue], query: str) -> None:
    await search_services(booking_pool, catalogues["erkelenz"], query=query)
    assert await search_everything(booking_pool, catalogues["erkelenz"], query) == []


async def test_offices_and_functions_are_found_beside_services(
    booking_pool: Pool, catalogues: dict[str, Catalogue]
) -> None:
    county = catalogues["kreis-heinsberg"]
    for query, kind, name in (
        ("Strassenverkehrsamt", "location", "Straßenverkehrsamt"),
        ("kreishaus", "location", "Kreishaus Heinsberg"),
        ("valkenburger str. 45", "location", "Kreishaus Heinsberg"),
        ("aufenthaltsrecht", "function", "Aufenthaltsrecht"),
        ("auslaenderamt", "location", "Ausländeramt"),
        ("jagdschein", "service", "Jagdschein"),
    ):
        found = await search_everything(booking_pool, county, query)
        assert (kind, name) in [(entry.kind, entry.name) for entry in found[:3]], (query, found[:3])
    functions = [one for one in await search_everything(booking_pool, county, "aufenthaltsrecht") if one.unit]
    assert [(one.unit, one.clerk) for one in functions] == [("Ausländeramt", None)], "once for all who have it"


async def test_clerks_are_found_by_name_only_where_names_are_published(
    booking_pool: Pool, catalogues: dict[str, Catalogue]
) -> None:
    county = catalogues["kreis-heinsberg"]
    assert [one for one in await search_everything(booking_pool, county, "Offermanns") if one.kind == "function"] == []
    await booking_pool.execute(
        "UPDATE tenant SET catalogue_version = catalogue_version + 1,"
        " profile = profile || '{\"publishes_clerk_names\": true}' WHERE slug = 'kreis-heinsberg'"
    )
    found = await search_everything(booking_pool, county, "Offermanns")
    assert (found[0].kind, found[0].unit, found[0].clerk) == ("function", "Ausländeramt", "Peter Offermanns")


async def test_a_new_catalogue_is_found_at_once_and_what_left_it_no_more(
    booking_pool: Pool, catalogues: dict[str, Catalogue], clock: SetClock
) -> None:
    await search_services(booking_pool, catalogues["erkelenz"], query="perso")
    files = demo_files()
    await configure(booking_pool, files._replace(services=files.services[1:]), clock)
    catalogue = await CatalogueCache(booking_pool, 0).get("erkelenz")
    pages = [search_services(booking_pool, catalogue, query="perso") for _ in range(4)]
    for page in await asyncio.gather(*pages):  # who comes second waits for whoever makes the entries anew
        assert files.services[0].name not in [service.name for service in page.services]
        assert page.services[0].name == files.services[1].name


async def test_a_search_reads_its_tenant_s_entries_alone(booking_database: Database, booking_pool: Pool) -> None:
    """However many there are: 200 tenants of 73 services, and the plan starts from the tenant's part of the key."""
    owner = await asyncpg.connect(booking_database.owner_url)
    try:
        await owner.execute(
            "INSERT INTO tenant (slug, profile) SELECT 'tenant-' || n, '{}' FROM generate_series(1, 200) n;"
            "INSERT INTO search_entry SELECT slug, 'service', gen_random_uuid(), 'Name', '', NULL, NULL, 'name',"
            " '{name}', 'name', '' FROM tenant, generate_series(1, 73); ANALYZE search_entry"
        )
    finally:
        await owner.close()
    async with booking_pool.acquire() as connection:
        explaining = Explaining(connection)
        await search_entries(explaining, ["tenant-7"], Query(words=("name", "nmae"), kinds=("service",)), 50)  # type: ignore[arg-type]
    plan = "\n".join(explaining.plan)
    assert "Index Cond: ((tenant = ANY ('{tenant-7}'::text[]))" in plan, plan
    assert "Seq Scan on search_entry" not in plan


class Explaining:
    """A connection that says how it would find the rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.plan: list[str] = []

    async def fetch(self, sql: str, *arguments: object) -> list[Any]:
        self.plan = [row[0] for row in await self._connection.fetch(f"EXPLAIN {sql}", *arguments)]
        return []

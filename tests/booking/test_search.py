"""Searching the demo's own catalogue, as people type."""

from pathlib import Path

import pytest
from tests.booking.conftest import SetClock

import demo
from booking.domain.catalogue import Catalogue
from booking.domain.errors import Invalid
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.configure import configure, read_files
from booking.usecases.search_services import search_services
from kit.sql import Pool

SEED = Path(demo.__file__).parent / "seed"
TENANTS = ("erkelenz", "kreis-heinsberg")


@pytest.fixture
async def catalogues(booking_pool: Pool, clock: SetClock) -> dict[str, Catalogue]:
    files = read_files(SEED / "tenants.toml", SEED / "services.csv", SEED / "offices.toml")
    few = [profile for profile in files.tenants if profile.slug in TENANTS]
    await configure(booking_pool, files._replace(tenants=few), clock)
    cache = CatalogueCache(booking_pool, 60)
    return {tenant: await cache.get(tenant) for tenant in TENANTS}


async def test_people_find_what_they_mean(booking_pool: Pool, catalogues: dict[str, Catalogue]) -> None:
    wanted = [
        ("erkelenz", "perso", "Personalausweis beantragen"),
        ("erkelenz", "Persso", "Personalausweis beantragen"),
        ("erkelenz", "ausweis", "Personalausweis beantragen"),
        ("erkelenz", "Ausweiß", "Personalausweis beantragen"),
        ("erkelenz", "Personalausweis beantragen", "Personalausweis beantragen (ab 24 Jahre)"),
        ("erkelenz", "neuer personalausweis", "Personalausweis beantragen"),
        ("erkelenz", "reisepas", "Reisepass"),
        ("erkelenz", "id card", "Personalausweis beantragen"),
        ("erkelenz", "heiraten", "Anmeldung Eheschließung"),
        ("erkelenz", "ummelden", "Wohnsitz anmelden"),
        ("erkelenz", "wonsitz anmelden", "Wohnsitz anmelden"),
        ("kreis-heinsberg", "auto anmelden", "Kfz-"),
        ("kreis-heinsberg", "führerschein umtauschen", "Führerschein-Pflichtumtausch"),
        ("kreis-heinsberg", "fuhrerschein", "Führerschein-Pflichtumtausch"),
        ("kreis-heinsberg", "fürerschein", "Führerschein-Pflichtumtausch"),
        ("kreis-heinsberg", "flurkarte", "Auszug Liegenschaftskarte"),
        ("kreis-heinsberg", "driving licence", "Führerschein-Pflichtumtausch"),
    ]
    missed = []
    for tenant, query, start in wanted:
        page = await search_services(booking_pool, catalogues[tenant], query=query)
        names = [service.name for service in page.services[:6]]
        if not any(name.startswith(start) for name in names):
            missed.append((query, names))
    assert missed == []


async def test_perso_comes_first(booking_pool: Pool, catalogues: dict[str, Catalogue]) -> None:
    page = await search_services(booking_pool, catalogues["erkelenz"], query="perso")
    assert page.services[0].name.startswith("Personalausweis beantragen")


async def test_nonsense_finds_nothing(booking_pool: Pool, catalogues: dict[str, Catalogue]) -> None:
    for query in ("qqqqqq", "xyzzy plugh"):
        assert (await search_services(booking_pool, catalogues["erkelenz"], query=query)).services == []


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

"""What a town does not do its county does, and the other way round: pages and search of the demo's own catalogue."""

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.pages.walk import Walker
from tests.booking.support.seed import seed_files

from booking.usecases.configure import configure
from kit.sql import Pool

Client = AsyncTestClient[Litestar]
TENANTS = ("kreis-heinsberg", "heinsberg", "wegberg")


@pytest.fixture
async def county(booking_pool: Pool, clock: SetClock) -> None:
    files = seed_files()
    other = msgspec.structs.replace(files.tenants[1], slug="anderswo", ars="055700004004")
    await configure(
        booking_pool,
        files._replace(tenants=[*(one for one in files.tenants if one.slug in TENANTS), other]),
        clock,
    )


async def search(client: Client, tenant: str, words: str) -> list[tuple[str, str]]:
    answer = await client.get(f"/v1/tenants/{tenant}/search", params={"q": words})
    assert answer.status_code == 200, answer.text
    return [(one["tenant"], one["name"]) for one in answer.json()["elsewhere"]]


@pytest.mark.usefixtures("county")
async def test_a_town_names_what_its_county_does(booking_client: Client) -> None:
    for words in ("Führerschein", "fürerschein", "Kfz", "Auto anmelden", "Nummernschild", "Lappen"):
        found = await search(booking_client, "heinsberg", words)
        assert found, words
        assert {tenant for tenant, _ in found} == {"kreis-heinsberg"}
        assert len(found) <= 3
    assert (await search(booking_client, "heinsberg", "Führerschein"))[0][1] == "Führerschein-Pflichtumtausch"


@pytest.mark.usefixtures("county")
async def test_the_county_names_the_towns_and_none_of_another_county(booking_client: Client) -> None:
    for words in ("Personalausweis", "perso", "persoanlausweis", "umgezogen", "heiraten"):
        found = await search(booking_client, "kreis-heinsberg", words)
        assert [tenant for tenant, _ in found] == ["heinsberg", "wegberg"], words


@pytest.mark.usefixtures("county")
async def test_nobody_is_sent_away_who_finds_it_here(booking_client: Client) -> None:
    for tenant, words in (
        ("heinsberg", "perso"),
        ("heinsberg", "Führungszeugnis"),
        ("kreis-heinsberg", "Führerschein"),
        ("kreis-heinsberg", "Auto"),
        ("heinsberg", "Sperrmüll"),
        ("heinsberg", "😀"),
        ("anderswo", "Führerschein"),
    ):
        assert await search(booking_client, tenant, words) == [], (tenant, words)


@pytest.mark.usefixtures("county")
async def test_a_town_s_page_leads_to_the_county_s_service(walker: Walker) -> None:
    page = await walker.open("/heinsberg/suche?q=Führerschein")
    assert "Führerschein: Das macht der Kreis Heinsberg" in page.text
    assert "nichts Passendes" not in page.text
    (link, *_) = [link for link in page.links() if "/kreis-heinsberg/leistungen/" in link]
    assert "Führerschein-Pflichtumtausch" in (await walker.open(link)).text
    english = await walker.open("/heinsberg/suche?q=driving+licence&lang=en")
    assert "driving licence: Kreis Heinsberg does this" in english.text
    assert "Replacement driving licence" in english.text


@pytest.mark.usefixtures("county")
async def test_the_county_s_page_lets_choose_among_its_towns(walker: Walker) -> None:
    page = await walker.open("/kreis-heinsberg/suche?q=Personalausweis")
    assert "Personalausweis: Das macht Ihre Stadt oder Gemeinde" in page.text
    (link,) = [link for link in page.links() if "/wegberg/suche" in link]
    assert "Personalausweis beantragen (ab 24 Jahre)" in (await walker.open(link)).text


@pytest.mark.usefixtures("county")
async def test_the_hint_s_example_is_found_where_it_is_given(walker: Walker) -> None:
    for tenant, language, example in (
        ("heinsberg", "de", "Personalausweis"),
        ("heinsberg", "en", "identity card"),
        ("kreis-heinsberg", "de", "Führerschein"),
        ("kreis-heinsberg", "en", "driving licence"),
    ):
        home = await walker.open(f"/{tenant}/?lang={language}")
        assert f": {example} " in home.text
        found = await walker.press("service-search", q=example)
        assert found.all("service-result"), example


@pytest.mark.usefixtures("county")
@pytest.mark.parametrize("words", ["😀", "';--", "???"])
async def test_signs_alone_find_nothing(walker: Walker, words: str) -> None:
    await walker.open("/heinsberg/")
    page = await walker.press("service-search", q=words)
    assert page.all("service-result") == []
    assert "Wir haben nichts Passendes gefunden" in page.text


@pytest.mark.usefixtures("county")
async def test_a_life_situation_begins_with_what_matters(booking_client: Client) -> None:
    answer = await booking_client.get("/v1/tenants/heinsberg/services", params={"life_situation": "Umzug"})
    names = [one["name"] for one in answer.json()["items"]]
    assert names[:3] == ["Wohnsitz anmelden", "Wohnsitz anmelden – Familie", "Wohnsitz abmelden"]
    assert names[-1] == "Auskunftssperre"

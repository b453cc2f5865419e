"""Several services, persons and channels for one visit: chosen before its time, by links and buttons alone."""

from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN
from tests.booking.pages.walk import Page, Walker
from tests.booking.support.county import NORTH, book_out, hall, open_second_hall

from booking.usecases.configure import configure
from kit.sql import Pool

PERSO, PASS, MARRIAGE = (str(sample.service_id(name)) for name in (sample.PERSO, sample.PASS, sample.MARRIAGE))


async def choose(walker: Walker, query: str = f"service={PERSO}") -> Page:
    await walker.open(f"{TOWN}/termin?{query}")
    return await walker.press("change-items")


def names(page: Page, testid: str) -> list[str]:
    return [element.attributes["aria-label"].partition(": ")[2] for element in page.all(testid)]


@pytest.fixture
async def with_documents(walker: Walker, booking_pool: Pool) -> None:
    await booking_pool.execute(
        "UPDATE service SET documents = '{Lichtbild, Alter Ausweis}' WHERE name = $1", sample.PERSO
    )
    await booking_pool.execute("UPDATE service SET documents = '{Lichtbild, Alter Pass}' WHERE name = $1", sample.PASS)
    await booking_pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")


@pytest.mark.usefixtures("with_documents")
async def test_two_services_for_three_people_are_booked_in_one_visit(walker: Walker, booking_pool: Pool) -> None:
    page = await choose(walker)
    assert names(page, "item-add") == [sample.PASS]
    page = await walker.press("item-add", **{f"quantity-{PERSO}": "2"})
    for words in (sample.PASS, "40 Minuten", "162,00 €"):
        assert words in page.text
    assert page.html.count("Lichtbild") == 1, "each document once"
    page = await walker.press("items-next", **{f"quantity-{PERSO}": "2"})
    assert page.path == f"{TOWN}/termin"
    assert f"{sample.PERSO}, 2 Personen" in page.text
    await walker.press("day", 1)
    assert sample.PASS in walker.page.text
    await walker.press("time")
    check = await walker.press("contact-submit", payment="counter")
    assert "162,00 €" in check.text
    assert check.html.count("Lichtbild") == 1
    assert (await walker.press("check-submit")).all("confirmation-number")
    visit = await booking_pool.fetchrow("SELECT ends_at - starts_at AS length, fee_cents FROM appointment")
    assert (visit["length"].total_seconds() / 60, visit["fee_cents"]) == (40, 2 * 4600 + 7000)


async def test_all_of_it_stands_in_the_address_and_no_button_loses_what_was_chosen(walker: Walker) -> None:
    await choose(walker, f"service={PERSO}&return_url=http://testserver.local/x")
    page = await walker.press("item-add", **{f"quantity-{PERSO}": "3"})
    assert parse_qs(urlsplit(page.url).query) == {
        "service": [PERSO],
        "quantity": ["3"],
        "more": [f"{PASS}:1"],
        "return_url": ["http://testserver.local/x"],
    }
    page = await walker.press("items-update", **{f"quantity-{PASS}": "2"})
    assert parse_qs(urlsplit(page.url).query)["more"] == [f"{PASS}:2"]
    page = await walker.press("item-remove", 0, **{f"quantity-{PASS}": "3"})
    assert parse_qs(urlsplit(page.url).query)["service"] == [PASS]
    assert parse_qs(urlsplit(page.url).query)["quantity"] == ["3"]
    assert not page.all("item-remove"), "something must be left"


async def test_adding_twice_is_once(walker: Walker) -> None:
    page = await choose(walker)
    await walker.press("item-add")
    walker.page = page
    page = await walker.press("item-add", more=f"{PASS}:1")
    assert page.html.count(f'name="quantity-{PASS}"') == 1


async def test_a_search_says_what_can_be_added_and_why_not(walker: Walker) -> None:
    await choose(walker)
    page = await walker.press("items-search", q="reisepass", **{f"quantity-{PERSO}": "2"})
    assert names(page, "item-add")[0] == sample.PASS
    assert f"quantity={2}" in page.url
    page = await walker.press("items-search", q="Eheschließung")
    assert f"„{sample.MARRIAGE}“ macht eine andere Stelle als „{sample.PERSO}“" in page.text
    page = await walker.press("items-search", q="Flurkarte")
    assert f"„{sample.MAP}“ erledigen Sie online" in page.text
    page = await walker.press("items-search", q="Perso")
    assert f"„{sample.PERSO}“ haben Sie schon gewählt" in page.text
    page = await walker.press("items-search", q="xyzxyz")
    assert "nichts Passendes gefunden" in page.text


async def test_an_address_that_cannot_be_one_visit_leads_back_to_the_choice(walker: Walker) -> None:
    page = await walker.open(f"{TOWN}/termin?service={PERSO}&more={MARRIAGE}:1")
    assert page.path == f"{TOWN}/termin/anliegen"
    assert page.all("obstacle")
    assert "macht eine andere Stelle" in page.text
    assert not page.all("item-add")
    page = await walker.press("item-remove", 1)
    assert not page.all("obstacle")
    assert (await walker.press("items-next")).all("day")


async def test_nonsense_in_the_address_is_refused(walker: Walker) -> None:
    for query, status in (
        ("service=nothing", 404),
        (f"service={PERSO}&dazu=nothing", 404),
        (f"service={PERSO}&more=x:1", 404),
        (f"service={PERSO}&quantity-{PERSO}=many&zeigen=ja", 400),
        (f"service={PERSO}&return_url=https://evil.example/", 400),
    ):
        assert (await walker.open(f"{TOWN}/termin/anliegen?{query}")).status == status, query
    assert (await walker.open(f"{TOWN}/termin/anliegen?service={PERSO}&ohne={PASS}")).status == 200
    assert (await walker.open(f"{TOWN}/termin/anliegen?service={PERSO}&q=%00")).status == 200


async def test_what_the_staff_alone_book_is_not_offered(walker: Walker, booking_pool: Pool) -> None:
    await booking_pool.execute("UPDATE service SET audience = 'internal' WHERE name = $1", sample.PASS)
    await booking_pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    page = await choose(walker)
    assert page.all("item-add") == []
    assert "lässt sich in diesem Termin nichts weiter verbinden" in page.text
    assert sample.PASS not in (await walker.press("items-search", q="reisepass")).text


async def test_a_visit_by_phone_needs_a_number_and_says_who_calls(
    walker: Walker, booking_pool: Pool, clock: SetClock
) -> None:
    files = sample.files()
    rows = [
        msgspec.structs.replace(row, channels=("on_site", "phone", "video")) if row.name == sample.MARRIAGE else row
        for row in files.services
    ]
    (profile,) = files.tenants
    profile = msgspec.structs.replace(profile, video_url_template="https://video.example/{room}")
    await configure(booking_pool, files._replace(services=rows, tenants=[profile]), clock)
    page = await walker.open(f"{TOWN}/leistungen/{MARRIAGE}")
    assert "Wie möchten Sie mit uns sprechen?" in page.text
    page = await walker.press("book", channel="phone")
    assert "Am Telefon" in page.text
    await walker.press("day", 1)
    await walker.press("time")
    page = await walker.press("contact-submit")
    assert (page.status, "unter der wir Sie anrufen" in page.text) == (400, True)
    page = await walker.press("contact-submit", phone="02452 130")
    assert "Wir rufen Sie an unter 02452 130" in page.text
    assert "Markt 1" not in page.text, "nobody needs to go there"
    page = await walker.press("check-submit")
    assert page.all("confirmation-number")
    assert await booking_pool.fetchval("SELECT channel FROM appointment") == "phone"


async def test_each_place_shows_its_earliest_time_and_can_be_chosen(
    walker: Walker, booking_pool: Pool, clock: SetClock
) -> None:
    await open_second_hall(booking_pool, clock, sample.PERSO)
    await book_out(booking_pool, hall(), "2026-11-25")
    page = await walker.open(f"{TOWN}/termin?service={PERSO}")
    assert len(page.all("place")) == 2
    assert page.text.index("frühestens Mo., 23.11.2026, 10:00 Uhr") < page.text.index("frühestens Do., 26.11.2026")
    page = await walker.press("place", 1)
    assert "Rathaus (gewählt)" in page.text
    assert "Donnerstag, 26. November 2026" in page.text
    assert "Dienstag, 24. November 2026" not in page.text
    await walker.press("place-any")
    await walker.press("place", 0)
    assert f"{NORTH} (gewählt)" in walker.page.text
    assert not (await walker.open(f"{TOWN}/termin?service={PASS}")).all("place"), "there is one place only"

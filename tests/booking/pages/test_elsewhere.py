"""The same service in the other towns of the county, with a clear word that those are other offices."""

import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN
from tests.booking.pages.walk import Walker
from tests.booking.support.county import FAR, NEIGHBOUR, book_out, hall, keep_internal, with_towns

from booking.usecases.configure import configure
from kit.sql import Pool


@pytest.fixture
async def county(walker: Walker, booking_pool: Pool, clock: SetClock) -> None:
    await configure(booking_pool, with_towns(**{NEIGHBOUR: "053700000001", FAR: "059990000000"}), clock)


@pytest.mark.usefixtures("county")
async def test_another_town_is_sooner_and_its_own_page_books_it(walker: Walker, booking_pool: Pool) -> None:
    await book_out(booking_pool, hall(), "2026-12-01")
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}&quantity=2")
    page = await walker.press("anywhere")
    assert page.path == f"{TOWN}/termin/ueberall"
    for words in (
        f"{sample.PERSO}, 2 Personen",
        "Bei uns: Rathaus, frühestens Mi., 02.12.2026, 08:00 Uhr",
        "Das sind andere Behörden",
        "Stadt Nachbarstadt",
        "Mo., 23.11.2026, 10:00 Uhr",
    ):
        assert words in page.text
    assert "Fernstadt" not in page.text, "it lies in another county"
    (link,) = page.all("elsewhere")
    page = await walker.open(link.attributes["href"])
    assert page.path == f"/{NEIGHBOUR}/termin"
    assert f"{sample.PERSO}, 2 Personen" in page.text
    assert page.all("day")


@pytest.mark.usefixtures("county")
async def test_several_services_are_looked_for_together(walker: Walker, booking_pool: Pool) -> None:
    perso, passport = sample.service_id(sample.PERSO), sample.service_id(sample.PASS)
    path = f"{TOWN}/termin/ueberall?service={perso}&quantity=2&more={passport}:1"
    (link,) = (await walker.open(path)).all("elsewhere")
    page = await walker.open(link.attributes["href"])
    for words in (f"{sample.PERSO}, 2 Personen", sample.PASS, "40 Minuten"):
        assert words in page.text
    await keep_internal(booking_pool, "service", sample.PASS, NEIGHBOUR)
    page = await walker.open(path)
    assert (page.all("elsewhere"), "Bei uns: Rathaus" in page.text) == ([], True)


async def test_nobody_else_offers_it(walker: Walker) -> None:
    path = f"{TOWN}/termin/ueberall?service={sample.service_id(sample.MARRIAGE)}"
    page = await walker.open(path)
    assert "Anderswo im Kreis ist nichts frei" in page.text
    assert "Nothing is free elsewhere in the county" in (await walker.open(f"{path}&lang=en")).text
    assert (await walker.open(f"{TOWN}/termin/ueberall?service=nothing")).status == 404

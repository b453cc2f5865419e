"""Coming earlier, on the pages: wishes, the offer behind the mail's link, and one confirmed click."""

import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import book
from tests.booking.pages.walk import Walker

from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.offer_freed_slots import offer_freed_slots
from kit.sql import Pool


@pytest.fixture
async def path(walker: Walker, booking_pool: Pool, clock: SetClock) -> str:
    """A visit at half past eight that waits; the one before it, at eight, was cancelled."""
    first = await book(walker)
    path = await book(walker)
    await walker.press("manage-earlier")
    await walker.press("earlier-join")
    await walker.open(first)
    await walker.press("manage-cancel")
    await walker.press("manage-cancel")
    await offer_freed_slots(booking_pool, CatalogueCache(booking_pool, 0), clock)
    return path


async def test_wishes_are_kept_and_given_up(walker: Walker) -> None:
    path = await book(walker)
    page = await walker.press("manage-earlier")
    assert "Ihr Termin bleibt Ihnen" in page.text
    page = await walker.press("earlier-join", day1="ja", from_time="08:00", to_time="11:30", not_before="2026-11-23")
    assert "Sie stehen auf der Warteliste" in page.text
    assert [box.attributes["name"] for box in page.elements if "checked" in box.attributes] == ["day1"]
    assert page.html.count('value="11:30"') == 1
    assert "Sie warten auf einen früheren Termin" in (await walker.open(path)).text
    await walker.press("manage-earlier")
    assert "Früher kommen?" in (await walker.press("earlier-leave")).text


async def test_wrong_wishes_are_named(walker: Walker) -> None:
    await book(walker)
    await walker.press("manage-earlier")
    page = await walker.press("earlier-join", from_time="acht", not_before="morgen")
    assert page.status == 400
    assert page.html.count('class="kern-error"') == 2
    page = await walker.press("earlier-join", from_time="10:00", to_time="09:00", not_before="")
    assert (page.status, page.html.count('class="kern-error"')) == (400, 1)


async def test_looking_takes_nothing_and_a_click_takes_it(walker: Walker, path: str) -> None:
    page = await walker.open(path)
    assert page.all("earlier-offer")
    page = await walker.press("earlier-show")
    assert "Dienstag, 24. November 2026, 08:00 Uhr" in page.text
    assert "08:30 Uhr" in (await walker.open(path)).text
    offer = await walker.press("earlier-show")
    page = await walker.press("earlier-accept")
    assert "Ihr Termin wurde verschoben" in page.text
    assert "24. November 2026, 08:00 Uhr" in page.text
    walker.page = offer
    assert "24. November 2026, 08:00 Uhr" in (await walker.press("earlier-accept")).text


async def test_who_stays_keeps_the_place_in_the_line(walker: Walker, path: str) -> None:
    await walker.open(path)
    offer = await walker.press("earlier-show")
    for _ in range(2):  # pressed twice, it says the same
        walker.page = offer
        page = await walker.press("earlier-decline")
        assert (page.status, "08:30 Uhr" in page.text) == (200, True)
        assert "Sie warten auf einen früheren Termin" in page.text
    walker.page = offer
    assert (await walker.press("earlier-accept")).status == 410


async def test_an_offer_that_is_over_says_so_in_both_languages(walker: Walker, path: str, clock: SetClock) -> None:
    await walker.open(path)
    offer = await walker.press("earlier-show")
    clock.advance(minutes=60)
    page = await walker.press("earlier-accept")
    assert page.status == 410
    assert "Diese Zeit ist nicht mehr frei" in page.text
    assert not (await walker.open(f"{path}?lang=en")).all("earlier-offer")
    walker.page = offer
    assert "Your appointment stays as it is" in (await walker.press("earlier-accept")).text


async def test_who_has_no_mail_address_is_not_asked(walker: Walker) -> None:
    await walker.open(f"/{sample.TENANT}/termin?service={sample.service_id(sample.MARRIAGE)}")
    await walker.press("day", 1)
    await walker.press("time")
    await walker.press("contact-submit", email="", phone="02452 130")
    page = await walker.press("check-submit")
    assert page.all("confirmation-number")
    assert not page.all("manage-earlier")
    assert (await walker.open(f"{page.path}/frueher")).path == page.path

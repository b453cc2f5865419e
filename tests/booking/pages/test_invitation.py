"""An invitation's link: the token leaves the address, a time is chosen, and the booking goes on as every other."""

from urllib.parse import urlsplit

import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN
from tests.booking.pages.walk import Walker

from booking.domain.appointment import By
from booking.domain.visit_plan import RequestedItem
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.follow_invitation import sign_invitation
from booking.usecases.invite import InvitationWish, invite
from booking.usecases.once import Once
from kit.sql import Pool


@pytest.fixture
async def link(walker: Walker, booking_pool: Pool, clock: SetClock) -> str:
    await booking_pool.execute("UPDATE service SET audience = 'internal' WHERE name = $1", sample.MARRIAGE)
    await booking_pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    catalogue = await CatalogueCache(booking_pool, 0).get(sample.TENANT)
    wish = InvitationWish(items=(RequestedItem(sample.service_id(sample.MARRIAGE)),), note="Ihre Papiere sind da.")
    once = Once("invitation", "k", b"")
    invitation = await invite(booking_pool, catalogue, clock, wish, By("staff", "lea"), once)
    return f"{TOWN}/einladung/{sign_invitation('link-key-of-the-tests', invitation.id)}"


async def test_the_link_leads_to_a_booking_once(walker: Walker, link: str) -> None:
    page = await walker.open(link)
    assert page.path == f"{TOWN}/einladung"
    assert "Ihre Papiere sind da." in page.text
    for words in (sample.MARRIAGE, "30 Minuten", "Gebühr auf Anfrage", "Rathaus, Markt 1, 52499 Muster"):
        assert words in page.text
    await walker.press("day", 1)
    page = await walker.press("time")
    assert page.path.endswith("/kontakt")
    again = await walker.open(link)
    assert again.path == page.path, "who comes back by the link goes on"
    await walker.press("contact-submit")
    page = await walker.press("check-submit")
    assert page.all("confirmation-number")
    walker.client.cookies.clear()
    page = await walker.open(link)
    assert page.status == 410
    assert "Diese Einladung gilt nicht mehr" in page.text


async def test_without_it_the_service_is_not_there(walker: Walker, link: str) -> None:
    id_ = sample.service_id(sample.MARRIAGE)
    assert (await walker.open(f"{TOWN}/leistungen/{id_}")).status == 404
    assert (await walker.open(f"{TOWN}/termin?service={id_}")).status == 404
    assert sample.MARRIAGE not in (await walker.open(f"{TOWN}/suche")).text
    assert (await walker.open(f"{TOWN}/einladung")).status == 401


async def test_a_wrong_link_says_so_and_a_late_one_too(walker: Walker, link: str, clock: SetClock) -> None:
    assert (await walker.open(f"{TOWN}/einladung/{'a' * 60}")).status == 401
    times = await walker.open(link)
    await walker.press("day", 1)
    times = walker.page
    clock.advance(days=31)
    walker.page = times
    page = await walker.press("time")
    assert page.status == 410
    assert "This invitation is no longer valid" in (await walker.open(f"{urlsplit(link).path}?lang=en")).text


async def test_a_time_that_is_gone_offers_the_others(walker: Walker, link: str, booking_pool: Pool) -> None:
    await walker.open(link)
    await walker.press("day", 1)
    await booking_pool.execute("UPDATE day_mask SET free = free & ~(open << 1)")
    page = await walker.press("time")
    assert page.status in (400, 409)
    assert page.all("time-fault")

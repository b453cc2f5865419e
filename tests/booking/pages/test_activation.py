"""The mail address is proved by pages alone: the waiting page, the mail's link, and what goes wrong."""

import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN, reserve, state_of
from tests.booking.pages.walk import Walker
from tests.booking.support.payment_stand_in import PaymentStandIn

from kit.sql import Pool
from kit.tokens import sign_id


@pytest.fixture(autouse=True)
async def wanted(booking_pool: Pool, walker: Walker) -> None:
    await booking_pool.execute("UPDATE tenant SET profile = profile || '{\"mail_activation\": true}'")


async def wait_for_mail(walker: Walker, name: str = sample.MARRIAGE, **contact: str) -> None:
    await reserve(walker, name)
    await walker.press("contact-submit", **contact)
    await walker.press("check-submit")


async def link(pool: Pool) -> str:
    grant_id = await pool.fetchval("SELECT id FROM access_grant WHERE scope = 'activate' AND revoked_at IS NULL")
    return f"{TOWN}/aktivierung/{sign_id('link-key-of-the-tests', 'access', grant_id)}"


async def test_the_binding_step_says_look_into_your_mailbox(walker: Walker, booking_pool: Pool) -> None:
    await wait_for_mail(walker)
    assert walker.page.all("activation-asked")
    for words in ("erika.mustermann@example.org", "Noch 30 Minuten.", "Erst damit ist Ihr Termin gebucht"):
        assert words in walker.page.text
    page = await walker.press("hold-extend")
    assert "Noch 35 Minuten." in page.text
    assert page.all("activation-asked")
    assert await state_of(booking_pool) == "awaiting_email"


async def test_looking_confirms_nothing_pressing_does(walker: Walker, booking_pool: Pool) -> None:
    await wait_for_mail(walker)
    page = await walker.open(await link(booking_pool))
    assert "Termin jetzt bestätigen" in page.text
    assert "/aktivierung/" not in page.url
    assert await state_of(booking_pool) == "awaiting_email"
    booked = await walker.press("activate")
    assert booked.all("confirmation-number")
    assert await state_of(booking_pool) == "confirmed"


async def test_the_link_works_on_another_device(walker: Walker, booking_pool: Pool) -> None:
    await wait_for_mail(walker)
    walker.client.cookies.clear()
    await walker.open(await link(booking_pool))
    assert (await walker.press("activate")).all("confirmation-number")


async def test_the_link_again_leads_to_the_appointment(walker: Walker, booking_pool: Pool) -> None:
    await wait_for_mail(walker)
    address = await link(booking_pool)
    await walker.open(address)
    await walker.press("activate")
    walker.client.cookies.clear()
    assert "Ihre E-Mail-Adresse ist bestätigt" in (await walker.open(address)).text
    assert (await walker.press("activate")).all("confirmation-number")


async def test_a_fee_leads_on_to_the_checkout(
    walker: Walker, booking_pool: Pool, payment_stand_in: PaymentStandIn
) -> None:
    await wait_for_mail(walker, sample.PERSO)
    assert payment_stand_in.created == []
    page = await walker.open(await link(booking_pool))
    assert "Bestätigen und 46,00 € bezahlen" in page.text
    await walker.press("activate")
    assert walker.location == next(iter(payment_stand_in.payments.values())).next_url + "?lang=de"


async def test_payment_away_is_tried_again(
    walker: Walker, booking_pool: Pool, payment_stand_in: PaymentStandIn
) -> None:
    await wait_for_mail(walker, sample.PERSO)
    await walker.open(await link(booking_pool))
    payment_stand_in.mode = "down"
    page = await walker.press("activate")
    assert (page.status, "Die Kasse ist gerade nicht erreichbar" in page.text) == (503, True)
    payment_stand_in.mode = "up"
    await walker.press("activate")
    assert walker.location == next(iter(payment_stand_in.payments.values())).next_url + "?lang=de"


async def test_the_mail_again_and_to_a_corrected_address(walker: Walker, booking_pool: Pool, clock: SetClock) -> None:
    await wait_for_mail(walker)
    waiting = walker.page
    page = await walker.press("activation-again")
    assert (page.status, "In einer Minute" in page.text) == (429, True)
    clock.advance(minutes=2)
    page = await walker.press("activation-again", email="erika@")
    assert (page.status, "Bitte prüfen Sie die Schreibweise" in page.text) == (400, True)
    assert page.html.count("autofocus") == 1
    page = await walker.press("activation-again", email="e.m@example.org")
    assert page.all("activation-sent")
    assert "e.m@example.org" in page.text
    for _ in range(3):
        clock.advance(minutes=2)
        walker.page = waiting
        await walker.press("activation-again", email="e.m@example.org")
    clock.advance(minutes=2)
    walker.page = waiting
    assert "keine weitere E-Mail" in (await walker.press("activation-again", email="e.m@example.org")).text


async def test_who_is_late_is_told_and_who_is_slower_too(walker: Walker, booking_pool: Pool, clock: SetClock) -> None:
    await wait_for_mail(walker)
    own = walker.page.path
    clock.advance(minutes=31)
    assert (await walker.open(own)).all("expired")
    address = await link(booking_pool)
    cookies = dict(walker.client.cookies)
    walker.client.cookies.clear()
    await wait_for_mail(walker)  # somebody else takes the same time of the one registrar
    walker.client.cookies.clear()
    walker.client.cookies.update(cookies)
    page = await walker.open(address)
    assert "Ist die Zeit noch frei" in page.text
    page = await walker.press("activate")
    assert (page.status, "jemand anderes hat diese Zeit gebucht" in page.text) == (409, True)
    assert (await walker.open(own)).all("expired")


async def test_who_waits_may_call_it_off(walker: Walker, booking_pool: Pool) -> None:
    await wait_for_mail(walker)
    await walker.press("manage-cancel")
    assert (await walker.press("manage-cancel")).all("cancelled")
    assert await state_of(booking_pool) == "cancelled_by_citizen"


async def test_a_wrong_link_is_told_in_words(walker: Walker) -> None:
    await wait_for_mail(walker)
    cookie = walker.client.cookies["schalter_booking"]
    for token in ("x", cookie.split("~")[0]):
        assert (await walker.open(f"{TOWN}/aktivierung/{token}")).status == 401

"""Back from the checkout: in the browser that booked, in one that has the mail's link, and in any other."""

from uuid import uuid4

from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN, go_to_checkout
from tests.booking.pages.walk import Walker
from tests.booking.support.payment_stand_in import PaymentStandIn

from kit.sql import Pool
from kit.tokens import sign_id


async def link_to_pay(pool: Pool) -> str:
    grant_id = await pool.fetchval("SELECT id FROM access_grant")
    return f"{TOWN}/zugang/{sign_id('link-key-of-the-tests', 'access', grant_id)}/zahlung"


async def test_the_mails_link_leads_to_the_checkout_and_back_to_the_appointment(
    walker: Walker, payment_stand_in: PaymentStandIn, booking_pool: Pool
) -> None:
    path, payment_id = await go_to_checkout(walker, payment_stand_in)
    walker.client.cookies.clear()  # another browser
    link = await link_to_pay(booking_pool)
    answer = await walker.client.get(link)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(payment_stand_in.payments[payment_id].next_url)
    payment_stand_in.change(payment_id, state="authorised")
    assert (await walker.open(path)).all("confirmation-number")
    assert (await walker.open(link)).all("confirmation-number")  # paid: nothing to go on with


async def test_another_browser_is_told_the_outcome_and_nothing_about_the_person(
    walker: Walker, payment_stand_in: PaymentStandIn, clock: SetClock
) -> None:
    path, payment_id = await go_to_checkout(walker, payment_stand_in)
    walker.client.cookies.clear()
    assert (await walker.open(path)).all("outcome-open")
    payment_stand_in.change(payment_id, state="review")
    assert (await walker.open(path)).all("outcome-checking")
    payment_stand_in.change(payment_id, state="authorised")
    page = await walker.open(path)
    assert (page.status, len(page.all("outcome-paid"))) == (200, 1)
    assert "Mustermann" not in page.html
    assert "Personalausweis" not in page.html
    assert f"{TOWN}/termin-finden" in list(page.links())


async def test_another_browser_hears_that_a_lapsed_payment_is_over(
    walker: Walker, payment_stand_in: PaymentStandIn, clock: SetClock
) -> None:
    path, _ = await go_to_checkout(walker, payment_stand_in)
    walker.client.cookies.clear()
    clock.advance(hours=2)
    assert (await walker.open(path)).all("outcome-over")


async def test_where_no_payment_was_begun_nothing_is_told(walker: Walker, payment_stand_in: PaymentStandIn) -> None:
    path, _ = await go_to_checkout(walker, payment_stand_in)
    walker.client.cookies.clear()
    for unknown in (f"{TOWN}/termin/{uuid4()}/zahlung", path.removesuffix("/zahlung")):
        assert (await walker.open(unknown)).status == 401


async def test_the_language_goes_along_to_the_checkout_and_into_the_mails(
    walker: Walker, payment_stand_in: PaymentStandIn, booking_pool: Pool
) -> None:
    path, payment_id = await go_to_checkout(walker, payment_stand_in)
    page = await walker.open(f"{path}?lang=en")
    assert page.all("payment-open")
    await walker.press("payment-continue")
    assert walker.location == f"{payment_stand_in.payments[payment_id].next_url}?lang=en"
    assert await booking_pool.fetchval("SELECT language FROM contact") == "en"
    walker.client.cookies.clear()
    answer = await walker.client.get(await link_to_pay(booking_pool), headers={"Accept-Language": "de"})
    assert answer.headers["location"].endswith("?lang=en")  # as the mail was

"""The appointment's own page: by its link, after the checkout, when it ends."""

from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN, book, go_to_checkout, state_of
from tests.booking.pages.walk import Walker
from tests.booking.support.payment_stand_in import PaymentStandIn

from kit.sql import Pool
from kit.tokens import sign_id


async def test_the_link_from_a_mail_leaves_the_address_at_once(walker: Walker, booking_pool: Pool) -> None:
    path = await book(walker)
    walker.client.cookies.clear()
    grant_id = await booking_pool.fetchval("SELECT id FROM access_grant")
    token = sign_id("link-key-of-the-tests", "access", grant_id)
    page = await walker.open(f"{TOWN}/zugang/{token}")
    assert (page.path, page.status) == (path, 200)
    assert page.all("confirmation-number")


async def test_a_wrong_link_offers_a_new_one(walker: Walker) -> None:
    for token in ("x", "AAAA.BBBB", "a" * 500):
        page = await walker.open(f"{TOWN}/zugang/{token}")
        assert page.status == 401
        assert f"{TOWN}/termin-finden" in list(page.links())


async def test_looking_at_the_cancellation_changes_nothing(walker: Walker, booking_pool: Pool) -> None:
    await book(walker)
    asked = await walker.press("manage-cancel")
    assert "wirklich absagen" in asked.text
    assert await state_of(booking_pool) == "confirmed"
    page = await walker.press("manage-cancel")
    assert "Ihr Termin ist abgesagt" in page.text
    assert await state_of(booking_pool) == "cancelled_by_citizen"


async def test_cancelling_twice_is_one(walker: Walker) -> None:
    await book(walker)
    asked = await walker.press("manage-cancel")
    await walker.press("manage-cancel")
    walker.page = asked
    assert "Ihr Termin ist abgesagt" in (await walker.press("manage-cancel")).text


async def test_a_visit_that_has_begun_stays_as_it_is(walker: Walker, clock: SetClock) -> None:
    path = await book(walker)
    await walker.press("manage-cancel")
    clock.advance(days=2)
    page = await walker.press("manage-cancel")
    assert page.status == 409
    assert "hat schon begonnen" in page.text
    assert "Dieser Termin ist vorbei" in (await walker.open(path)).text


async def test_the_return_proves_nothing_until_payment_says_so(
    walker: Walker, payment_stand_in: PaymentStandIn, booking_pool: Pool
) -> None:
    path, payment_id = await go_to_checkout(walker, payment_stand_in)
    payment_stand_in.mode = "down"
    page = await walker.open(path)
    assert "Ihre Zahlung wird geprüft" in page.text
    assert '<meta http-equiv="refresh"' in page.html
    payment_stand_in.mode = "up"
    payment_stand_in.change(payment_id, state="authorised")
    page = await walker.open(path)
    assert page.all("confirmation-number")
    assert "refresh" not in page.html


async def test_who_went_back_may_pay_again_or_at_the_counter(
    walker: Walker, payment_stand_in: PaymentStandIn, booking_pool: Pool
) -> None:
    path, _ = await go_to_checkout(walker, payment_stand_in)
    page = await walker.open(path)
    assert page.all("payment-open")
    await walker.press("payment-continue")
    assert walker.location == next(iter(payment_stand_in.payments.values())).next_url + "?lang=de"
    walker.page = page
    booked = await walker.press("payment-counter")
    assert booked.all("confirmation-number")
    assert await state_of(booking_pool) == "confirmed"


async def test_waiting_has_an_end(walker: Walker, payment_stand_in: PaymentStandIn) -> None:
    path, _ = await go_to_checkout(walker, payment_stand_in)
    payment_stand_in.mode = "down"
    assert (await walker.open(f"{path}?n=39")).all("payment-checking")
    assert (await walker.open(f"{path}?n=40")).all("payment-open")
    assert (await walker.open(f"{path}?n=²")).all("payment-checking")


async def test_who_gave_up_is_told_so_at_once(walker: Walker, payment_stand_in: PaymentStandIn) -> None:
    path, payment_id = await go_to_checkout(walker, payment_stand_in)
    for state in ("created", "pending"):
        payment_stand_in.change(payment_id, state=state)
        page = await walker.open(path)
        assert page.all("payment-open")
        assert "Bezahlen können Sie bis 08:30 Uhr" in page.text  # five minutes before the reservation ends
        assert "refresh" not in page.html


async def test_a_payment_that_ended_says_that_nothing_was_charged(
    walker: Walker, payment_stand_in: PaymentStandIn
) -> None:
    path, payment_id = await go_to_checkout(walker, payment_stand_in)
    payment_stand_in.change(payment_id, state="expired")
    page = await walker.open(path)
    assert "Es wurde nichts abgebucht" in page.text


async def test_a_payment_under_review_asks_for_patience(walker: Walker, payment_stand_in: PaymentStandIn) -> None:
    path, payment_id = await go_to_checkout(walker, payment_stand_in)
    payment_stand_in.change(payment_id, state="review")
    page = await walker.open(path)
    assert "Bitte bezahlen Sie nicht noch einmal" in page.text
    assert page.all("payment-continue") == []


async def test_payment_away_on_the_return_page_waits(walker: Walker, payment_stand_in: PaymentStandIn) -> None:
    path, _ = await go_to_checkout(walker, payment_stand_in)
    payment_stand_in.mode = "down"
    assert (await walker.open(path)).all("payment-checking")


async def test_a_lost_link_is_asked_for_and_nothing_is_told(walker: Walker) -> None:
    await walker.open(f"{TOWN}/termin-finden")
    page = await walker.press("find-submit", number="", email="nobody")
    assert page.status == 400
    assert page.html.count('class="kern-error"') == 2
    page = await walker.press("find-submit", number="AAAA-BBBB", email="nobody@example.org")
    assert page.all("find-done")


async def test_moving_keeps_the_number(walker: Walker) -> None:
    await book(walker)
    number = walker.page.html.split('data-testid="confirmation-number">')[1].split("<")[0]
    days = await walker.press("manage-reschedule")
    assert "Neuen Tag wählen" in days.text
    await walker.press("day", 3)
    page = await walker.press("time", -1)
    assert "Ihr Termin wurde verschoben" in page.text
    assert number in page.text
    assert "Donnerstag, 26. November 2026, 11:30 Uhr" in page.text


async def test_moving_to_a_time_of_no_list_says_so(walker: Walker) -> None:
    await book(walker)
    await walker.press("manage-reschedule")
    times = await walker.press("day", 3)
    times.all("time")[0].attributes["value"] = "03:00"
    page = await walker.press("time")
    assert page.status == 400
    assert "kann nicht gebucht werden" in page.text


async def test_the_calendar_file_is_for_its_owner(walker: Walker) -> None:
    path = await book(walker)
    answer = await walker.client.get(f"{path}/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in answer.content
    walker.client.cookies.clear()
    assert (await walker.client.get(f"{path}/calendar.ics")).status_code == 401


async def test_after_a_services_deadline_the_page_says_call_us(
    walker: Walker, booking_pool: Pool, clock: SetClock
) -> None:
    await booking_pool.execute("UPDATE offering SET cancel_until_h = 12, reschedule_until_h = 20")
    path = await book(walker)  # on Tuesday at 8:00; it is Monday, 8:00
    assert "Online können Sie bis Mo., 23.11.2026, 12:00 Uhr verschieben" in walker.page.text
    booked = walker.page
    clock.advance(hours=5)
    page = await walker.open(path)
    assert (page.all("manage-reschedule"), len(page.all("manage-cancel"))) == ([], 1)
    assert "Verschieben können Sie jetzt nur noch telefonisch: +49 221 4710 100" in page.text
    walker.page = booked
    page = await walker.press("manage-reschedule")
    assert (page.status, "+49 221 4710 100" in page.text) == (409, True)
    walker.page = booked
    asked = await walker.press("manage-cancel")
    clock.advance(hours=8)
    walker.page = asked
    page = await walker.press("manage-cancel")
    assert (page.status, "die Frist ist vorbei" in page.text, "+49 221 4710 100" in page.text) == (409, True, True)
    walker.page = booked
    assert (await walker.press("manage-cancel")).status == 409
    page = await walker.open(path)
    assert page.all("deadline")
    assert page.all("manage-cancel") == []

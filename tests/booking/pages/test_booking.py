"""From a chosen time to the confirmation, and what comes in between."""

import asyncio

from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN, reserve, state_of
from tests.booking.pages.walk import Walker
from tests.booking.support.payment_stand_in import PaymentStandIn

from kit.sql import Pool


async def test_a_free_visit_is_booked_by_pressing_alone(walker: Walker, booking_pool: Pool) -> None:
    await reserve(walker, sample.MARRIAGE)
    assert "Noch 15 Minuten." in walker.page.text
    check = await walker.press("contact-submit")
    for words in ("Erika Mustermann", "erika.mustermann@example.org", "Dienstag, 24. November 2026, 08:00 Uhr"):
        assert words in check.text
    booked = await walker.press("check-submit")
    assert booked.all("confirmation-number")
    assert "Ihr Termin ist gebucht" in booked.text
    assert "vor Ort beim Termin" in booked.text
    assert await state_of(booking_pool) == "confirmed"


async def test_a_fee_leads_to_the_checkout(
    walker: Walker, payment_stand_in: PaymentStandIn, booking_pool: Pool
) -> None:
    await reserve(walker)
    check = await walker.press("contact-submit")
    assert "Verbindlich buchen und 46,00 € bezahlen" in check.text
    await walker.press("check-submit")
    assert walker.page.status == 303
    assert walker.location == next(iter(payment_stand_in.payments.values())).next_url + "?lang=de"
    assert await state_of(booking_pool) == "awaiting_payment"


async def test_at_the_counter_no_checkout_is_needed(walker: Walker, payment_stand_in: PaymentStandIn) -> None:
    await reserve(walker)
    check = await walker.press("contact-submit", payment="counter")
    assert "vor Ort" in check.text
    booked = await walker.press("check-submit")
    assert booked.all("confirmation-number")
    assert payment_stand_in.created == []


async def test_without_mail_the_confirmation_is_for_printing(walker: Walker) -> None:
    await reserve(walker)
    await walker.press("contact-submit", email="", phone="02452 123456", payment="counter")
    booked = await walker.press("check-submit")
    assert "Bitte drucken Sie diese Seite aus" in booked.text
    assert booked.text.count("Zum Drucken nutzen Sie") == 1
    assert "+49 221 4710 100" in booked.text


async def test_a_domain_with_umlauts_reads_as_it_was_typed(walker: Walker) -> None:
    await reserve(walker)
    check = await walker.press("contact-submit", email="erika@xn--bach-palenberg-fsb.example", payment="counter")
    booked = await walker.press("check-submit")
    for page in (check, booked):
        assert "erika@übach-palenberg.example" in page.text


WRONG = [
    ("given_name", "", "Bitte geben Sie Ihren Vornamen an"),
    ("family_name", " ", "Bitte geben Sie Ihren Nachnamen an"),
    ("email", "erika@", "Bitte prüfen Sie die Schreibweise"),
    ("email", "", "E-Mail-Adresse oder eine Telefonnummer"),
    ("phone", "abc", "mindestens 6 Ziffern"),
    ("organisation", "x" * 500, "120 Zeichen"),
]
RIGHT = {"given_name": "A", "family_name": "B", "email": "a@example.org", "phone": "", "organisation": ""}


async def test_a_wrong_field_is_told_above_and_at_the_field(walker: Walker) -> None:
    await reserve(walker)
    for field, value, words in WRONG:
        page = await walker.press("contact-submit", **(RIGHT | {field: value}))
        assert page.status == 400
        assert words in page.text
        assert page.html.count("autofocus") == 1
        assert f'href="#{field}"' in page.html
        assert f'id="{field}-error"' in page.html
        assert "<title>Fehler: " in page.html
    assert (await walker.press("contact-submit", **RIGHT)).status == 200


async def test_markup_in_a_name_stays_text(walker: Walker) -> None:
    await reserve(walker)
    page = await walker.press("contact-submit", given_name="<script>alert(1)</script>", family_name='"><img>')
    assert "<script>" not in page.html
    assert "&lt;script&gt;" in page.html


async def test_more_time_is_given_and_said(walker: Walker, clock: SetClock) -> None:
    await reserve(walker)
    clock.advance(minutes=12)
    page = await walker.open(walker.page.url)
    assert "Noch 3 Minuten." in page.text
    page = await walker.press("hold-extend")
    assert "Sie haben 5 Minuten mehr." in page.text
    assert "Noch 8 Minuten." in page.text


async def test_a_lapsed_reservation_says_what_to_do(walker: Walker, clock: SetClock) -> None:
    await reserve(walker)
    clock.advance(minutes=16)
    page = await walker.press("contact-submit")
    assert page.status == 409
    assert "Die Reservierung ist inzwischen abgelaufen" in page.text
    path = [link for link in page.links() if "/termin/" in link][-1]
    page = await walker.open(path)
    assert "Es wurde nichts gebucht und nichts abgebucht" in page.text
    assert any("/termin?service=" in link for link in page.links())


async def test_who_is_slower_gets_the_times_that_are_left(walker: Walker) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.MARRIAGE)}")  # one registrar
    await walker.press("day", 1)
    before = walker.page
    await walker.press("time")
    walker.page = before
    walker.client.cookies.clear()  # somebody else
    before.all("time")[0].form.values["key"] = "another"  # type: ignore[union-attr]
    page = await walker.press("time")
    assert page.status == 409
    assert "Diese Zeit ist gerade vergeben worden" in page.text
    assert len(page.all("time")) < len(before.all("time"))


async def test_a_double_click_on_a_time_is_one_reservation(walker: Walker, booking_pool: Pool) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    await walker.press("day", 1)
    before = walker.page
    await walker.press("time")
    first = walker.page.path
    walker.page = before
    await walker.press("time")
    assert walker.page.path == first
    assert await booking_pool.fetchval("SELECT count(*) FROM appointment") == 1


async def test_a_double_click_on_the_binding_step_is_one_payment(
    walker: Walker, payment_stand_in: PaymentStandIn, booking_pool: Pool
) -> None:
    await reserve(walker)
    check = await walker.press("contact-submit")
    await walker.press("check-submit")
    first = walker.location
    walker.page = check
    await walker.press("check-submit")
    assert walker.location == first
    assert len(payment_stand_in.payments) == 1


async def test_a_time_of_no_list_is_refused_in_words(walker: Walker) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    times = await walker.press("day", 1)
    for time in ("03:00", "08:07", "25:00", "08:00+02:00", ""):
        walker.page = times
        times.all("time")[0].attributes["value"] = time
        page = await walker.press("time")
        assert page.status == 400
        assert "kann nicht gebucht werden" in page.text
        assert page.all("time")


async def test_payment_away_keeps_the_time_and_offers_the_counter(
    walker: Walker, payment_stand_in: PaymentStandIn, booking_pool: Pool
) -> None:
    await reserve(walker)
    await walker.press("contact-submit")
    payment_stand_in.mode = "down"
    page = await walker.press("check-submit")
    assert page.status == 503
    assert "Ihre Zeit bleibt reserviert" in page.text
    payment_stand_in.mode = "up"
    await walker.press("payment-continue")
    assert walker.location == next(iter(payment_stand_in.payments.values())).next_url + "?lang=de"


async def test_payment_away_and_the_counter_after_all(walker: Walker, payment_stand_in: PaymentStandIn) -> None:
    await reserve(walker)
    await walker.press("contact-submit")
    payment_stand_in.mode = "down"
    await walker.press("check-submit")
    assert (await walker.press("payment-counter")).all("confirmation-number")


async def test_two_appointments_stay_open_in_one_browser(walker: Walker) -> None:
    await reserve(walker)
    first = walker.page.path
    await reserve(walker, sample.MARRIAGE)
    assert (await walker.open(first)).status == 200


async def test_a_strangers_appointment_is_not_shown(walker: Walker) -> None:
    await reserve(walker)
    path = walker.page.path
    walker.client.cookies.clear()
    page = await walker.open(path)
    assert page.status == 401
    assert "Dieser Link gilt nicht mehr" in page.text


async def test_a_form_from_elsewhere_reserves_nothing(walker: Walker, booking_pool: Pool) -> None:
    form = {"service": str(sample.service_id(sample.PERSO)), "day": "2026-11-24", "time": "08:00"}
    answer = await walker.client.post(
        f"{TOWN}/termin/reservierung", data=form, headers={"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert await booking_pool.fetchval("SELECT count(*) FROM appointment") == 0


async def test_cookies_are_out_of_reach_for_scripts(walker: Walker) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    times = await walker.press("day", 1)
    form = times.all("time")[0].form
    assert form
    answer = await walker.client.post(
        f"{TOWN}/termin/reservierung", data=form.values | {"time": "08:00"}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "token" not in answer.headers["location"]


async def test_the_checkouts_origin_is_allowed_in_forms(walker: Walker) -> None:
    answer = await walker.client.get(f"{TOWN}/")
    assert "form-action 'self' http://checkout.test;" in answer.headers["content-security-policy"]


async def test_thirty_citizens_at_once_see_words_and_never_a_fault(walker: Walker) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.MARRIAGE)}")
    times = await walker.press("day", 1)
    form = times.all("time")[0].form
    assert form

    async def try_one(number: int) -> int:
        data = form.values | {"time": "08:00", "key": f"citizen-{number}"}
        headers = {"Accept": "text/html", "Cookie": "schalter_language=de"}  # each in a browser of their own
        answer = await walker.client.post(
            f"{TOWN}/termin/reservierung", data=data, headers=headers, follow_redirects=False
        )
        return answer.status_code

    statuses = await asyncio.gather(*(try_one(number) for number in range(30)))
    assert (statuses.count(303), statuses.count(409)) == (1, 29)


async def test_another_time_is_chosen_before_the_binding_step_and_nothing_is_typed_twice(
    walker: Walker, booking_pool: Pool
) -> None:
    await reserve(walker, query="&return_url=http://testserver.local/x")
    await walker.press("contact-submit", payment="counter", given_name="Ömer")
    before = await booking_pool.fetchrow("SELECT number, expires_at FROM appointment")
    days = await walker.press("change-time")
    assert days.all("keep-time")
    times = await walker.press("day", 2)
    assert "Ihre Angaben bleiben erhalten" in times.text
    page = await walker.press("time", -1)
    assert page.path.endswith("/pruefen")
    for words in ("Ömer Mustermann", "Mittwoch, 25. November 2026, 11:45 Uhr", "vor Ort"):
        assert words in page.text
    assert await booking_pool.fetchval("SELECT count(*) FROM appointment") == 1
    assert await booking_pool.fetchrow("SELECT number, expires_at FROM appointment") == before
    assert (await walker.press("check-submit")).all("confirmation-number")
    assert walker.page.all("return")


async def test_before_the_contact_too(walker: Walker) -> None:
    await reserve(walker)
    await walker.press("change-time")
    await walker.press("keep-time")
    assert walker.page.path.endswith("/kontakt")
    await walker.press("change-time")
    await walker.press("day")
    assert (await walker.press("time")).path.endswith("/kontakt")

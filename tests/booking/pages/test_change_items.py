"""What a booked visit is for is changed on its page: told what it brings, then made binding."""

from datetime import date
from uuid import UUID

from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN, book, reserve
from tests.booking.pages.walk import Page, Walker
from tests.booking.support.payment_stand_in import PaymentStandIn

from kit.sql import Pool

PERSO, PASS, MARRIAGE = (str(sample.service_id(name)) for name in (sample.PERSO, sample.PASS, sample.MARRIAGE))


async def change_to(walker: Walker, **quantities: str) -> Page:
    """From the appointment's page to where the change is checked."""
    await walker.press("manage-items")
    return await walker.press("items-next", **{f"quantity-{id_}": quantity for id_, quantity in quantities.items()})


async def test_a_second_service_and_person_keep_the_start_and_the_difference_is_told_first(
    walker: Walker, booking_pool: Pool
) -> None:
    path = await book(walker, sample.PERSO)
    await walker.press("manage-items")
    await walker.press("item-add", **{f"quantity-{PERSO}": "2"})
    page = await walker.press("items-next")
    for words in (
        "Ihr Termin beginnt wie bisher",
        "Dienstag, 24. November 2026, 08:00 Uhr, bis 08:40 Uhr",
        "Sie bezahlen 116,00 € mehr. Vor Ort bezahlen Sie insgesamt 162,00 €.",
    ):
        assert words in page.text
    assert await booking_pool.fetchval("SELECT fee_cents FROM appointment") == 4600, "nothing has changed yet"
    assert await booking_pool.fetchval("SELECT version FROM appointment") == 2
    page = await walker.press("change-submit")
    assert (page.path, len(page.all("changed"))) == (path, 1)
    assert f"{sample.PERSO}, 2 Personen" in page.text
    assert await booking_pool.fetchval("SELECT fee_cents FROM appointment") == 16200


async def test_pressed_twice_it_is_changed_once(walker: Walker, booking_pool: Pool) -> None:
    await book(walker, sample.PERSO)
    checked = await change_to(walker, **{PERSO: "2"})
    await walker.press("change-submit")
    version = await booking_pool.fetchval("SELECT version FROM appointment")
    walker.page = checked
    assert (await walker.press("change-submit")).all("changed")
    assert await booking_pool.fetchval("SELECT version FROM appointment") == version


async def test_without_a_change_there_is_nothing_to_confirm(walker: Walker) -> None:
    await book(walker, sample.PERSO)
    page = await change_to(walker)
    assert page.all("unchanged")
    assert not page.all("change-submit")


async def test_less_of_what_was_paid_online_is_refunded_and_said(
    walker: Walker, payment_stand_in: PaymentStandIn, booking_pool: Pool
) -> None:
    await reserve(walker, query="&quantity=2")
    await walker.press("contact-submit")
    await walker.press("check-submit")
    await booking_pool.execute(
        "UPDATE appointment SET state = 'confirmed', payment_state = 'paid', paid_cents = 9200, expires_at = NULL"
    )
    await walker.open(f"{TOWN}/termin/{await booking_pool.fetchval('SELECT id FROM appointment')}")
    page = await change_to(walker, **{PERSO: "1"})
    assert "46,00 € erstatten wir Ihnen auf dem Weg, auf dem Sie bezahlt haben." in page.text
    await walker.press("change-submit")
    commands = await booking_pool.fetch("SELECT verb, amount_cents FROM payment_command WHERE verb = 'refund'")
    assert [tuple(row) for row in commands] == [("refund", 4600)]


async def take_all(pool: Pool, path: str, day: str = "2026-11-24") -> None:
    """Whatever is left of that day, but for two hours at its end."""
    await pool.execute(
        "UPDATE day_mask SET free = free & ~(repeat('1', 120) || repeat('0', 168))::bit(288) WHERE day = $1",
        date.fromisoformat(day),
    )


async def test_what_does_not_fit_there_is_offered_at_other_times(walker: Walker, booking_pool: Pool) -> None:
    path = await book(walker, sample.PERSO)
    await take_all(booking_pool, path)
    page = await change_to(walker, **{PERSO: "2"})
    assert page.all("too-long")
    assert not page.all("change-submit")
    assert "Dienstag, 24. November 2026, 10:00 Uhr" in page.text
    page = await walker.press("alternative", 0)
    assert "Ihr Termin bekommt eine andere Zeit" in page.text
    page = await walker.press("change-submit")
    assert page.path == path
    assert "Dienstag, 24. November 2026, 10:00 Uhr" in page.text


async def test_who_was_quicker_leaves_other_times(walker: Walker, booking_pool: Pool) -> None:
    await book(walker, sample.PERSO)
    await change_to(walker, **{PERSO: "2"})
    await take_all(booking_pool, walker.page.path)
    page = await walker.press("change-submit")
    assert page.status == 409
    assert page.all("alternative")


async def test_whom_the_visit_is_with_does_not_do_it(walker: Walker, booking_pool: Pool) -> None:
    await book(walker, sample.PERSO)
    await booking_pool.execute(
        "DELETE FROM skill WHERE offering_id = (SELECT id FROM offering WHERE service_id = $1)"
        " AND lane_id = (SELECT lane_id FROM appointment)",
        UUID(PASS),
    )
    await booking_pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    await walker.press("manage-items")
    await walker.press("item-add")
    page = await walker.press("items-next")
    assert page.status == 400
    assert "macht nicht alles davon" in page.text
    assert (await walker.press("item-remove", 1)).status == 200


async def test_what_cannot_be_combined_says_why(walker: Walker) -> None:
    path = await book(walker, sample.PERSO)
    page = await walker.open(f"{path}/leistungen/pruefen?items={PERSO}:1,{MARRIAGE}:1")
    assert page.status == 400
    assert f"„{sample.MARRIAGE}“ macht eine andere Stelle" in page.text
    for query in ("items=x:1", f"items={PERSO}:2&start=tomorrow", f"items={PERSO}:2&start=2026-11-25T09:00:00"):
        assert (await walker.open(f"{path}/leistungen/pruefen?{query}")).status in (400, 404), query


async def test_a_fee_that_is_taken_online_alone_is_said_in_words(walker: Walker, booking_pool: Pool) -> None:
    await book(walker, sample.PERSO)
    await booking_pool.execute("UPDATE service SET payment_policy = 'online_required' WHERE name = $1", sample.PASS)
    await booking_pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    await walker.press("manage-items")
    await walker.press("item-add")
    page = await walker.press("items-next")
    assert (page.status, "wird vor dem Besuch online bezahlt" in page.text) == (409, True)


async def test_only_its_owner_in_time_and_only_what_the_public_books(
    walker: Walker, booking_pool: Pool, clock: SetClock
) -> None:
    path = await book(walker, sample.PERSO)
    booked = walker.page
    await booking_pool.execute("UPDATE service SET audience = 'internal' WHERE name = $1", sample.PERSO)
    await booking_pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    page = await walker.press("manage-items")
    assert (page.status, "können nur wir ändern" in page.text) == (409, True)
    clock.advance(days=2)
    walker.page = booked
    assert (await walker.press("manage-items")).status == 409
    assert not (await walker.open(path)).all("manage-items")
    walker.client.cookies.clear()
    assert (await walker.open(f"{path}/leistungen")).status == 401

"""Arrival by pages: with the own link and the poster's code, and at the poster with the number alone."""

from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN, book, state_of
from tests.booking.pages.walk import Walker

from kit.sql import Pool


async def poster(pool: Pool) -> str:
    return str(await pool.fetchval("SELECT arrival_code FROM location"))


async def number(pool: Pool) -> str:
    return str(await pool.fetchval("SELECT number FROM appointment ORDER BY created_at DESC LIMIT 1"))


async def test_the_own_page_shows_a_code_for_the_reception_and_no_secret(walker: Walker, booking_pool: Pool) -> None:
    await book(walker)
    assert f'aria-label="QR-Code mit Ihrer Terminnummer {await number(booking_pool)}"' in walker.page.html
    assert '<svg viewBox="0 0 29 29" class="qr">' in walker.page.html
    assert walker.page.all("arrive") == []


async def test_on_the_day_the_own_page_asks_are_you_here(walker: Walker, booking_pool: Pool, clock: SetClock) -> None:
    path = await book(walker)  # Tuesday, 8:00
    clock.advance(hours=23, minutes=40)
    await walker.open(path)
    page = await walker.press("arrive", code="AAAAAA")
    assert (page.status, "Bitte prüfen Sie den Code" in page.text) == (400, True)
    assert page.html.count("autofocus") == 1
    page = await walker.press("arrive", code=await poster(booking_pool))
    assert page.all("arrived")
    assert page.all("manage-cancel") == []
    assert await state_of(booking_pool) == "checked_in"


async def test_at_the_poster_the_number_is_enough(walker: Walker, booking_pool: Pool, clock: SetClock) -> None:
    await book(walker)
    walker.client.cookies.clear()
    address = f"{TOWN}/ankunft/{await poster(booking_pool)}"
    page = await walker.open(address)
    assert "Rathaus" in page.text
    for wrong, words in (
        ("AAAA-BBBB", "keinen Termin mit dieser Nummer"),
        (await number(booking_pool), "noch zu früh"),
    ):
        page = await walker.press("arrive", number=wrong)
        assert (page.status in (400, 409), words in page.text) == (True, True)
    clock.advance(hours=24, minutes=10)
    for _ in range(2):  # pressed twice, it says the same
        await walker.open(address)
        page = await walker.press("arrive", number=(await number(booking_pool)).lower())
        assert page.all("arrived")
        assert "Erika" not in page.text
    assert await state_of(booking_pool) == "checked_in"


async def test_at_the_poster_too_late_and_cancelled_are_told(
    walker: Walker, booking_pool: Pool, clock: SetClock
) -> None:
    await book(walker)
    clock.advance(hours=24, minutes=16)
    await walker.open(f"{TOWN}/ankunft/{await poster(booking_pool)}")
    assert "vor mehr als 15 Minuten begonnen" in (await walker.press("arrive", number=await number(booking_pool))).text
    await booking_pool.execute("UPDATE appointment SET state = 'cancelled_by_office'")
    assert "nicht (mehr) gebucht" in (await walker.press("arrive", number=await number(booking_pool))).text


async def test_a_poster_that_hangs_nowhere_is_not_found(walker: Walker) -> None:
    assert (await walker.open(f"{TOWN}/ankunft/AAAAAA")).status == 404

"""Going back after a time was reserved: it is said, leads on, and is exchanged instead of added to."""

from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN, reserve
from tests.booking.pages.walk import Walker
from tests.booking.support.county import hall, open_second_hall

from kit.sql import Pool

HELD = "SELECT to_char(starts_at AT TIME ZONE 'Europe/Berlin', 'HH24:MI') FROM appointment WHERE state = 'held'"


async def held(pool: Pool) -> list[str]:
    return [row[0] for row in await pool.fetch(HELD)]


async def test_going_back_says_which_time_is_mine_and_leads_on(walker: Walker, clock: SetClock) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.MARRIAGE)}")
    times = (await walker.press("day", 1)).url
    await walker.press("time")
    contact = walker.page.path
    clock.advance(minutes=1)
    page = await walker.open(times)
    assert "Sie haben Di., 24.11.2026, 08:00 Uhr reserviert" in page.text
    assert "Noch 14 Minuten." in page.text
    assert (await walker.press("own-hold-go-on")).path == contact
    page = await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.MARRIAGE)}")
    assert page.all("own-hold")
    clock.advance(minutes=15)
    assert not (await walker.open(times)).all("own-hold")


async def test_another_time_is_exchanged_for_mine_and_what_was_typed_stays(walker: Walker, booking_pool: Pool) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    times = (await walker.press("day", 1)).url
    await walker.press("time")
    await walker.press("contact-submit", given_name="Ömer")
    for which in (-1, 0, 0, -1):
        await walker.open(times)
        assert walker.page.all("time")
        page = await walker.press("time", which)
        assert 'value="Ömer"' in page.html
        assert len(await held(booking_pool)) == 1
    assert await booking_pool.fetchval("SELECT count(*) FROM appointment") == 1


async def test_the_same_time_pressed_again_is_still_mine(walker: Walker, booking_pool: Pool) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.MARRIAGE)}")
    times = await walker.press("day", 1)
    first = (await walker.press("time")).path
    walker.page = times
    times.all("time")[0].form.values["key"] = "of-a-page-loaded-anew"  # type: ignore[union-attr]
    assert (await walker.press("time")).path == first
    assert await held(booking_pool) == ["08:00"]


async def test_of_another_visit_nothing_is_said(walker: Walker, booking_pool: Pool) -> None:
    await reserve(walker)
    page = await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}&quantity=2")
    assert not page.all("own-hold")
    await reserve(walker, sample.MARRIAGE)
    assert len(await held(booking_pool)) == 2


async def test_a_stranger_is_told_nothing_of_it(walker: Walker) -> None:
    await reserve(walker)
    walker.client.cookies.clear()
    page = await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    assert not page.all("own-hold")


async def test_at_another_place_a_new_one_is_reserved_and_mine_given_up(
    walker: Walker, booking_pool: Pool, clock: SetClock
) -> None:
    await open_second_hall(booking_pool, clock, sample.PERSO)
    await reserve(walker, query=f"&location={hall()}")
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    assert walker.page.all("own-hold")
    there = next(place for place in walker.page.all("place") if str(hall()) not in place.attributes["href"])
    await walker.open(there.attributes["href"])
    await walker.press("day", 1)
    await walker.press("time")
    assert walker.page.path.endswith("/kontakt")
    rows = await booking_pool.fetch("SELECT state, location_id FROM appointment ORDER BY state")
    assert [row["state"] for row in rows] == ["cancelled_by_citizen", "held"]
    assert rows[0]["location_id"] != rows[1]["location_id"]

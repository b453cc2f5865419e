"""Days that are over: what took place, what was open, and how long one waits."""

import asyncio
from datetime import date, timedelta

import pytest
from tests.booking.conftest import SetClock
from tests.booking.sample import PERSO, service_id
from tests.booking.support.figures import counts
from tests.booking.support.house import House
from tests.booking.support.life import Life, at

from booking.domain.statistics.closed_day import days_to_close
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.close_day import close_days
from booking.usecases.rebuild_masks import extend_masks

DAY_MIN = 4 * 60
"""The town is open from eight to twelve."""


@pytest.fixture
async def yesterday(life: Life, clock: SetClock) -> date:
    """Monday, with three visits; it is Tuesday now, and somebody reserves a time without keeping it."""
    clock.now -= timedelta(days=3)  # a Friday
    for time_of_day, quantity in (("08:00", 1), ("08:30", 3), ("11:00", 1)):
        await life.confirm(await life.hold(at(time_of_day, "2026-11-23"), quantity=quantity), "counter")
    clock.now += timedelta(days=4)
    await life.hold(at("09:00"))
    return date(2026, 11, 23)


async def close(life: Life) -> int:
    return await close_days(life.pool, CatalogueCache(life.pool, 0), life.clock)


async def test_a_day_that_is_over_is_counted_once(life: Life, yesterday: date) -> None:
    assert [await close(life), await close(life)] == [1, 0]
    visits = await counts(life.pool, "visits")
    assert visits["", ""] == (3, 15 + 35 + 15)
    assert (visits["hour", "08"], visits["hour", "11"]) == ((2, 50), (1, 15))
    assert (await counts(life.pool, "capacity"))["", ""] == (4, 4 * DAY_MIN)  # four clerks
    wait = await counts(life.pool, "wait")
    assert wait["service", str(service_id(PERSO))] == (1, 0)
    assert wait["", ""] == (3, 0)


async def test_several_workers_count_a_day_once(life: Life, yesterday: date) -> None:
    assert sum(await asyncio.gather(*(close(life) for _ in range(4)))) == 1
    assert (await counts(life.pool, "visits"))["", ""][0] == 3


async def test_a_room_is_no_capacity_of_its_own(life: Life, clock: SetClock, yesterday: date) -> None:
    house = House(life.pool, lambda: clock.now - timedelta(days=1))
    await house.add_resource("Trauzimmer", "Trauzimmer 1")
    await close(life)
    assert (await counts(life.pool, "capacity"))["", ""] == (4, 4 * DAY_MIN)


async def test_a_worker_that_was_down_catches_up(life: Life, clock: SetClock, yesterday: date) -> None:
    """Although the masks of these days were due to go meanwhile."""
    await close(life)
    clock.advance(days=5)
    await extend_masks(life.pool, clock)
    assert await close(life) == 5
    days = await life.pool.fetch("SELECT day FROM statistic_day ORDER BY day")
    assert [row["day"] for row in days] == [yesterday + timedelta(days=offset) for offset in range(6)]
    assert (await counts(life.pool, "capacity"))["", ""] == (4 * 5, 4 * 5 * DAY_MIN)  # no weekend
    assert (await counts(life.pool, "wait"))["", ""][0] == 3 * 2  # asked twice, not six times


def test_after_too_long_a_gap_stays_open() -> None:
    yesterday = date(2026, 11, 23)
    assert days_to_close(None, yesterday) == [yesterday]
    assert days_to_close(yesterday, yesterday) == []
    assert days_to_close(date(2026, 11, 21), yesterday) == [date(2026, 11, 22), yesterday]
    assert days_to_close(date(2026, 1, 1), yesterday)[0] == date(2026, 10, 23)


async def test_one_waits_longer_when_the_next_days_are_full(life: Life, clock: SetClock) -> None:
    await life.pool.execute("UPDATE day_mask SET free = 0::bit(288) WHERE day < '2026-12-01'")
    await close(life)
    assert (await counts(life.pool, "wait"))["service", str(service_id(PERSO))] == (1, 8)


async def test_where_nothing_is_free_nobody_s_wait_is_counted(life: Life, clock: SetClock) -> None:
    await life.pool.execute("UPDATE day_mask SET free = 0::bit(288)")
    await close(life)
    assert await counts(life.pool, "wait") == {}
    assert (await counts(life.pool, "unavailable"))["service", str(service_id(PERSO))] == (1, 0)

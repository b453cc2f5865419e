"""The demo's own files, loaded: eleven tenants, 73 services, and masks that fit the rules."""

from datetime import date

import pytest
from tests.booking.conftest import SetClock
from tests.booking.support.masks import check_masks
from tests.booking.support.seed import seed_files

from booking.domain.catalogue_files import Files
from booking.domain.slots import clock_time, set_steps
from booking.store.bits import from_bit
from booking.usecases.configure import configure
from kit.sql import Pool


@pytest.fixture(scope="module")
def files() -> Files:
    return seed_files()


async def test_each_tenant_offers_what_its_level_says(booking_pool: Pool, files: Files, clock: SetClock) -> None:
    await configure(booking_pool, files, clock)
    counts = dict(await booking_pool.fetch("SELECT tenant, count(*) FROM service GROUP BY tenant"))
    towns = sum(row.is_offered_by("Stadt") for row in files.services)
    villages = sum(row.is_offered_by("Gemeinde") for row in files.services)
    county = sum(row.is_offered_by("Kreis") for row in files.services)
    assert (counts["erkelenz"], counts["gangelt"], counts["kreis-heinsberg"]) == (towns, villages, county)
    assert len(files.services) == 73
    assert len(counts) == 11


async def test_a_second_run_changes_nothing(booking_pool: Pool, files: Files, clock: SetClock) -> None:
    tables = ("service", "service_fee", "offering", "skill", "lane", "clerk", "opening_rule", "closure", "day_mask")
    runs = []
    for _ in range(2):
        found = await configure(booking_pool, files, clock)
        counts = [await booking_pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
        versions = await booking_pool.fetchval("SELECT array_agg(catalogue_version) FROM tenant")
        runs.append((counts, versions))
    assert runs[0] == runs[1]
    assert all(not one.changes for one in found)
    assert await check_masks(booking_pool, "erkelenz", clock()) == []


async def test_holidays_and_custom_close_the_offices(booking_pool: Pool, files: Files, clock: SetClock) -> None:
    await configure(booking_pool, files, clock)
    rows = await booking_pool.fetch(
        "SELECT day, bit_or(open) AS open FROM day_mask WHERE tenant = 'erkelenz' GROUP BY day"
    )
    hours = {row["day"]: [clock_time(step) for step in set_steps(from_bit(row["open"]))] for row in rows}
    assert hours[date(2026, 12, 24)] == hours[date(2026, 12, 25)] == hours[date(2027, 1, 1)] == []
    assert hours[date(2026, 12, 23)][0] == "07:30"


async def test_a_service_that_left_the_file_is_offered_no_more(
    booking_pool: Pool, files: Files, clock: SetClock
) -> None:
    await configure(booking_pool, files, clock)
    await configure(booking_pool, files._replace(services=files.services[1:]), clock)
    gone = await booking_pool.fetch("SELECT DISTINCT name FROM service WHERE NOT offered")
    assert [row["name"] for row in gone] == [files.services[0].name]

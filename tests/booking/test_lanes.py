"""Lanes that are nobody's own: counters, and the rooms and devices that a visit needs beside its clerk."""

import pytest
from tests.booking.conftest import SetClock
from tests.booking.sample import MARRIAGE, PERSO, TENANT, service_id
from tests.booking.support.house import LOCATION, House
from tests.booking.support.life import Life, at

from booking.usecases.configure import Files
from kit.sql import Pool


@pytest.fixture
def house(booking_pool: Pool, clock: SetClock, town: Files) -> House:
    return House(booking_pool, clock)


async def test_a_counter_is_booked_like_a_clerk_and_shown_by_its_label(life: Life, house: House) -> None:
    lane_id = await house.add_counter("Schalter A", PERSO)
    catalogue = await life.catalogues.get(TENANT)
    lane = catalogue.lanes[lane_id]
    assert (lane.kind, lane.name, lane.clerk_id) == ("counter", "Schalter A", None)
    names = set()
    for _ in range(4):
        access = await life.hold(at("09:00"))
        names.add((await life.confirm(access, "counter")).clerk.display_name)
    assert names == {"Clerk 0", "Clerk 1", "Clerk 2", "Schalter A"}
    assert await life.pool.fetchval("SELECT count(*) FROM assignment") == 3, "nobody's calendar has a counter's visits"
    await life.check()


async def test_the_catalogue_knows_what_a_service_needs_beside_its_clerk(life: Life, house: House) -> None:
    rooms = [await house.add_resource("Trauzimmer", label) for label in ("Trauzimmer 1", "Trauzimmer 2")]
    await house.need(MARRIAGE, "Trauzimmer")
    catalogue = await life.catalogues.get(TENANT)
    (offering,) = catalogue.offerings[service_id(MARRIAGE)]
    assert offering.resource_groups == ("Trauzimmer",)
    assert catalogue.resources[LOCATION, "Trauzimmer"] == tuple(rooms)
    assert not set(rooms) & set(offering.lane_ids)

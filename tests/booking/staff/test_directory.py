"""Clerks, counters and units: the ids that other calls of the staff are told."""

import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.sample import MARRIAGE, PASS, PERSO, TENANT
from tests.booking.support.callers import Callers
from tests.booking.support.house import LOCATION, House

from booking.domain.catalogue_files import Files
from booking.domain.configuration import id_for
from booking.usecases.configure import configure
from kit.sql import Pool


@pytest.mark.usefixtures("town")
async def test_lanes_say_whose_they_are_and_where(callers: Callers, booking_pool: Pool, clock: SetClock) -> None:
    house = House(booking_pool, clock)
    await house.add_resource("Trauzimmer", "Turmzimmer")
    await house.add_counter("Sammelschalter", PERSO, MARRIAGE)
    counter = await house.add_counter("Infotheke", PERSO, PASS)
    lanes = (await callers.staff("GET", "lanes")).json()["items"]
    people = {lane["name"]: lane for lane in lanes if lane["kind"] == "clerk"}
    assert (list(people), people["Clerk 1"]["room"]) == (["Clerk 0", "Clerk 1", "Clerk 2", "Registrar"], "Schalter 1")
    units = {lane["name"]: lane["unit"] for lane in lanes}
    assert units == {
        "Clerk 0": "Bürgerbüro",
        "Clerk 1": "Bürgerbüro",
        "Clerk 2": "Bürgerbüro",
        "Registrar": "Standesamt",
        "Turmzimmer": None,
        "Sammelschalter": None,
        "Infotheke": "Bürgerbüro",
    }
    assert lanes[-1] == {
        "id": counter,
        "kind": "counter",
        "name": "Infotheke",
        "clerk_id": None,
        "unit_id": str(id_for(TENANT, "unit", "Bürgerbüro")),
        "unit": "Bürgerbüro",
        "room": "Foyer",
        "location_id": str(LOCATION),
        "location": "Rathaus",
    }


@pytest.mark.usefixtures("town")
async def test_a_clerk_is_found_and_then_absent(callers: Callers) -> None:
    lane = (await callers.staff("GET", "lanes")).json()["items"][1]
    body = {"clerk_id": lane["clerk_id"], "ends_at": "2026-11-23T16:00:00+01:00"}
    assert (await callers.staff("POST", "absences", body)).status_code == 200
    away = (await callers.staff("GET", "absences")).json()["items"]
    assert [each["clerk"] for each in away] == [lane["name"]]


@pytest.mark.usefixtures("town")
async def test_units_by_name(callers: Callers) -> None:
    units = (await callers.staff("GET", "units")).json()["items"]
    assert [unit["name"] for unit in units] == ["Bürgerbüro", "Standesamt"]
    body = {"unit_id": units[1]["id"], "day": "2026-11-24", "reason": "Betriebsausflug", "dry_run": True}
    assert (await callers.staff("POST", "closings", body)).status_code == 200


@pytest.mark.parametrize("path", ["lanes", "units"])
async def test_only_the_own_town_s_and_only_for_the_staff(
    callers: Callers, town: Files, booking_pool: Pool, clock: SetClock, path: str
) -> None:
    await configure(booking_pool, sample.files(slug="elsewhere", unit="Amt"), clock)
    for role in ("clerk", "lead", "admin"):
        own = (await callers.staff("GET", path, roles=(role,))).json()["items"]
        others = (await callers.staff("GET", path, roles=(role,), tenant="elsewhere")).json()["items"]
        assert own
        assert not {item["id"] for item in own} & {item["id"] for item in others}
    assert (await callers.staff("GET", path, roles=("treasurer",))).status_code == 403
    assert (await callers.client.get(f"/v1/staff/{path}")).status_code == 401

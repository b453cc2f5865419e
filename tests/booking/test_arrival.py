"""The citizen says "I am here": in time, at the place, once."""

import asyncio
from typing import Any

import pytest
from tests.booking.sample import TENANT
from tests.booking.support.citizen import CONTACT, Citizen
from tests.booking.support.life import Life, at


async def booked(citizen: Citizen) -> None:
    await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})


async def code(life: Life) -> str:
    return str(await life.pool.fetchval("SELECT arrival_code FROM location"))


async def come(citizen: Citizen, code_: str, **more: Any) -> Any:
    return await citizen.post("check-in", {"location_code": code_}, **more)


async def test_who_is_there_is_checked_in(citizen: Citizen, life: Life) -> None:
    await booked(citizen)
    life.clock.now = at("07:30")
    answer = await come(citizen, f" {(await code(life)).lower()} ")
    assert (answer.status_code, answer.json()["state"]) == (200, "checked_in")
    assert (await come(citizen, await code(life))).json()["state"] == "checked_in"
    assert (await life.events(citizen.access)).count("checked_in") == 1
    await life.check()


@pytest.mark.parametrize(
    ("time", "fault"), [("07:29", "too_early"), ("08:15", None), ("08:16", "too_late"), ("23:59", "too_late")]
)
async def test_only_around_the_visits_start(citizen: Citizen, life: Life, time: str, fault: str | None) -> None:
    await booked(citizen)
    life.clock.now = at(time)
    answer = await come(citizen, await code(life))
    assert (answer.status_code, answer.json().get("code")) == ((409, fault) if fault else (200, None))


async def test_the_code_of_another_place_or_of_none_does_not_do(citizen: Citizen, life: Life) -> None:
    await booked(citizen)
    await life.pool.execute(
        "INSERT INTO location (id, tenant, name, street, postcode, city, arrival_code)"
        " VALUES (gen_random_uuid(), $1, 'Bauhof', 'Weg 1', '52499', 'Muster', 'BAUHOF')",
        TENANT,
    )
    life.clock.now = at("08:00")
    for wrong in ("BAUHOF", "AAAAAA", "", "x" * 21, "\u0000"):
        answer = await come(citizen, wrong)
        assert (answer.status_code, "location_code" in answer.text) == (400, True)
    assert (await citizen.get()).json()["state"] == "confirmed"


async def test_only_what_is_booked_can_arrive(citizen: Citizen, life: Life) -> None:
    await citizen.hold()
    life.clock.now = at("07:50")
    assert (await come(citizen, await code(life))).status_code == 409
    assert (await come(citizen, await code(life), token="x")).status_code == 401


async def test_a_call_by_video_takes_place_nowhere(citizen: Citizen, life: Life) -> None:
    await booked(citizen)
    await life.pool.execute("UPDATE appointment SET channel = 'video'")
    life.clock.now = at("08:00")
    assert (await come(citizen, await code(life))).status_code == 409


async def test_arrival_against_cancellation_leaves_one_winner(citizen: Citizen, life: Life) -> None:
    await booked(citizen)
    life.clock.now = at("07:55")
    answers = await asyncio.gather(
        come(citizen, await code(life)), citizen.post("cancellation"), come(citizen, await code(life))
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (await citizen.get()).json()["state"] in ("checked_in", "cancelled_by_citizen")
    await life.check()


async def test_each_place_has_a_code_of_its_own(life: Life) -> None:
    await life.pool.execute(
        "INSERT INTO location (id, tenant, name, street, postcode, city)"
        " SELECT gen_random_uuid(), $1, 'Place ' || n, 'Weg 1', '52499', 'Muster' FROM generate_series(1, 50) AS n",
        TENANT,
    )
    codes = [row["arrival_code"] for row in await life.pool.fetch("SELECT arrival_code FROM location")]
    assert len(set(codes)) == 51
    assert all(len(code) == 6 and not set(code) & set("01IO") for code in codes)

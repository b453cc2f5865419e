"""Why does this lane not serve it? Whom it is not for, who is taken or absent, and what is missing beside them."""

import msgspec
import pytest
from tests.booking.sample import MARRIAGE, PERSO, TENANT, service_id
from tests.booking.support.explaining import LANGUAGES, ask, code_of, codes, explain, why
from tests.booking.support.life import Life, at
from tests.booking.support.rules import HALL, TUESDAY, WEDNESDAY, change, lane_of, send_away

from booking.domain.errors import Invalid
from booking.domain.rule_edits import put_exception
from booking.domain.rule_set import ScheduleException
from booking.usecases.rebuild_masks import rebuild_lanes
from booking.web.staff.explanations_api import in_words


async def test_who_might_serve_it_comes_first(life: Life) -> None:
    assert list(await ask(life, at("08:00"), MARRIAGE)) == ["Registrar", "Clerk 0", "Clerk 1", "Clerk 2"]


async def test_who_serves_something_else(life: Life) -> None:
    found = await why(life, at("08:00"), "Registrar")
    assert found == ("skill_missing", f"Bearbeitet diese Leistung nicht: {PERSO}.", f"Does not serve this: {PERSO}.")
    assert await why(life, at("08:00"), "Registrar", service=MARRIAGE) is None


async def test_somebody_else_is_responsible(life: Life) -> None:
    mine = await lane_of(life)
    plans = [msgspec.structs.replace(plan, lane_ids=(mine,)) for plan in await life.plans()]
    assert codes(await explain(life, plans, at("08:00"))) == {
        "Clerk 0": None,
        "Clerk 1": "not_responsible",
        "Clerk 2": "not_responsible",
        "Registrar": "skill_missing",
    }


async def test_who_stands_in_only_for_a_clerk_who_is_away(life: Life) -> None:
    mine, deputy = await lane_of(life), await lane_of(life, "Clerk 1")
    (plan,) = await life.plans()
    plans = [
        msgspec.structs.replace(plan, lane_ids=(mine,)),
        msgspec.structs.replace(plan, lane_ids=(deputy,), stands_in_for=(mine,)),
    ]
    found = codes(await explain(life, plans, at("08:00")))
    assert (found["Clerk 0"], found["Clerk 1"]) == (None, "stand_in")
    await change(life, put_exception(ScheduleException(HALL, mine, WEDNESDAY, ())))
    found = codes(await explain(life, plans, at("08:00")))
    assert (found["Clerk 0"], found["Clerk 1"]) == ("no_hours", None)


async def test_a_lane_takes_only_so_much(life: Life) -> None:
    catalogue = await life.catalogues.get(TENANT)
    mine = await lane_of(life)
    (plan,) = await life.plans(quantity=3)
    lanes = tuple(lane_id for lane_id in plan.lane_ids if lane_id != mine)
    limited = msgspec.structs.replace(catalogue, items_max={mine: 2})
    plans = [msgspec.structs.replace(plan, lane_ids=lanes)]
    found = await explain(life, plans, at("08:00"), limited)
    assert found["Clerk 0"].rejection == ("too_many_items", {"max": 2})


async def test_taken_by_an_appointment(life: Life) -> None:
    access = await life.hold(at("08:30"))
    number = (await life.view(access)).number
    found = [each.rejection for each in (await ask(life, at("08:30"))).values()]
    (rejection,) = [each for each in found if each and each.code == "taken"]
    german = in_words(rejection, LANGUAGES.get("de"))
    assert german == f"Belegt von 08:30 bis 08:45 Uhr durch Termin {number}."


async def test_a_visit_that_reaches_into_another_one(life: Life) -> None:
    await life.pool.execute("DELETE FROM skill WHERE lane_id <> (SELECT min(lane_id) FROM skill)")
    access = await life.hold(at("08:30"))
    number = (await life.view(access)).number
    assert await why(life, at("08:15")) is None
    found = await ask(life, at("08:15"), quantity=2)
    assert found["Clerk 0"].rejection == ("taken", {"number": number, "start": "08:30", "end": "08:45"})


async def test_a_reservation_that_has_lapsed_takes_nothing(life: Life) -> None:
    await life.pool.execute("DELETE FROM skill WHERE lane_id <> (SELECT min(lane_id) FROM skill)")
    await life.hold(at("08:30"))
    life.later(minutes=15)
    assert await why(life, at("08:30")) is None


async def test_absent(life: Life) -> None:
    lane_id = await lane_of(life)
    await send_away(life, lane_id)
    assert await why(life, at("08:00")) == ("absence", "Abwesend.", "Absent.")
    assert await why(life, at("08:00"), "Clerk 1") is None
    assert await why(life, at("09:00")) is None


async def add_room(life: Life, label: str) -> int:
    lane_id: int = await life.pool.fetchval(
        "INSERT INTO lane (tenant, location_id, kind, label, resource_group) VALUES ($1, $2, 'resource', $3, $4)"
        " RETURNING id", TENANT, HALL, label, "Trauzimmer",
    )  # fmt: skip
    async with life.pool.acquire() as connection, connection.transaction():
        await rebuild_lanes(connection, TENANT, [lane_id], TUESDAY, WEDNESDAY, life.clock())
    return lane_id


async def test_a_room_that_is_taken(life: Life) -> None:
    await life.pool.execute(
        "INSERT INTO offering_resource SELECT id, 'Trauzimmer' FROM offering WHERE service_id = $1",
        service_id(MARRIAGE),
    )
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    with pytest.raises(Invalid, match="not offered together"):
        await why(life, at("08:00"), "Registrar", service=MARRIAGE)
    room = await add_room(life, "Turmzimmer")
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    assert await why(life, at("08:00"), "Registrar", service=MARRIAGE) is None
    access = await life.hold(at("08:15"))
    await life.pool.execute("UPDATE occupation SET lane_id = $2 WHERE appointment_id = $1", access.appointment_id, room)
    assert await why(life, at("08:00"), "Registrar", service=MARRIAGE) == (
        "resource_taken",
        "Aus der Gruppe „Trauzimmer“ ist zu dieser Zeit nichts frei.",
        "Nothing of the group “Trauzimmer” is free at that time.",
    )
    assert await why(life, at("08:30"), "Registrar", service=MARRIAGE) is None
    await add_room(life, "Rittersaal")
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    assert await why(life, at("08:00"), "Registrar", service=MARRIAGE) is None
    assert "Rittersaal" not in await ask(life, at("08:00"), MARRIAGE)


async def test_a_mask_that_is_wrong(life: Life) -> None:
    await life.pool.execute("UPDATE day_mask SET free = 0::bit(288)")
    assert await code_of(life, at("08:00")) == "mask_wrong"

"""Mass cancellation: a day or an office is closed, and everybody is offered another time or called, in one step."""

import asyncio

from tests.booking.sample import MARRIAGE, PERSO, TENANT
from tests.booking.support.callers import Callers, code_of
from tests.booking.support.house import House
from tests.booking.support.life import Life, at
from tests.booking.support.office import BY_PHONE, Office
from tests.booking.support.outcomes import unforeseen

from booking.domain.errors import BookingError
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.view_appointment import Access

DAY = "2026-11-25"
FLOOD = {"day": DAY, "reason": "Wasserschaden im Rathaus"}


async def marriage(life: Life, time: str, day: str = DAY) -> Access:
    return await life.booked(time, day, MARRIAGE)


async def close(callers: Callers, **body: object) -> list[str]:
    answer = await callers.staff("POST", "closings", FLOOD | body)
    assert answer.status_code == 200, answer.text
    return [measure["outcome"] for measure in answer.json()["measures"]]


async def test_a_day_is_closed_and_everybody_is_told_once(life: Life, office: Office, callers: Callers) -> None:
    visits = [await office.visit(number, "08:00") for number in range(3)]
    by_phone, married = await office.visit(0, "09:00", contact=BY_PHONE), await marriage(life, "10:00")
    other_day = await office.visit(0, "08:00", "2026-11-26")
    looked = (await callers.staff("POST", "closings", FLOOD | {"dry_run": True})).json()
    assert [await life.told(access) for access in visits] == [[]] * 3
    answers = [await callers.staff("POST", "closings", FLOOD | {"plan": looked["plan"]}, key="k") for _ in "ab"]
    assert answers[0].json() == answers[1].json() == looked
    assert [await life.told(access) for access in [*visits, married]] == [["rebooking_offered"]] * 4
    assert (await life.view(married)).office_note == "Wasserschaden im Rathaus"
    assert await life.told(by_phone) == await life.told(other_day) == []
    calls = (await callers.staff("GET", "call-list")).json()["items"]
    assert [(call["appointment_id"], call["note"]) for call in calls] == [
        (str(by_phone.appointment_id), "Wasserschaden im Rathaus")
    ]
    assert not any([await office.is_free(number, "11:00") for number in range(3)])
    assert await close(callers) == ["call"]
    assert await life.pool.fetchval("SELECT count(*) FROM rule_change WHERE changed_by = 'staff:lea'") == 1
    await life.check()


async def test_part_of_a_location_s_day(life: Life, office: Office, callers: Callers) -> None:
    early, late = await office.visit(0, "08:00"), await office.visit(0, "11:00")
    location = str((await life.view(early)).location.id)
    assert await close(callers, location_id=location, closed_from="10:00") == ["offer_rebooking"]
    assert [await life.told(access) for access in (early, late)] == [[], ["rebooking_offered"]]
    assert [await office.is_free(1, time) for time in ("09:45", "10:00")] == [True, False]
    await life.check()


async def test_a_unit_closes_with_its_clerks_and_counters_alone(
    life: Life, office: Office, house: House, callers: Callers
) -> None:
    counter = await house.add_counter("Schnellschalter", PERSO)
    shared = await house.add_counter("Info", PERSO, MARRIAGE)
    married, visit = await marriage(life, "08:00"), await office.visit(0, "10:00")
    unit = await life.pool.fetchval("SELECT unit_id FROM appointment WHERE id = $1", visit.appointment_id)
    assert await close(callers, unit_id=str(unit), closed_from="09:00", closed_to="11:00") == ["offer_rebooking"]
    assert await life.told(married) == []
    sql = "SELECT lane_id, bit_count(open) * 5 / 60 AS hours FROM day_mask WHERE lane_id = ANY($1) AND day = $2"
    hours = await life.pool.fetch(sql, [counter, shared], at("00:00").date())
    assert {row["lane_id"]: row["hours"] for row in hours} == {counter: 2, shared: 4}
    assert [await office.is_free(1, time) for time in ("08:45", "09:00", "10:45", "11:00")] == [
        True, False, False, True,
    ]  # fmt: skip
    await life.check()


async def test_citizens_who_cancel_and_book_meanwhile_lose_nothing(
    life: Life, office: Office, callers: Callers
) -> None:
    visits = [await office.visit(number % 3, f"{8 + number // 3:02}:00") for number in range(9)]
    moves = [cancel_appointment(life.pool, life.clock, access) for access in visits[::3]]
    moves += [office.hold(number, "11:30") for number in range(3)]
    answers = await asyncio.gather(close(callers), *moves, return_exceptions=True)
    assert unforeseen(answers, BookingError) == []
    standing = "SELECT count(*) FROM appointment WHERE state IN ('held', 'confirmed')"
    assert await life.pool.fetchval(standing) == 0
    await life.check()


async def test_only_a_lead_closes_and_what_is_said_must_make_sense(life: Life, callers: Callers) -> None:
    for role in ("clerk", "admin"):
        assert code_of(await callers.staff("POST", "closings", FLOOD, roles=(role,))) == (403, "forbidden")
    nowhere = {"location_id": "00000000-0000-7000-8000-000000000000"}
    assert code_of(await callers.staff("POST", "closings", FLOOD | nowhere)) == (404, "not_found")
    for wrong in (
        {"day": "2026-11-22"},
        {"day": "0001-01-01"},
        {"reason": "\u0000"},
        {"closed_from": "12:00", "closed_to": "12:00"},
        nowhere | {"unit_id": nowhere["location_id"]},
        {"until": "noon"},
    ):
        assert code_of(await callers.staff("POST", "closings", FLOOD | wrong)) == (400, "invalid_request"), wrong
    assert await life.pool.fetchval("SELECT count(*) FROM closure WHERE tenant = $1", TENANT) == 0

"""A clerk is absent from this minute: each visit goes to a colleague, is offered another time, or is called; once."""

import asyncio
import random

import pytest
from tests.booking import sample
from tests.booking.sample import MARRIAGE, PERSO, TENANT, service_id
from tests.booking.support.callers import Callers, code_of
from tests.booking.support.life import Life, at
from tests.booking.support.office import BY_PHONE, LEA, Office, outcomes
from tests.booking.support.outcomes import unforeseen

from booking.domain.attendance import call, check_in
from booking.domain.errors import BookingError, Conflict, PlanStale
from booking.domain.responsibility_rules import ResponsibilityRule
from booking.store.responsibility import lock_catalogue, replace_rules
from booking.usecases.attend_visit import attend_visit
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.configure import configure
from booking.usecases.end_absence import end_absence
from booking.usecases.offer_freed_slots import offer_freed_slots
from kit.ids import uuid7


async def test_colleagues_take_over_the_earliest_first_and_the_rest_is_offered_or_called(
    life: Life, office: Office
) -> None:
    early, late = await office.visit(0, "08:00"), await office.visit(0, "09:00")
    alone, by_phone = await office.visit(0, "10:00"), await office.visit(0, "11:00", contact=BY_PHONE)
    for time in ("10:00", "11:00"):
        for number in (1, 2):
            await office.visit(number, time)
    plan = await office.away(0)
    assert outcomes(plan) == ["reassign", "reassign", "offer_rebooking", "call"]
    assert [measure.appointment_id for measure in plan.measures] == [
        each.appointment_id for each in (early, late, alone, by_phone)
    ]
    assert await office.clerk_of(early) != "Clerk 0"
    assert [(name, live) for name, _, live in await life.clerks_entries(early)] == [
        ("Clerk 0", False),
        (await office.clerk_of(early), True),
    ]
    assert await life.told(early) == ["reassigned"]
    assert await life.told(alone) == ["rebooking_offered"]
    assert await life.told(by_phone) == []
    assert (await life.view(by_phone)).state == "confirmed"
    assert not await office.is_free(0, "09:30")
    assert await office.is_free(0, "09:30", "2026-11-26")
    open_conflicts = await life.pool.fetch("SELECT appointment_id, cause FROM conflict WHERE resolved_at IS NULL")
    assert [tuple(row) for row in open_conflicts] == [(by_phone.appointment_id, "absence")]
    await life.check()


async def test_a_look_changes_nothing_and_says_what_will_be_done(life: Life, office: Office) -> None:
    access = await office.visit(0)
    looked = await office.plan(0)
    assert await life.told(access) == []
    assert await office.clerk_of(access) == "Clerk 0"
    done = await office.away(0, plan=looked.plan)
    assert (done.plan, done.measures) == (looked.plan, looked.measures)
    assert done.id is not None
    assert looked.measures[0].clerk == await office.clerk_of(access)


async def test_a_stale_plan_is_not_applied(life: Life, office: Office) -> None:
    await office.visit(0)
    looked = await office.plan(0)
    second = await office.visit(0, "09:00")
    with pytest.raises(PlanStale):
        await office.away(0, plan=looked.plan)
    assert await office.clerk_of(second) == "Clerk 0"
    assert await life.pool.fetchval("SELECT count(*) FROM absence") == 0
    assert await office.is_free(0, "10:00")
    await life.check()


async def test_from_this_minute_who_is_served_stays_and_who_waits_is_taken_over(life: Life, office: Office) -> None:
    served, waits = await office.visit(0, "08:00"), await office.visit(0, "08:15")
    begun, coming = await office.visit(0, "08:30"), await office.visit(0, "10:00")
    life.clock.now = at("08:25")
    await attend_visit(life.pool, life.clock, served, check_in, LEA)
    await attend_visit(life.pool, life.clock, served, call, LEA)
    await attend_visit(life.pool, life.clock, waits, check_in, LEA)
    life.clock.now = at("08:31")
    plan = await office.away(0, since=None)
    assert {m.appointment_id: m.outcome for m in plan.measures} == {
        waits.appointment_id: "reassign",
        coming.appointment_id: "reassign",
    }
    assert [await office.clerk_of(access) for access in (served, begun)] == ["Clerk 0", "Clerk 0"]
    assert (await life.view(waits)).state == "checked_in"


async def test_who_has_arrived_and_finds_no_colleague_is_spoken_to(life: Life, office: Office) -> None:
    waits = await office.visit(0, "08:00")
    for number in (1, 2):
        await office.visit(number, "08:00")
    life.clock.now = at("07:55")
    await attend_visit(life.pool, life.clock, waits, check_in, LEA)
    assert outcomes(await office.away(0, since=None)) == ["call"]


async def test_what_is_only_reserved_goes_to_a_colleague_too_or_is_called_off(life: Life, office: Office) -> None:
    held, paying = await office.hold(0, "08:00"), await office.hold(0, "09:00")
    await life.confirm(paying)
    for number in (1, 2):
        await office.visit(number, "09:00")
    assert outcomes(await office.away(0)) == ["reassign", "cancel"]
    assert (await life.confirm(held, "counter")).clerk.display_name != "Clerk 0"
    assert (await life.view(paying)).state == "cancelled_by_office"
    assert [verb for verb, _ in await life.commands(paying)] == ["cancel"]
    await life.check()


async def test_only_the_absence_is_closed_and_only_its_visits_move(life: Life, office: Office) -> None:
    visits = [await office.visit(0, time) for time in ("08:00", "09:00", "10:00")]
    await office.away(0, "08:30", "09:30")
    assert [await office.clerk_of(access) == "Clerk 0" for access in visits] == [True, False, True]
    assert [await office.is_free(0, time) for time in ("08:15", "08:30", "09:15", "09:30")] == [
        True, False, False, True,
    ]  # fmt: skip
    await life.check()


async def test_only_a_colleague_with_the_skill_takes_it_over(life: Life, office: Office) -> None:
    await life.booked(service=MARRIAGE)
    await life.pool.execute("UPDATE clerk SET display_name = 'Clerk 9' WHERE display_name = 'Registrar'")
    assert outcomes(await office.away(9)) == ["offer_rebooking"]


async def test_the_deputy_takes_over_first(life: Life, office: Office) -> None:
    access, others = await office.visit(0, "08:00"), [await office.visit(2, f"09:{n * 15:02}") for n in range(3)]
    rule = ResponsibilityRule(
        id=uuid7(), name="A-K", service_ids=(service_id(PERSO),), clerk_id=await office.clerk(0),
        deputy_id=await office.clerk(2),
    )  # fmt: skip
    async with life.pool.acquire() as connection, connection.transaction():
        await replace_rules(connection, TENANT, [rule])
        await lock_catalogue(connection, TENANT)
    await office.away(0)
    assert await office.clerk_of(access) == "Clerk 2", "though Clerk 1 has nothing to do"
    assert [await life.told(each) for each in others] == [[]] * 3


async def test_nobody_is_told_twice(life: Life, office: Office) -> None:
    moved, called = await office.visit(0, "08:00"), await office.visit(0, "10:00", contact=BY_PHONE)
    for number in (1, 2):
        await office.visit(number, "10:00")
    first = await office.away(0, until="12:00", key="k")
    assert await office.away(0, until="12:00", key="k") == first
    with pytest.raises(Conflict):
        await office.away(0, until="11:00")
    assert outcomes(await office.away(0)) == ["call"], "longer: only who stands there still"
    assert await life.told(moved) == ["reassigned"]
    assert await life.pool.fetchval("SELECT count(*) FROM call_list") == 1
    assert await life.told(called) == []


async def test_applied_twice_at_once_it_is_applied_once(life: Life, office: Office) -> None:
    visits = [await office.visit(0, f"{8 + n // 4:02}:{n % 4 * 15:02}") for n in range(6)]
    answers = await asyncio.gather(*(office.away(0) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 4
    assert [await life.told(access) for access in visits] == [["reassigned"]] * 6
    await life.check()


async def test_citizens_who_cancel_move_and_book_while_it_is_applied_lose_nothing(life: Life, office: Office) -> None:
    """Whoever comes first: afterwards nobody stands in the absence, and all is consistent."""
    visits = [await office.visit(0, f"{8 + n // 4:02}:{n % 4 * 15:02}") for n in range(8)]
    moves = [office.away(0), *(cancel_appointment(life.pool, life.clock, access) for access in visits[:3])]
    moves += [life.move(access, "11:45", "2026-11-26") for access in visits[3:5]]
    moves += [office.hold(0, f"10:{15 * n:02}") for n in range(3)]
    random.shuffle(moves)
    answers = await asyncio.gather(*moves, return_exceptions=True)
    assert unforeseen(answers, BookingError) == []
    left = await life.pool.fetchval(
        "SELECT count(*) FROM appointment a JOIN lane l ON l.id = a.lane_id JOIN clerk c ON c.id = l.clerk_id"
        " WHERE c.display_name = 'Clerk 0' AND a.starts_at BETWEEN $1 AND $2 AND a.state IN ('held', 'confirmed')",
        at("00:00"),
        at("23:55"),
    )
    assert left == 0
    await life.check()


async def test_back_before_time_what_is_left_opens_again(life: Life, office: Office) -> None:
    access = await office.visit(0, "10:00", contact=BY_PHONE)
    for number in (1, 2):
        await office.visit(number, "10:00")
    absence_id = (await office.away(0)).id
    assert absence_id
    catalogue = await life.catalogues.get(TENANT)
    for _ in "ab":
        await end_absence(life.pool, catalogue, life.clock, absence_id, LEA, for_others=True)
    assert await office.is_free(0, "09:00")
    assert await life.pool.fetchval("SELECT count(*) FROM conflict WHERE resolved_at IS NULL") == 0
    assert await life.told(access) == []
    assert await life.pool.fetchval("SELECT count(*) FROM call_list") == 0
    assert outcomes(await office.plan(0)) == ["reassign", "call"], "the hold made just now, and the visit again"
    await life.check()


async def test_a_slot_held_for_the_waitlist_is_let_go(life: Life, office: Office) -> None:
    waiting = await office.visit(1, "11:00")
    await life.pool.execute(
        "INSERT INTO waitlist_entry (appointment_id, tenant, created_at) VALUES ($1, $2, now())",
        waiting.appointment_id,
        TENANT,
    )
    left = await office.visit(0, "08:00")
    await cancel_appointment(life.pool, life.clock, left)
    await offer_freed_slots(life.pool, life.catalogues, life.clock)
    assert (await life.view(waiting)).earlier is not None
    assert outcomes(await office.away(0)) == []
    assert (await life.view(waiting)).earlier is None
    await life.check()


async def test_clerks_enter_absences_of_their_own(life: Life, office: Office, callers: Callers) -> None:
    anna, bernd = await office.clerk(0), await office.clerk(1)
    body = {"clerk_id": str(anna), "starts_at": "2026-11-25T00:00:00+01:00", "ends_at": "2026-11-26T00:00:00+01:00"}
    anna_says: dict[str, object] = {"roles": ("clerk",), "subject": "anna.claessen"}
    refused = await callers.staff("POST", "absences", body | {"clerk_id": str(bernd)}, **anna_says)
    assert code_of(refused) == (403, "forbidden")
    assert code_of(await callers.staff("POST", "absences", body, roles=("admin",))) == (403, "forbidden")
    assert code_of(await callers.staff("POST", "absences", body, tenant="anderswo")) == (404, "not_found")
    answer = await callers.staff("POST", "absences", body, **anna_says)
    assert answer.status_code == 200
    listed = await callers.staff("GET", "absences", roles=("clerk",))
    assert [item["id"] for item in listed.json()["items"]] == [answer.json()["id"]]
    path = f"absences/{answer.json()['id']}/end"
    assert code_of(await callers.staff("POST", path, roles=("clerk",), subject="bernd.lennartz")) == (403, "forbidden")
    assert (await callers.staff("POST", path, **anna_says)).json()["ended_at"] is not None
    assert (await callers.staff("GET", "absences")).json()["items"] == []


async def test_the_calls(life: Life, office: Office, callers: Callers) -> None:
    access = await office.visit(0, "10:00", contact=BY_PHONE)
    for number in (1, 2):
        await office.visit(number, "10:00")
    body = {
        "clerk_id": str(await office.clerk(0)),
        "ends_at": "2026-11-26T00:00:00+01:00",
        "note": "Um\x00Nachsicht",
    }
    looked = await callers.staff("POST", "absences", body | {"dry_run": True})
    assert [measure["outcome"] for measure in looked.json()["measures"]] == ["call"]
    stale = await callers.staff("POST", "absences", body | {"plan": "0" * 32})
    assert code_of(stale) == (409, "plan_stale")
    answers = [await callers.staff("POST", "absences", body | {"plan": looked.json()["plan"]}, key="k") for _ in "ab"]
    assert answers[0].json() == answers[1].json()
    for wrong in (
        {"ends_at": "2026-11-22T00:00:00+01:00"},
        {"ends_at": "2028-11-22T00:00:00+01:00"},
        {"starts_at": 7},
        {"why": "ill"},
    ):
        assert code_of(await callers.staff("POST", "absences", body | wrong)) == (400, "invalid_request")
    calls = (await callers.staff("GET", "call-list", roles=("clerk",))).json()["items"]
    assert [(item["appointment_id"], item["phone"], item["note"]) for item in calls] == [
        (str(access.appointment_id), "02452 130", "Um Nachsicht")
    ]
    assert calls[0]["start"] == "2026-11-25T10:00:00+01:00"
    await configure(life.pool, sample.files(slug="anderswo"), life.clock)
    assert (await callers.staff("GET", "call-list", tenant="anderswo")).json()["items"] == []
    done = f"call-list/{calls[0]['id']}/done"
    assert code_of(await callers.staff("POST", done, tenant="anderswo")) == (404, "not_found")
    assert [(await callers.staff("POST", done, roles=("clerk",))).status_code for _ in "ab"] == [204, 204]
    assert (await callers.staff("GET", "call-list")).json()["items"] == []


async def test_a_visit_that_moved_needs_no_call(life: Life, office: Office, callers: Callers) -> None:
    access = await office.visit(0, "10:00", contact=BY_PHONE)
    for number in (1, 2):
        await office.visit(number, "10:00")
    await office.away(0)
    await life.move(access, "10:00", "2026-11-26")
    assert (await callers.staff("GET", "call-list")).json()["items"] == []

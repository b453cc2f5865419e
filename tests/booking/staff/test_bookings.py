"""Booking for who calls, stands at the counter or walks in; moving a visit; and overbooking, by the right role."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.booking.sample import MARRIAGE, PERSO, TENANT, service_id
from tests.booking.support.desk import Desk
from tests.booking.support.life import at

from booking.domain.appointment import By
from booking.domain.configuration import id_for
from booking.domain.hold import staff_options
from booking.domain.slots import Span, span_bits
from booking.domain.visit_plan import plan_visit
from booking.store.bits import to_bit
from booking.usecases.book_for_caller import StaffBooking
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.hold_slot import Request, hold_slot
from booking.usecases.view_appointment import Access
from kit.idempotency import fingerprint

CONTACT = {"given_name": "Erika", "family_name": "Mustermann", "phone": "02452 4711"}


def clerk_id(number: int) -> str:
    return str(id_for(TENANT, "clerk", f"Clerk {number}"))


def body(time: str | None = "08:00", day: str = "2026-11-25", service: str = PERSO, **more: Any) -> dict[str, Any]:
    start = {"start": at(time, day).isoformat()} if time else {}
    items = [{"service_id": str(service_id(service)), "quantity": 1}]
    return {"items": items, "booked_via": "phone", "contact": CONTACT} | start | more


async def book(desk: Desk, *args: Any, token: str | None = None, key: str | None = None, **more: Any) -> Any:
    return await desk.post("/appointments", body(*args, **more), token=token, key=key)


def walk_in(**more: Any) -> dict[str, Any]:
    return {"items": [{"service_id": str(service_id(PERSO))}], "booked_via": "walk_in"} | more


def access(answer: Any) -> Access:
    return Access(TENANT, UUID(answer.json()["id"]))


async def test_a_caller_has_the_appointment_at_once(desk: Desk) -> None:
    answer = await book(desk)
    visit = answer.json()
    assert (answer.status_code, visit["state"], visit["booked_via"]) == (201, "confirmed", "phone"), answer.text
    assert (visit["person"]["phone"], visit["payment"]["mode"]) == ("02452 4711", "counter")
    assert [(each["action"], each["actor"]) for each in visit["history"]] == [
        ("hold", "staff:anna.claessen"),
        ("confirm", "staff:anna.claessen"),
    ]
    assert await desk.life.events(access(answer)) == ["held", "confirmed"]
    await desk.life.check()


async def test_no_notice_window_step_or_quota_binds_the_staff(desk: Desk) -> None:
    await desk.life.pool.execute("UPDATE day_mask SET public = $1", to_bit(span_bits(Span(96, 108))))  # until 9:00
    desk.clock.now = at("09:42", "2026-11-23")
    for time, day in (("09:45", "2026-11-23"), ("10:35", "2026-11-24"), ("11:00", "2027-01-25")):
        answer = await book(desk, time, day)
        assert (answer.status_code, answer.json().get("start")) == (201, at(time, day).isoformat()), answer.text
    for time, day in (("09:30", "2026-11-23"), ("13:00", "2026-11-24"), ("08:02", "2026-11-24")):
        refused = await book(desk, time, day)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "start")


async def test_the_staff_see_the_times_that_they_may_book(desk: Desk) -> None:
    await desk.life.pool.execute("UPDATE day_mask SET public = $1", to_bit(span_bits(Span(96, 108))))
    desk.clock.now = at("11:32", "2026-11-23")
    query = {"items": f"{service_id(PERSO)}:1", "days": 1}
    (day,) = (await desk.get("/availability", **query)).json()["days"]
    assert day["times"] == ["11:30", "11:35", "11:40", "11:45"]
    await book(desk, "11:40", "2026-11-23", clerk_id=clerk_id(0))
    (day,) = (await desk.get("/availability", **query, clerk="me")).json()["days"]
    assert day["times"] == []
    assert (await desk.get("/availability", desk.token("admin"), **query)).status_code == 403
    for field, value in (("days", 63), ("clerk", str(uuid4())), ("items", "x"), ("from", "2020-01-01")):
        assert (await desk.get("/availability", **(query | {field: value}))).status_code == 400, field


async def test_a_clerk_may_be_named(desk: Desk) -> None:
    assert (await book(desk, clerk_id=clerk_id(2))).json()["clerk"]["display_name"] == "Clerk 2"
    taken = await book(desk, clerk_id=clerk_id(2))
    assert (taken.status_code, taken.json()["code"]) == (409, "slot_taken")
    assert (await book(desk, clerk_id=str(uuid4()))).json()["errors"][0]["field"] == "clerk_id"
    assert (await book(desk, service=MARRIAGE, clerk_id=clerk_id(0))).status_code == 400


async def test_what_the_public_pays_before_is_taken_at_the_counter_or_waived(desk: Desk) -> None:
    await desk.life.pool.execute("UPDATE service SET payment_policy = 'online_required'")
    await desk.life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    due, waived = await book(desk), await book(desk, payment="waived")
    assert (due.json()["payment"]["mode"], due.json()["flags"]) == ("counter", ["fee_due", "no_mail"])
    assert (waived.json()["payment"]["mode"], waived.json()["flags"]) == ("none", ["no_mail"])
    assert (await book(desk, "09:00", service=MARRIAGE)).json()["payment"]["mode"] == "counter"  # on request


async def test_the_same_key_books_once_also_after_a_crash_in_between(desk: Desk) -> None:
    first, second = await book(desk, key="k"), await book(desk, key="k")
    assert first.json() == second.json()
    reused = await book(desk, "09:00", key="k")
    assert (reused.status_code, reused.json()["code"]) == (409, "idempotency_key_reused")


async def test_who_dies_between_the_two_steps_leaves_what_the_same_key_goes_on_with(desk: Desk) -> None:
    booking = msgspec.convert(body("10:00"), StaffBooking)
    catalogue = await desk.life.catalogues.get(TENANT)
    options = staff_options(By("staff", "anna.claessen"), "phone")
    held = await hold_slot(
        desk.life.pool,
        catalogue,
        plan_visit(catalogue, booking.items),
        Request(at("10:00"), "k", fingerprint(booking), options),
        desk.clock(),
    )
    desk.life.later(minutes=16)
    await expire_appointments(desk.life.pool, desk.clock)
    again = await book(desk, "10:00", key="k")
    assert (again.json()["id"], again.json()["state"]) == (str(held.id), "confirmed")
    await desk.life.check()


async def test_many_callers_at_once_get_what_is_there(desk: Desk) -> None:
    answers = await asyncio.gather(*(book(desk) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 9
    await desk.life.check()


async def test_who_walks_in_is_served_next(desk: Desk) -> None:
    desk.clock.now = at("08:07", "2026-11-23")
    numbers = set()
    for start in ("08:05", "08:05", "08:05", "08:20"):
        answer = await desk.post("/appointments", walk_in())
        visit = answer.json()
        assert (answer.status_code, visit["state"]) == (201, "checked_in"), answer.text
        assert visit["start"] == at(start, "2026-11-23").isoformat()
        assert (visit["person"], visit["booked_via"]) == (None, "walk_in")
        numbers.add(visit["number"])
    assert len(numbers) == 4
    certain = await desk.post("/appointments", walk_in(clerk_id=clerk_id(1), contact=CONTACT))
    assert certain.json()["clerk"]["display_name"] == "Clerk 1"
    for verb in ("call", "completion"):
        assert (await desk.do(access(certain), verb)).status_code == 200
    await desk.life.check()


async def test_nobody_walks_in_after_hours(desk: Desk) -> None:
    desk.clock.now = at("11:50", "2026-11-23")
    answer = await desk.post("/appointments", walk_in())
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert await desk.life.pool.fetchval("SELECT count(*) FROM appointment") == 0


async def test_a_lead_overbooks_and_a_clerk_does_not(desk: Desk) -> None:
    lead = desk.token("lead", subject="bernd.lennartz")
    first = await book(desk, clerk_id=clerk_id(0))
    refused = await book(desk, clerk_id=clerk_id(0), overbook=True)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    answer = await book(desk, clerk_id=clerk_id(0), overbook=True, token=lead)
    assert (answer.status_code, answer.json()["state"]) == (201, "confirmed"), answer.text
    assert "overbooked" in answer.json()["flags"]
    assert answer.json()["clerk"] == first.json()["clerk"]
    assert answer.json()["history"][0]["actor"] == "staff:bernd.lennartz"
    entries = await desk.life.pool.fetchval("SELECT count(*) FROM assignment WHERE live")
    assert entries == 2  # both stand in the clerk's calendar
    await desk.life.check()
    again = await book(desk, clerk_id=clerk_id(0), overbook=True, token=lead, key="k")
    assert (await book(desk, clerk_id=clerk_id(0), overbook=True, token=lead, key="k")).json() == again.json()


async def test_overbooking_takes_a_time_that_is_free_like_any_other(desk: Desk) -> None:
    answer = await book(desk, clerk_id=clerk_id(0), overbook=True, token=desk.token("lead"))
    assert "overbooked" not in answer.json()["flags"]
    await desk.life.check()


async def test_nobody_is_overbooked_outside_the_hours(desk: Desk) -> None:
    answer = await book(desk, "13:00", clerk_id=clerk_id(0), overbook=True, token=desk.token("lead"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "start")


async def overbooked(desk: Desk) -> Access:
    await book(desk, clerk_id=clerk_id(0))
    return access(await book(desk, clerk_id=clerk_id(0), overbook=True, token=desk.token("lead")))


async def test_an_overbooked_visit_that_moves_gets_a_slot(desk: Desk) -> None:
    visit = await overbooked(desk)
    answer = await desk.do(visit, "reschedule", {"start": at("09:00").isoformat()})
    assert "overbooked" not in answer.json()["flags"]
    await desk.life.check()


async def test_an_overbooked_visit_that_is_reassigned_gets_a_slot(desk: Desk) -> None:
    visit = await overbooked(desk)
    answer = await desk.do(visit, "reassignment", {"clerk_id": clerk_id(1)})
    assert (answer.json()["clerk"]["display_name"], "overbooked" in answer.json()["flags"]) == ("Clerk 1", False)
    await desk.life.check()


async def test_an_overbooked_visit_that_is_cancelled_frees_nobodys_slot(desk: Desk) -> None:
    visit = await overbooked(desk)
    await desk.do(visit, "cancellation", {})
    await desk.life.check()
    assert (await book(desk, clerk_id=clerk_id(0))).status_code == 409


async def test_an_overbooked_visit_lives_its_day_like_any_other(desk: Desk) -> None:
    visit = await overbooked(desk)
    desk.clock.now = at("08:00")
    for verb in ("no-show", "check-in", "call", "completion", "call", "completion"):
        assert (await desk.do(visit, verb)).status_code == 200, verb
        await desk.life.check()


async def test_who_walks_in_may_be_overbooked_too(desk: Desk) -> None:
    desk.clock.now = at("08:07", "2026-11-23")
    for _ in range(3):
        await desk.post("/appointments", walk_in())
    answer = await desk.post("/appointments", walk_in(clerk_id=clerk_id(0), overbook=True), token=desk.token("lead"))
    assert (answer.json()["start"], answer.json()["flags"]) == (
        at("08:05", "2026-11-23").isoformat(),
        ["overbooked", "fee_due"],
    )
    await desk.life.check()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (body(None), "start"),
        (body(contact=None), "contact"),
        (body(contact=CONTACT | {"phone": None}), "contact.email"),
        (body(booked_via="online"), "booked_via"),
        (body(items=[]), "items"),
        (body(channel="video"), "channel"),
        (body(overbook=True), "clerk_id"),
        (body(location_id=str(uuid4())), "location_id"),
        (body(start="0001-01-01T00:00:00Z"), "start"),
        (body(start="9999-12-31T23:55:00Z"), "start"),
        (body(start="2026-11-25T08:00:00"), "start"),
        (body(extra=1), "extra"),
        (walk_in(start=at("08:00").isoformat()), "start"),
        (walk_in(channel="phone"), "channel"),
    ],
)
async def test_wrong_input_names_its_field(desk: Desk, given: dict[str, Any], field: str) -> None:
    answer = await desk.post("/appointments", given, token=desk.token("lead"))
    assert (answer.status_code, field in answer.text) == (400, True), answer.text


async def test_only_those_who_handle_visits_book(desk: Desk) -> None:
    assert (await desk.client.post("/v1/staff/appointments", json=body())).status_code in (400, 401)
    assert (await book(desk, token=desk.token("admin"))).status_code == 403
    assert (await book(desk, token=desk.token("clerk", tenant="otherstadt"))).status_code == 404


async def test_the_staff_move_a_visit_without_deadline_and_to_a_clerk(desk: Desk) -> None:
    await desk.life.pool.execute("UPDATE offering SET reschedule_until_h = 48")
    visit = access(await book(desk))
    number = (await desk.life.view(visit)).number
    desk.clock.now = at("11:00")  # it was forgotten this morning
    answer = await desk.do(visit, "reschedule", {"start": at("11:05").isoformat(), "clerk_id": clerk_id(2)})
    assert (answer.status_code, answer.json()["number"], answer.json()["clerk"]["display_name"]) == (
        200,
        number,
        "Clerk 2",
    ), answer.text
    assert (await desk.life.events(visit))[-1] == "moved"
    assert answer.json()["history"][-1] | {"at": None} == {
        "action": "move",
        "actor": "staff:anna.claessen",
        "at": None,
    }
    same = await desk.do(visit, "reschedule", {"start": at("11:05").isoformat()})
    assert (same.status_code, same.json()["errors"][0]["field"]) == (400, "start")
    for _ in range(2):
        await book(desk, "11:30")
    taken = await desk.do(visit, "reschedule", {"start": at("11:30").isoformat(), "clerk_id": clerk_id(0)})
    assert taken.status_code in (200, 409)
    await desk.life.check()


async def test_only_what_is_booked_moves_and_only_by_the_right_role(desk: Desk) -> None:
    held = await desk.life.hold()
    move = {"start": at("09:00").isoformat()}
    assert (await desk.do(held, "reschedule", move)).status_code == 409
    visit = access(await book(desk))
    assert (await desk.do(visit, "reschedule", move, token=desk.token("admin"))).status_code == 403
    assert (await desk.do(visit, "reschedule", move, token=desk.token("clerk", tenant="x"))).status_code == 404
    assert (await desk.do(uuid4(), "reschedule", move)).status_code == 404

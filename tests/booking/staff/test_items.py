"""The staff changes what a visit is for, and marks what an online payment left to pay."""

from tests.booking.sample import PASS, PERSO, service_id
from tests.booking.support.desk import Desk
from tests.booking.support.life import at

PERSO_ID, PASS_ID = str(service_id(PERSO)), str(service_id(PASS))


async def test_a_visit_is_for_more_and_the_difference_is_paid_at_the_counter(desk: Desk) -> None:
    access = await desk.life.paid()
    items = [{"service_id": PERSO_ID}, {"service_id": PASS_ID}]
    changed = await desk.do(access, "items", {"items": items})
    payment = changed.json()["payment"]
    assert (changed.status_code, payment["due_at_counter"]["amount_cents"]) == (200, 7000), changed.text
    assert changed.json()["flags"] == ["fee_due"]
    marked = await desk.do(access, "counter-payment", {"amount_cents": 7000})
    assert (marked.status_code, marked.json()["flags"]) == (200, [])
    await desk.life.check()


async def test_what_does_not_fit_is_answered_with_times_that_do(desk: Desk) -> None:
    accesses = [await desk.life.hold(at("08:00")) for _ in range(3)]
    for access in accesses:
        await desk.life.confirm(access, "counter")
    for _ in range(3):
        await desk.life.hold(at("08:15"))
    refused = await desk.do(accesses[0], "items", {"items": [{"service_id": PERSO_ID, "quantity": 2}]})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "slot_taken")
    assert problem["alternatives"][0] == "2026-11-25T08:30:00+01:00"
    body = {"items": [{"service_id": PERSO_ID, "quantity": 2}], "start": problem["alternatives"][0]}
    moved = await desk.do(accesses[0], "items", body)
    assert (moved.status_code, moved.json()["end"]) == (200, "2026-11-25T08:55:00+01:00")

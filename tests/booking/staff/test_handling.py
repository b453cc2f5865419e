"""A visit's day in the staff's hands: each step by its call, by the right role, once."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tests.booking.sample import PASS, service_id
from tests.booking.support.desk import Desk
from tests.booking.support.life import at

from booking.domain.errors import BookingError
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.send_commands import send_commands
from booking.usecases.view_appointment import Access

STEPS = [
    ("check-in", None),
    ("call", None),
    ("completion", None),
    ("no-show", None),
    ("cancellation", {"note": "Wasserrohrbruch"}),
    ("reassignment", {"clerk_id": str(uuid4())}),
    ("items", {"items": [{"service_id": str(service_id(PASS))}]}),
    ("counter-payment", {"amount_cents": 4600}),
]


async def on_the_day(desk: Desk, time: str = "08:00") -> Access:
    """A visit on Wednesday, and the clock at its start."""
    access = await desk.life.booked(time)
    desk.clock.now = at(time)
    return access


async def state(desk: Desk, access: Access) -> str:
    return (await desk.life.view(access)).state


async def test_a_visit_is_checked_in_called_and_completed(desk: Desk) -> None:
    access = await on_the_day(desk)
    for verb, state_ in (("check-in", "checked_in"), ("call", "in_service"), ("completion", "completed")):
        answer = await desk.do(access, verb)
        assert (answer.status_code, answer.json().get("state")) == (200, state_), answer.text
    assert (await desk.life.events(access))[2:] == ["checked_in", "called", "completed"]
    history = [(each["action"], each["actor"]) for each in answer.json()["history"]]
    assert history[-3:] == [(verb, "staff:anna.claessen") for verb in ("check_in", "call", "complete")]
    await desk.life.check()


async def test_who_does_not_come_leaves_the_time_to_others(desk: Desk) -> None:
    access = await on_the_day(desk)
    assert (await desk.do(access, "no-show")).json()["state"] == "no_show"
    assert (await desk.life.events(access))[-1] == "missed"
    await desk.life.check()


@pytest.mark.parametrize("verb", ["check-in", "call", "completion", "no-show"])
async def test_nothing_of_the_day_happens_before_it(desk: Desk, verb: str) -> None:
    access = await desk.life.booked()
    answer = await desk.do(access, verb)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_early")
    assert await state(desk, access) == "confirmed"


async def test_a_visit_is_missed_from_its_start_on_only(desk: Desk) -> None:
    access = await on_the_day(desk, "09:00")
    desk.clock.now = at("08:59")
    assert (await desk.do(access, "no-show")).json()["code"] == "too_early"
    assert (await desk.do(access, "check-in")).status_code == 200


async def test_the_end_is_recorded_the_next_morning_the_arrival_is_not(desk: Desk) -> None:
    access = await desk.life.booked()
    desk.clock.now = at("08:00", "2026-11-26")
    flags = (await desk.get(f"/appointments/{access.appointment_id}")).json()["flags"]
    assert "not_recorded" in flags
    assert (await desk.do(access, "check-in")).json()["code"] == "too_late"
    answer = await desk.do(access, "completion")
    assert (answer.json()["state"], "not_recorded" in answer.json()["flags"]) == ("completed", False)


async def test_who_comes_late_takes_the_own_time_again(desk: Desk) -> None:
    access = await on_the_day(desk)
    await desk.do(access, "no-show")
    answer = await desk.do(access, "check-in")
    assert (answer.json()["state"], answer.json()["flags"]) == ("checked_in", ["fee_due"])
    await desk.life.check()


async def test_who_comes_late_is_served_beside_who_has_the_time_now(desk: Desk) -> None:
    accesses = [await desk.life.booked("10:30") for _ in range(3)]
    desk.clock.now = at("10:30")
    await desk.do(accesses[0], "no-show")
    desk.clock.now = at("07:00")  # a clock of the test's, so that a citizen may book what became free
    other = await desk.life.booked("10:30")
    desk.clock.now = at("10:40")
    answer = await desk.do(accesses[0], "check-in")
    assert answer.json()["state"] == "checked_in"
    assert "overbooked" in answer.json()["flags"]
    assert await state(desk, other) == "confirmed"
    for verb in ("no-show", "check-in", "call", "completion"):
        assert (await desk.do(accesses[0], verb)).status_code == 200
        await desk.life.check()


async def test_a_visit_closed_by_mistake_is_opened_again(desk: Desk) -> None:
    access = await on_the_day(desk)
    await desk.do(access, "completion")
    assert (await desk.do(access, "call")).json()["state"] == "in_service"
    await desk.life.check()


async def test_the_same_key_is_one_step_and_another_key_a_conflict(desk: Desk) -> None:
    access = await on_the_day(desk)
    first, second = [await desk.do(access, "check-in", key="once") for _ in range(2)]
    assert (first.status_code, first.json()) == (200, second.json())
    again = await desk.do(access, "check-in")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(("verb", "body"), STEPS)
async def test_no_token_a_wrong_role_another_town(desk: Desk, verb: str, body: Any) -> None:
    access = await on_the_day(desk)
    path = f"/v1/staff/appointments/{access.appointment_id}/{verb}"
    bare = await desk.client.post(path, json=body, headers={"Idempotency-Key": "k"})
    assert bare.status_code == 401
    strange = await desk.do(access, verb, body, token=desk.token("clerk", key="the-key-of-another-house"))
    assert strange.status_code == 401
    for roles in (("admin",), ("treasurer",), ()):
        refused = await desk.do(access, verb, body, token=desk.token(*roles))
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    other = await desk.do(access, verb, body, token=desk.token("clerk", tenant="otherstadt"))
    unknown = await desk.do(uuid4(), verb, body)
    assert (other.status_code, other.json()) == (404, unknown.json())
    assert await state(desk, access) == "confirmed"
    keyless = await desk.client.post(path, json=body, headers={"Authorization": f"Bearer {desk.token('clerk')}"})
    assert keyless.status_code == 400


async def test_a_citizens_token_is_no_staff_token(desk: Desk) -> None:
    access = await on_the_day(desk)
    answer = await desk.do(access, "check-in", token="AAAA.BBBB")
    assert answer.status_code == 401


async def test_the_office_cancels_and_gives_everything_back(desk: Desk) -> None:
    life = desk.life
    access = await life.hold(service=PASS)
    await life.confirm(access)
    paid = await life.pay(access)
    life.later(days=1, hours=23, minutes=50)  # ten minutes before
    answer = await desk.do(access, "cancellation", {"note": "  Wasserrohrbruch\u0000 im Rathaus "})
    assert (answer.json()["state"], answer.json()["office_note"]) == (
        "cancelled_by_office",
        "Wasserrohrbruch  im Rathaus",
    )
    await send_commands(life.pool, life.client, life.clock)
    (refund,) = life.payment.refunds
    assert (refund.amount_cents, refund.reason) == (7000, "cancelled_by_office")
    await life.hear(life.payment.payments[paid.payment.id])  # type: ignore[index] # it has one
    shown = (await desk.get(f"/appointments/{access.appointment_id}")).json()
    assert shown["payment"]["refunded"]["amount_cents"] == 7000
    await life.check()


async def test_on_the_citizens_word_it_is_the_citizens_cancellation(desk: Desk) -> None:
    access = await desk.life.booked()
    answer = await desk.do(access, "cancellation", {"note": "krank", "on_behalf_of_citizen": True})
    assert (answer.json()["state"], answer.json()["office_note"]) == ("cancelled_by_citizen", "")
    assert answer.json()["history"][-1]["actor"] == "staff:anna.claessen"
    reason = await desk.life.pool.fetchval("SELECT cancellation_reason FROM contact")
    assert reason == "krank"


async def test_what_is_cancelled_stays_so(desk: Desk) -> None:
    access = await desk.life.booked()
    await desk.do(access, "cancellation", {})
    for verb, body in STEPS:
        if verb != "reassignment":
            assert (await desk.do(access, verb, body)).status_code == 409, verb


async def test_a_fee_is_marked_as_paid_at_the_counter(desk: Desk) -> None:
    access = await on_the_day(desk)
    shown = (await desk.get(f"/appointments/{access.appointment_id}")).json()
    assert "fee_due" in shown["flags"]
    for cents in (4000, 4600):  # the second corrects the first
        shown = (await desk.do(access, "counter-payment", {"amount_cents": cents})).json()
        assert shown["payment"]["paid_at_counter"] == {"amount_cents": cents, "currency": "EUR"}
    assert shown["flags"] == []
    await desk.life.check()


async def test_what_is_paid_online_is_not_due_at_the_counter(desk: Desk) -> None:
    access = await desk.life.paid()
    answer = await desk.do(access, "counter-payment", {"amount_cents": 4600})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("cents", [-1, 10_000_01, 10**30, "46 €", 1.5, None])
async def test_an_amount_is_a_sum_of_money(desk: Desk, cents: Any) -> None:
    access = await desk.life.booked()
    answer = await desk.do(access, "counter-payment", {"amount_cents": cents})
    assert (answer.status_code, "amount_cents" in answer.text) == (400, True)


async def test_a_failed_capture_makes_the_fee_due_also_while_the_person_is_here(desk: Desk) -> None:
    life = desk.life
    access = await life.hold()
    view = await life.confirm(access)
    assert view.payment.id
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    desk.clock.now = at("08:00")
    await desk.do(access, "check-in")
    await life.hear(life.payment.change(view.payment.id, state="capture_failed"))
    shown = (await desk.get(f"/appointments/{access.appointment_id}")).json()
    assert (shown["payment"]["mode"], shown["flags"]) == ("counter", ["fee_due", "payment_failed"])


async def test_check_in_against_cancellation_leaves_one_winner(desk: Desk) -> None:
    accesses = [await desk.life.booked("08:00") for _ in range(3)] + [await desk.life.booked("08:15") for _ in range(3)]
    desk.clock.now = at("07:50")

    async def citizen_cancels(access: Access) -> int:
        try:
            await cancel_appointment(desk.life.pool, desk.clock, access)
        except BookingError as error:
            return error.status
        return 200

    async def race(access: Access) -> list[int]:
        steps = (desk.do(access, "check-in"), desk.do(access, "cancellation", {}), desk.do(access, "call"))
        cancelled, *answers = await asyncio.gather(citizen_cancels(access), *steps)
        return [cancelled, *(answer.status_code for answer in answers)]

    for access, statuses in zip(accesses, await asyncio.gather(*map(race, accesses)), strict=True):
        assert set(statuses) <= {200, 409}
        assert 200 in statuses
        assert await state(desk, access) in ("cancelled_by_citizen", "cancelled_by_office", "in_service", "checked_in")
    await desk.life.check()

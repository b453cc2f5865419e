"""What the office cannot keep: another time with number and payment kept, or the money back. Exactly one of the two."""

import asyncio
import random
from datetime import timedelta

import pytest
from tests.booking.sample import TENANT
from tests.booking.support.callers import Callers, code_of
from tests.booking.support.life import Life, at
from tests.booking.support.outcomes import unforeseen

from booking.domain.appointment import By
from booking.domain.errors import BookingError, Conflict, TooLate
from booking.usecases.decline_rebooking import decline_rebooking_of, give_up_rebooking
from booking.usecases.offer_rebooking import offer_rebooking_of
from booking.usecases.rebook_appointment import rebook_appointment
from booking.usecases.send_commands import send_commands
from booking.usecases.view_appointment import Access, AppointmentView
from booking.usecases.write_letter import Links, write_letter
from contracts.booking import Letter

CITIZEN, LEA = By("citizen"), By("staff", "lea")


async def offer(life: Life, access: Access, note: str = "Wasserschaden im Rathaus.") -> AppointmentView:
    return await offer_rebooking_of(life.pool, life.clock, access, note, LEA)


async def rebook(life: Life, access: Access, time: str = "10:00", by: By = CITIZEN) -> AppointmentView:
    catalogue = await life.catalogues.get(TENANT)
    return await rebook_appointment(life.pool, catalogue, life.clock, access, at(time, "2026-11-26"), by)


async def letter(life: Life, access: Access) -> Letter:
    links = Links(public_url="https://termine.example", key="link-key-of-the-tests")
    return await write_letter(life.pool, links, life.clock, access.appointment_id)


async def test_the_offer_frees_the_slot_and_keeps_the_money(life: Life) -> None:
    access = await life.paid()
    before = await life.view(access)
    offered = await offer(life, access)
    assert offered.state == "cancelled_by_office"
    assert offered.rebook_until == life.clock() + timedelta(days=7)
    assert [live for _, _, live in await life.clerks_entries(access)] == [False]
    assert await life.commands(access) == [("capture", "paid")]
    said = await letter(life, access)
    assert (said.rebook_until, said.office_note) == (offered.rebook_until, "Wasserschaden im Rathaus.")
    assert (await life.view(access)).payment.paid == before.payment.paid
    await life.check()


async def test_rebooking_keeps_what_identifies_it(life: Life) -> None:
    access = await life.paid()
    before, entry = await life.view(access), await life.citizens_entry(access)
    await offer(life, access)
    booked = await rebook(life, access)
    assert (booked.state, booked.number, booked.rebook_until, booked.office_note) == (
        "confirmed", before.number, None, "",
    )  # fmt: skip
    assert booked.start == at("10:00", "2026-11-26")
    assert booked.payment.paid == before.payment.paid
    assert await life.citizens_entry(access) == (entry[0], entry[1] + 2)
    assert (await life.events(access))[-2:] == ["rebooking_offered", "moved"]
    assert [live for _, _, live in await life.clerks_entries(access)] == [False, True]
    await life.check()


async def test_declining_gives_the_money_back_at_once(life: Life) -> None:
    access = await life.paid()
    await offer(life, access)
    declined = await decline_rebooking_of(life.pool, life.clock, access, CITIZEN)
    assert (declined.state, declined.rebook_until) == ("cancelled_by_office", None)
    await send_commands(life.pool, life.client, life.clock)
    assert [refund.amount_cents for refund in life.payment.refunds] == [4600]
    assert (await life.events(access))[-1] == "cancelled"
    with pytest.raises(Conflict):
        await rebook(life, access)
    await life.check()


async def test_the_clock_declines_when_nobody_chose(life: Life) -> None:
    access = await life.paid()
    offered = await offer(life, access)
    assert offered.rebook_until
    life.clock.now = offered.rebook_until
    with pytest.raises(TooLate):
        await rebook(life, access)
    assert await give_up_rebooking(life.pool, life.clock) == 1
    assert await give_up_rebooking(life.pool, life.clock) == 0
    assert [verb for verb, _ in await life.commands(access)] == ["capture", "refund"]
    assert (await life.view(access)).rebook_until is None


async def test_a_capture_that_arrives_while_the_citizen_chooses_is_kept(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    assert view.payment.id
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    await offer(life, access)
    await send_commands(life.pool, life.client, life.clock)
    await life.hear(life.payment.payments[view.payment.id])
    assert await life.commands(access) == [("capture", "paid")]
    assert (await rebook(life, access)).payment.paid is not None


async def test_a_payment_lost_while_the_citizen_chooses_is_due_at_the_counter(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    assert view.payment.id
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    await offer(life, access)
    await life.hear(life.payment.change(view.payment.id, state="capture_failed"))
    assert (await rebook(life, access)).payment.mode == "counter"


async def test_rebooking_against_declining_has_one_winner(life: Life) -> None:
    for number in range(12):
        access = await life.booked("08:00")
        await offer(life, access)
        life.later(seconds=1)
        moves = [rebook(life, access, f"{8 + number // 4:02}:{number % 4 * 15:02}"),
                 decline_rebooking_of(life.pool, life.clock, access, CITIZEN)]  # fmt: skip
        random.shuffle(moves)
        answers = await asyncio.gather(*moves, return_exceptions=True)
        assert sum(isinstance(answer, Conflict) for answer in answers) == 1
        assert unforeseen(answers, BookingError) == []
        await life.check()


async def test_the_citizens_calls(life: Life, callers: Callers) -> None:
    access = await life.booked()
    assert code_of(await callers.citizen("POST", access, "/rebooking", {"start": "2026-11-26T10:00:00+01:00"})) == (
        409,
        "conflict",
    )
    await offer(life, access)
    shut = await callers.citizen("POST", access, "/rebooking", {"start": "2026-11-28T10:00:00+01:00"})
    assert code_of(shut) == (400, "invalid_request")
    answers = [
        await callers.citizen("POST", access, "/rebooking", {"start": "2026-11-26T10:00:00+01:00"}, key="k")
        for _ in "ab"
    ]
    assert [answer.json()["version"] for answer in answers] == [4, 4]
    await offer(life, access)
    assert (await callers.citizen("POST", access, "/rebooking/refusal")).json()["rebook_until"] is None


async def test_the_staffs_calls(life: Life, callers: Callers) -> None:
    access = await life.booked()
    path = f"appointments/{access.appointment_id}"
    for call, body in (
        ("rebooking-offer", {"note": ""}),
        ("rebooking", {"start": "2026-11-26T10:00:00+01:00"}),
        ("rebooking/refusal", None),
    ):
        assert (await callers.staff("POST", f"{path}/{call}", body, roles=("admin",))).status_code == 403
        assert (await callers.staff("POST", f"{path}/{call}", body, tenant="anderswo")).status_code in (400, 404)
        assert (
            await callers.client.post(f"/v1/staff/{path}/{call}", json=body, headers={"Idempotency-Key": "k"})
        ).status_code == 401
    noted = await callers.staff("POST", f"{path}/rebooking-offer", {"note": "Strom\x00ausfall"}, roles=("clerk",))
    assert noted.json()["office_note"] == "Strom ausfall"
    again = await callers.staff("POST", f"{path}/rebooking", {"start": "2026-11-26T10:00:00+01:00"}, roles=("clerk",))
    assert again.json()["state"] == "confirmed"
    await callers.staff("POST", f"{path}/rebooking-offer", {})
    assert (await callers.staff("POST", f"{path}/rebooking/refusal")).json()["rebook_until"] is None
    signatures = await life.pool.fetch(
        "SELECT DISTINCT actor FROM audit_event WHERE action IN ('rebook', 'decline_rebooking')"
    )
    assert [row["actor"] for row in signatures] == ["staff:lea"]

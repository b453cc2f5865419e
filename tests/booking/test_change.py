"""Another time, or none: one transaction, one winner, the money back."""

import asyncio
import random
from datetime import timedelta

import pytest
from tests.booking.sample import PASS, PERSO, service_id
from tests.booking.support.life import Life, at

from booking.domain.errors import BookingError, Conflict, Invalid, SlotTaken, TooLate
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.send_commands import send_commands
from booking.usecases.view_appointment import Access


async def test_a_visit_moves_and_keeps_what_identifies_it(life: Life) -> None:
    access = await life.booked()
    before = await life.view(access)
    entry, clerks = await life.citizens_entry(access), await life.clerks_entries(access)
    moved = await life.move(access, "10:00", "2026-11-26")
    assert (moved.number, moved.clerk) == (before.number, before.clerk)
    assert moved.start == at("10:00", "2026-11-26")
    assert moved.end - moved.start == before.end - before.start
    assert await life.citizens_entry(access) == (entry[0], 1)
    assert await life.clerks_entries(access) == [(clerks[0][0], 1, True)]
    assert await life.events(access) == ["held", "confirmed", "moved"]
    await life.check()


async def test_a_visit_moves_by_a_quarter_of_an_hour_into_its_own_time(life: Life) -> None:
    access = await life.booked(quantity=3)
    assert (await life.move(access, "08:15")).start == at("08:15")
    await life.check()


async def test_another_clerk_is_a_new_entry_and_the_old_one_is_called_off(life: Life) -> None:
    access = await life.booked()
    clerk = (await life.view(access)).clerk.display_name
    others = [await life.booked("09:00") for _ in range(3)]
    for other in others:
        if (await life.view(other)).clerk.display_name != clerk:
            await cancel_appointment(life.pool, life.clock, other)
    moved = await life.move(access, "09:00")
    assert moved.clerk.display_name != clerk
    assert await life.clerks_entries(access) == [(clerk, 1, False), (moved.clerk.display_name, 0, True)]
    await life.move(access, "08:00", "2026-11-27")
    await life.check()


async def test_a_full_hour_leaves_the_visit_where_it_was(life: Life) -> None:
    access = await life.booked()
    for _ in range(3):
        await life.booked("09:00")
    with pytest.raises(SlotTaken):
        await life.move(access, "09:00")
    assert (await life.view(access)).start == at("08:00")
    assert await life.events(access) == ["held", "confirmed"]
    await life.check()


@pytest.mark.parametrize(
    ("time", "day"),
    [("08:07", "2026-11-25"), ("14:00", "2026-11-25"), ("08:00", "2026-11-20"), ("08:00", "2026-11-28")],
)
async def test_a_time_that_no_list_shows_is_refused(life: Life, time: str, day: str) -> None:
    access = await life.booked()
    with pytest.raises(Invalid):
        await life.move(access, time, day)
    await life.check()


async def test_the_same_time_again_changes_nothing(life: Life) -> None:
    access = await life.booked()
    version = (await life.view(access)).version
    assert (await life.move(access, "08:00")).version == version


async def test_only_live_visits_move_and_only_before_they_begin(life: Life) -> None:
    held = await life.hold()
    assert (await life.move(held, "09:00")).start == at("09:00")  # before the binding step
    await cancel_appointment(life.pool, life.clock, held)
    with pytest.raises(Conflict):
        await life.move(held, "09:15")
    access = await life.booked()
    life.later(days=2, hours=1)
    with pytest.raises(TooLate):
        await life.move(access, "09:00", "2026-11-30")
    with pytest.raises(TooLate):
        await cancel_appointment(life.pool, life.clock, access)


async def test_what_lapsed_does_not_stand_in_the_way_of_a_move(life: Life) -> None:
    access = await life.booked()
    for _ in range(3):
        await life.hold(at("09:00"))
    life.later(minutes=15)
    assert (await life.move(access, "09:00")).start == at("09:00")
    await life.check()


async def test_visits_that_change_places_do_not_wait_for_each_other_for_ever(life: Life) -> None:
    accesses = [await life.booked(f"{hour:02}:00") for hour in (8, 9, 10, 11) for _ in range(3)]
    times = [f"{hour:02}:{minute:02}" for hour in (8, 9, 10, 11) for minute in (0, 15, 30, 45)]
    rng = random.Random(7)

    async def wander(access: Access) -> None:
        for _ in range(6):
            try:
                await life.move(access, rng.choice(times), rng.choice(("2026-11-25", "2026-11-26")))
            except SlotTaken:
                continue

    await asyncio.gather(*(wander(access) for access in accesses))
    assert {(await life.view(access)).state for access in accesses} == {"confirmed"}
    await life.check()


async def test_a_cancellation_frees_the_slot_and_ends_the_calendar_entries(life: Life) -> None:
    accesses = [await life.booked() for _ in range(3)]
    with pytest.raises(SlotTaken):
        await life.hold()
    clerk = (await life.clerks_entries(accesses[0]))[0][0]
    view = await cancel_appointment(life.pool, life.clock, accesses[0], reason="ill")
    assert view.state == "cancelled_by_citizen"
    assert await life.clerks_entries(accesses[0]) == [(clerk, 1, False)]
    assert (await life.citizens_entry(accesses[0]))[1] == 1
    assert (await life.view(await life.hold())).clerk.display_name == clerk
    await life.check()


async def test_a_paid_visit_is_refunded_once(life: Life) -> None:
    access = await life.hold(service=PASS)
    await life.confirm(access)
    view = await life.pay(access)
    for _ in range(2):
        await cancel_appointment(life.pool, life.clock, access)
    await send_commands(life.pool, life.client, life.clock)
    (refund,) = life.payment.refunds
    assert (refund.amount_cents, refund.reason) == (7000, "cancelled_in_time")
    await life.hear(life.payment.payments[view.payment.id])
    assert (await life.view(access)).payment.refunded.amount_cents == 7000
    assert await life.events(access) == ["held", "awaiting_payment", "confirmed", "paid", "cancelled", "refunded"]
    await life.check()


async def test_a_cancellation_withdraws_a_capture_that_was_not_sent(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    await cancel_appointment(life.pool, life.clock, access)
    await send_commands(life.pool, life.client, life.clock)
    assert await life.commands(access) == [("capture", "withdrawn"), ("cancel", "cancelled")]
    await life.check()


async def test_a_capture_that_overtakes_the_cancellation_is_given_back(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    paid = life.payment.change(view.payment.id, state="paid")  # the capture is on its way, its news is not here
    await cancel_appointment(life.pool, life.clock, access)
    await send_commands(life.pool, life.client, life.clock)
    await life.hear(paid)
    await send_commands(life.pool, life.client, life.clock)
    assert [refund.amount_cents for refund in life.payment.refunds] == [4600]
    await life.check()


async def test_who_cancels_at_the_checkout_pays_nothing(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    await cancel_appointment(life.pool, life.clock, access)
    await send_commands(life.pool, life.client, life.clock)
    assert life.payment.payments[view.payment.id].state == "cancelled"
    await life.check()


@pytest.mark.parametrize("seed", range(8))
async def test_cancel_move_expiry_payment_and_switch_at_once_leave_one_winner(life: Life, seed: int) -> None:
    """Twelve appointments of all kinds, and everybody acts on each in the same moment."""
    rng = random.Random(seed)
    accesses = []
    for hour in (8, 9, 10):
        counter, online = await life.hold(at(f"{hour:02}:00")), await life.hold(at(f"{hour:02}:30"))
        await life.confirm(counter, "counter")
        await life.confirm(online)
        accesses += [counter, online, await life.hold(at(f"{hour:02}:15")), await life.hold(at(f"{hour:02}:45"))]
    life.later(minutes=rng.choice([14, 15, 35]))

    async def attempt(access: Access, action: str) -> None:
        await asyncio.sleep(rng.random() / 50)
        try:
            await act(life, access, action)
        except BookingError:
            return

    actions = ("cancel", "move", "expire", "pay", "counter", "confirm")
    await asyncio.gather(*(attempt(access, action) for access in accesses for action in actions))
    await life.check()
    for access in accesses:
        assert len([row for row in await life.clerks_entries(access) if row[2]]) == (
            (await life.view(access)).state == "confirmed"
        )


async def act(life: Life, access: Access, action: str) -> None:
    view = await life.view(access)
    if action == "cancel":
        await cancel_appointment(life.pool, life.clock, access)
    elif action == "move":
        await life.move(access, "11:00")
    elif action == "expire":
        await expire_appointments(life.pool, life.clock)
    elif action == "pay" and view.payment.id:
        await life.hear(life.payment.change(view.payment.id, state="authorised"))
    elif action in ("counter", "confirm"):
        await life.confirm(access, "counter" if action == "counter" else "online")


async def test_links_outlive_a_move_to_a_later_day(life: Life) -> None:
    access = await life.booked()
    await life.move(access, "08:00", "2026-12-10")
    until = await life.pool.fetchval(
        "SELECT expires_at FROM access_grant WHERE appointment_id = $1", access.appointment_id
    )
    assert until > at("08:00", "2026-12-10") + timedelta(days=6)


async def test_a_new_day_may_cost_another_fee_unless_it_is_paid_already(life: Life) -> None:
    due, settled = await life.booked(quantity=2), await life.hold(at("09:00"))
    await life.confirm(settled)
    await life.pay(settled)
    await life.pool.execute("UPDATE service_fee SET valid = daterange(NULL, '2026-11-27') WHERE amount_cents = 4600")
    await life.pool.execute(
        "INSERT INTO service_fee (service_id, amount_cents, valid) VALUES ($1, 5000, '[2026-11-27,)')",
        service_id(PERSO),
    )
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    moved = await life.move(due, "08:00", "2026-11-27")
    assert (moved.fee.amount_cents, moved.items[0].fee.amount_cents) == (10000, 5000)
    moved = await life.move(settled, "09:00", "2026-11-27")
    assert (moved.fee.amount_cents, moved.items[0].fee.amount_cents) == (4600, 4600)

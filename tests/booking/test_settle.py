"""News of payments reaches appointments: late, lost, twice, reordered."""

import asyncio
from datetime import timedelta

import pytest
from tests.booking.support.life import WEDNESDAY, Life, at

from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.remind import remind_appointments, tell_unfinished_payments
from booking.usecases.send_commands import send_commands
from booking.usecases.sweep_payments import sweep_payments

NEXT_WEDNESDAY = WEDNESDAY + timedelta(days=7)


async def test_late_money_takes_the_slot_again(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    life.later(minutes=35)
    await expire_appointments(life.pool, life.clock)
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    assert (await life.view(access)).state == "confirmed"
    assert await life.events(access) == ["held", "awaiting_payment", "expired", "confirmed"]
    await life.check()


async def test_late_money_without_a_slot_is_not_taken(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    life.later(minutes=35)
    for _ in range(3):
        await life.hold()
    authorised = life.payment.change(view.payment.id, state="authorised")
    await life.hear(authorised)
    await life.hear(authorised)
    assert (await life.view(access)).state == "expired"
    assert await life.events(access) == ["held", "awaiting_payment", "expired", "expired"]
    await send_commands(life.pool, life.client, life.clock)
    assert await life.commands(access) == [("cancel", "cancelled")]
    assert life.payment.payments[view.payment.id].state == "cancelled"
    await life.check()


async def test_late_money_is_not_stopped_by_others_that_lapsed_too(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    life.later(minutes=35)
    for _ in range(3):
        await life.hold()
    life.later(minutes=15)  # and no worker tidies up
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    assert (await life.view(access)).state == "confirmed"
    await life.check()


async def test_events_in_any_order_and_twice(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    authorised = life.payment.change(view.payment.id, state="authorised")
    paid = life.payment.change(view.payment.id, state="paid")
    for event in (paid, authorised, paid):
        await life.hear(event)
    assert await life.events(access) == ["held", "awaiting_payment", "confirmed", "paid"]
    assert await life.commands(access) == []
    await life.check()


async def test_the_same_news_in_parallel_counts_once(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    authorised = life.payment.change(view.payment.id, state="authorised")
    await asyncio.gather(*(life.hear(authorised) for _ in range(8)))
    assert await life.commands(access) == [("capture", None)]
    assert await life.events(access) == ["held", "awaiting_payment", "confirmed"]


async def test_a_lost_event_is_made_up_for(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    life.payment.change(view.payment.id, state="authorised")
    await sweep_payments(life.pool, life.client, life.clock)
    assert (await life.view(access)).state == "awaiting_payment"  # not asked within the first minute
    life.later(minutes=1)
    await sweep_payments(life.pool, life.client, life.clock)
    assert (await life.view(access)).state == "confirmed"


async def test_a_portals_payment_is_none_of_our_business(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    for reference in ("order 4711", "0193bbbb-0000-7000-8000-000000000001"):
        await life.hear(life.payment.change(view.payment.id, reference=reference, state="paid"))
    assert (await life.view(access)).state == "awaiting_payment"


async def test_a_command_is_repeated_under_its_key_until_an_answer_comes(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    life.payment.mode = "down"
    await send_commands(life.pool, life.client, life.clock)
    assert await send_commands(life.pool, life.client, life.clock) == 0  # not before its time
    life.later(seconds=2)
    await send_commands(life.pool, life.client, life.clock)
    life.payment.mode = "up"
    life.later(seconds=10)
    await send_commands(life.pool, life.client, life.clock)
    keys = {key for verb, key in life.payment.calls if verb == "capture"}
    assert keys == {f"{access.appointment_id}:{(await life.view(access)).version}:capture"}
    assert await life.commands(access) == [("capture", "paid")]


async def test_a_refused_command_is_final(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    life.payment.change(view.payment.id, state="review")
    await send_commands(life.pool, life.client, life.clock)
    assert await life.commands(access) == [("capture", "refused: 409 conflict")]
    life.later(hours=1)
    assert await send_commands(life.pool, life.client, life.clock) == 0


async def test_a_worker_that_dies_with_a_command_in_hand_leaves_it_to_the_next(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    life.payment.mode = "slow"
    task = asyncio.create_task(send_commands(life.pool, life.client, life.clock))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    life.payment.mode = "up"
    assert await send_commands(life.pool, life.client, life.clock) == 0
    life.later(minutes=1)
    assert await send_commands(life.pool, life.client, life.clock) == 1
    assert await life.commands(access) == [("capture", "paid")]


async def test_two_workers_send_a_command_once(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    await asyncio.gather(*(send_commands(life.pool, life.client, life.clock) for _ in range(4)))
    assert [verb for verb, _ in life.payment.calls].count("capture") == 1


async def test_who_leaves_the_checkout_is_told_once(life: Life) -> None:
    access = await life.hold()
    await life.confirm(access)
    after = timedelta(minutes=10)
    assert await tell_unfinished_payments(life.pool, life.clock, after) == 0
    life.later(minutes=10)
    assert await tell_unfinished_payments(life.pool, life.clock, after) == 1
    life.later(minutes=1)
    assert await tell_unfinished_payments(life.pool, life.clock, after) == 0
    assert await life.events(access) == ["held", "awaiting_payment", "payment_unfinished"]
    await life.check()


async def test_a_reminder_comes_once_and_only_for_what_still_stands(life: Life) -> None:
    kept, gone, soon = [await life.hold(at(time)) for time in ("08:00", "09:00", "10:00")]
    for access in (kept, gone):
        await life.confirm(access, "counter")
    life.later(days=1, minutes=5)  # less than 24 hours before 08:00
    await life.hold(at("11:00"))
    await cancel_appointment(life.pool, life.clock, gone)
    await life.confirm(soon, "counter")
    for _ in range(2):
        await remind_appointments(life.pool, life.clock, timedelta(hours=24))
    assert "reminder_due" in await life.events(kept)
    assert (await life.events(kept)).count("reminder_due") == 1
    assert "reminder_due" not in await life.events(gone)
    await life.check()


@pytest.mark.parametrize(("ahead_h", "reminded"), [(None, True), (48, True), (2, False), (0, False)])
async def test_a_service_says_when_it_reminds(life: Life, ahead_h: int | None, reminded: bool) -> None:
    """An hour less than a day before the visit; the house's own time is 24 hours, 0 is never."""
    await life.pool.execute("UPDATE offering SET reminder_ahead_h = $1", ahead_h)
    access = await life.hold(at("08:00", NEXT_WEDNESDAY))
    await life.confirm(access, "counter")
    life.clock.now = at("08:00", NEXT_WEDNESDAY) - timedelta(hours=23)
    await remind_appointments(life.pool, life.clock, timedelta(hours=24))
    assert ("reminder_due" in await life.events(access)) == reminded

"""Other services or persons for a visit that is booked: its time stays if it can, and the money is made right."""

import asyncio

import pytest
from tests.booking.sample import MARRIAGE, PASS, PERSO, service_id
from tests.booking.support.house import House
from tests.booking.support.life import Life, at
from tests.booking.support.outcomes import unforeseen

from booking.domain.appointment import By
from booking.domain.errors import Conflict, Invalid, KeyReused, SlotTaken, TooLate
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.once import Once
from booking.usecases.send_commands import send_commands
from booking.usecases.view_appointment import Access
from booking.usecases.write_letter import Links, write_letter

STAFF = By("staff", "s-1")


async def fill(life: Life, *times: str) -> None:
    """All three clerks are taken then."""
    for time in times:
        for _ in range(3):
            await life.booked(time)


async def test_a_visit_that_gets_longer_keeps_time_clerk_number_and_calendar_entry(life: Life) -> None:
    access = await life.booked()
    before = await life.view(access)
    after = await life.change_items(access, (PERSO, 2), (PASS, 1))
    assert (after.number, after.clerk, after.start) == (before.number, before.clerk, before.start)
    assert after.end == at("08:40")
    assert [(item.service, item.quantity, item.duration_min) for item in after.items] == [(PERSO, 2, 25), (PASS, 1, 15)]
    assert after.fee is not None
    assert (after.fee.amount_cents, after.payment.due_at_counter) == (2 * 4600 + 7000, after.fee)
    entry = await life.pool.fetchrow("SELECT sequence, ends_at, live FROM assignment")
    assert tuple(entry) == (1, after.end, True)
    assert await life.pool.fetchval("SELECT citizen_sequence FROM appointment WHERE id = $1", after.id) == 1
    assert await life.events(access) == ["held", "confirmed", "changed"]
    await life.check()


async def test_a_visit_that_gets_shorter_frees_its_end_for_others(life: Life) -> None:
    access = await life.booked(quantity=3)
    for _ in range(2):
        await life.booked("08:15")
    with pytest.raises(SlotTaken):
        await life.hold(at("08:15"))
    assert (await life.change_items(access, (PERSO, 1))).end == at("08:15")
    await life.hold(at("08:15"))
    await life.check()


async def test_a_visit_with_no_time_behind_it_is_offered_the_nearest_ones(life: Life) -> None:
    access = await life.booked("09:00")
    await fill(life, "09:15", "10:00")
    with pytest.raises(SlotTaken) as refused:
        await life.change_items(access, (PERSO, 2))
    offered = refused.value.alternatives
    assert offered[0] == at("08:45"), "its own time counts as free: a quarter of an hour earlier will do"
    assert at("09:00") not in offered
    assert at("09:45") not in offered
    assert len(offered) == 6
    assert (await life.view(access)).end == at("09:15"), "nothing has changed"
    moved = await life.change_items(access, (PERSO, 2), start=offered[0])
    assert (moved.start, moved.end) == (at("08:45"), at("09:10"))
    assert await life.events(access) == ["held", "confirmed", "changed"]
    await life.check()


async def test_the_last_visit_of_the_day_does_not_reach_past_closing_time(life: Life) -> None:
    access = await life.booked("11:45")
    with pytest.raises(SlotTaken) as refused:
        await life.change_items(access, (PERSO, 2))
    assert refused.value.alternatives[0] == at("11:30")


async def test_what_lapsed_behind_it_does_not_stand_in_the_way(life: Life) -> None:
    access = await life.booked()
    for _ in range(3):
        await life.hold(at("08:15"))
    life.later(minutes=15)
    assert (await life.change_items(access, (PERSO, 2))).end == at("08:25")
    await life.check()


async def test_only_what_can_be_booked_can_be_added(life: Life) -> None:
    access = await life.booked()
    for items in ([(PERSO, 9)], [(PERSO, 1), (MARRIAGE, 1)], [(PERSO, 1), (PERSO, 1)], []):
        with pytest.raises(Invalid):
            await life.change_items(access, *items)
    await life.pool.execute("DELETE FROM skill WHERE offering_id = (SELECT id FROM offering WHERE service_id = $1)"
                            " AND lane_id = (SELECT lane_id FROM appointment)", service_id(PASS))  # fmt: skip
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    with pytest.raises(Invalid, match="does not serve all of it"):
        await life.change_items(access, (PERSO, 1), (PASS, 1))
    await life.check()


async def test_the_same_again_changes_nothing_and_a_key_has_one_effect(life: Life) -> None:
    access = await life.booked()
    version = (await life.view(access)).version
    assert (await life.change_items(access, (PERSO, 1))).version == version
    once = Once("scope", "key", b"two")
    assert (await life.change_items(access, (PERSO, 2), once=once)).version == version + 1
    await life.change_items(access, (PERSO, 3))
    again = await life.change_items(access, (PERSO, 2), once=once)
    assert (again.version, again.items[0].quantity) == (version + 2, 3)
    with pytest.raises(KeyReused):
        await life.change_items(access, (PERSO, 1), once=Once("scope", "key", b"one"))


async def test_only_confirmed_visits_change_and_by_the_citizen_only_in_time(life: Life) -> None:
    held = await life.hold()
    with pytest.raises(Conflict):
        await life.change_items(held, (PERSO, 2))
    access = await life.booked("10:00")
    await life.pool.execute("UPDATE offering SET reschedule_until_h = 72")
    with pytest.raises(TooLate):
        await life.change_items(access, (PERSO, 2))
    assert (await life.change_items(access, (PERSO, 2), by=STAFF)).items[0].quantity == 2
    actor = await life.pool.fetchval("SELECT actor FROM audit_event WHERE action = 'change_items'")
    assert actor == "staff:s-1"


async def test_what_is_paid_online_and_no_longer_due_goes_back_once(life: Life) -> None:
    access = await life.paid(quantity=3)
    view = await life.change_items(access, (PERSO, 1))
    assert (view.fee.amount_cents, view.payment.paid.amount_cents) == (4600, 3 * 4600)
    await send_commands(life.pool, life.client, life.clock)
    assert [(refund.amount_cents, refund.reason) for refund in life.payment.refunds] == [(2 * 4600, "reduced")]
    await life.hear(life.payment.payments[view.payment.id])
    assert (await life.view(access)).payment.refunded.amount_cents == 2 * 4600
    assert (await life.events(access))[-2:] == ["changed", "refunded"]
    await life.check()


async def test_a_cancellation_after_a_reduction_gives_back_the_rest_and_no_more(life: Life) -> None:
    """Also while the first refund waits for its approval, and payment has told nothing yet."""
    access = await life.paid(quantity=3)
    await life.change_items(access, (PERSO, 1))
    await life.change_items(access, (PERSO, 2))
    await cancel_appointment(life.pool, life.clock, access)
    await send_commands(life.pool, life.client, life.clock)
    assert sorted(refund.amount_cents for refund in life.payment.refunds) == [4600, 2 * 4600]


async def test_what_is_paid_too_little_is_due_at_the_counter(life: Life) -> None:
    access = await life.paid()
    view = await life.change_items(access, (PERSO, 1), (PASS, 1))
    assert (view.payment.mode, view.payment.due_at_counter.amount_cents) == ("online", 7000)
    letter = await write_letter(life.pool, Links(public_url="https://x", key="key-of-16-letters"), life.clock, view.id)
    assert letter.payment.due_at_counter is not None
    assert letter.payment.due_at_counter.amount_cents == 7000
    less = await life.change_items(access, (PERSO, 1))
    assert less.payment.due_at_counter is None
    assert await life.commands(access) == [("capture", "paid")], "no money moved"


async def test_a_fee_that_is_taken_online_alone_is_not_left_to_the_counter(life: Life) -> None:
    counter, online = await life.booked(), await life.paid(time="09:00")
    await life.pool.execute("UPDATE service SET payment_policy = 'online_required' WHERE name = $1", PASS)
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    for access in (counter, online):
        with pytest.raises(Conflict, match="paid online before the visit"):
            await life.change_items(access, (PERSO, 1), (PASS, 1))
    await life.check()


async def test_a_payment_under_way_is_settled_first(life: Life) -> None:
    access = await life.hold(quantity=2)
    view = await life.confirm(access)
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    with pytest.raises(Conflict, match="being completed"):
        await life.change_items(access, (PERSO, 1))


async def test_what_is_paid_keeps_its_price_and_what_is_new_costs_what_the_day_costs(life: Life) -> None:
    access = await life.paid()
    await life.pool.execute("UPDATE service_fee SET amount_cents = amount_cents + 400")
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    view = await life.change_items(access, (PERSO, 1), (PASS, 1))
    assert [item.fee.amount_cents for item in view.items] == [4600, 7400]


async def test_documents_of_all_services_are_named_once(life: Life) -> None:
    await life.pool.execute("UPDATE service SET documents = '{Lichtbild, Alter Ausweis}' WHERE name = $1", PERSO)
    await life.pool.execute("UPDATE service SET documents = '{Lichtbild, Alter Pass}' WHERE name = $1", PASS)
    view = await life.change_items(await life.booked(), (PERSO, 1), (PASS, 1))
    assert view.documents == ("Lichtbild", "Alter Ausweis", "Alter Pass")


async def test_a_room_comes_and_goes_with_the_service_that_needs_it(life: Life, house: House) -> None:
    device = await house.add_resource("Fotogerät", "A")
    await house.need(PASS, "Fotogerät")

    async def lanes(access: Access) -> set[int]:
        rows = await life.pool.fetch(
            "SELECT lane_id, upper(during) - lower(during) AS length FROM occupation WHERE appointment_id = $1",
            access.appointment_id,
        )
        assert len({row["length"] for row in rows}) == 1
        return {row["lane_id"] for row in rows}

    access = await life.booked()
    await life.change_items(access, (PERSO, 1), (PASS, 1))
    assert device in await lanes(access)
    other = await life.booked("08:15")
    with pytest.raises(SlotTaken):
        await life.change_items(other, (PASS, 1))
    assert len(await lanes(other)) == 1
    await life.change_items(access, (PERSO, 2))
    assert len(await lanes(access)) == 1
    await life.change_items(other, (PASS, 1))
    assert device in await lanes(other)


async def test_the_public_quota_binds_only_what_is_taken_anew(life: Life) -> None:
    long, other = await life.booked(quantity=3), await life.booked("10:00")
    await life.pool.execute("UPDATE day_mask SET public = 0::bit(288)")
    assert (await life.change_items(long, (PERSO, 2))).end == at("08:25")
    with pytest.raises(SlotTaken):
        await life.change_items(other, (PERSO, 2))
    assert (await life.change_items(other, (PERSO, 2), by=STAFF)).end == at("10:25")


async def test_changes_and_holds_at_once_never_overlap(life: Life) -> None:
    accesses = [await life.booked(time) for time in ("08:00", "08:15", "08:30") for _ in range(3)]

    async def grow(access: Access) -> None:
        for quantity in (2, 1, 3):
            try:
                await life.change_items(access, (PERSO, quantity))
            except SlotTaken:
                continue

    holds = [life.hold(at("09:00")) for _ in range(6)]
    outcomes = await asyncio.gather(*(grow(access) for access in accesses), *holds, return_exceptions=True)
    assert unforeseen(outcomes, SlotTaken) == []
    await life.check()

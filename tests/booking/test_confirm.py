"""The binding step: what it asks, when it comes too late, and that it has one effect."""

import asyncio

import msgspec
import pytest
from tests.booking.sample import MARRIAGE
from tests.booking.support.life import ERIKA, Life, at

from booking.domain.errors import Conflict, Invalid, KeyReused, SlotTaken
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.once import Once
from booking.usecases.save_contact import save_contact


async def test_the_counter_confirms_without_a_checkout(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access, "counter")
    assert (view.state, view.payment.mode, view.expires_at) == ("confirmed", "counter", None)
    assert view.contact == ERIKA
    assert await life.events(access) == ["held", "confirmed"]
    assert life.payment.calls == []
    await life.check()


async def test_a_fee_on_request_is_paid_at_the_counter(life: Life) -> None:
    view = await life.confirm(await life.hold(service=MARRIAGE), "online")
    assert (view.state, view.payment.mode, view.fee, view.fee_kind) == ("confirmed", "counter", None, "on_request")


async def test_who_has_no_mail_address_gives_a_phone_number(life: Life) -> None:
    contact = msgspec.structs.replace(ERIKA, email=None, phone="02452 130")
    assert (await life.confirm(await life.hold(), "counter", contact=contact)).state == "confirmed"
    nobody = msgspec.structs.replace(ERIKA, email=None)
    with pytest.raises(Invalid):
        await life.confirm(await life.hold(at("09:00")), "counter", contact=nobody)


async def test_a_visit_by_phone_needs_the_number_that_is_called(life: Life) -> None:
    access = await life.hold()
    await life.pool.execute("UPDATE appointment SET channel = 'phone'")
    for attempt in (life.confirm(access, "counter"), save_contact(life.pool, life.clock, access, ERIKA)):
        with pytest.raises(Invalid, match="phone"):
            await attempt
    called = msgspec.structs.replace(ERIKA, phone="02452 130")
    assert (await life.confirm(access, "counter", contact=called)).state == "confirmed"


async def test_two_confirmations_at_once_are_one(life: Life) -> None:
    access = await life.hold()
    views = await asyncio.gather(*(life.confirm(access, "counter") for _ in range(5)))
    assert {view.state for view in views} == {"confirmed"}
    assert await life.events(access) == ["held", "confirmed"]


async def test_the_same_key_has_one_effect_and_another_body_is_refused(life: Life) -> None:
    access = await life.hold()
    once = Once("confirmation", "k", b"a")
    first = await life.confirm(access, "counter", once=once)
    assert await life.confirm(access, "counter", once=once) == first
    with pytest.raises(KeyReused):
        await life.confirm(access, "counter", once=Once("confirmation", "k", b"b"))


async def test_an_appointment_changes_no_hands(life: Life) -> None:
    access = await life.hold()
    await life.confirm(access)
    other = msgspec.structs.replace(ERIKA, given_name="Max")
    with pytest.raises(Conflict):
        await life.confirm(access, contact=other)
    with pytest.raises(Conflict):
        await save_contact(life.pool, life.clock, access, other)


async def test_a_draft_is_shown_before_the_binding_step_and_may_change(life: Life) -> None:
    access = await life.hold()
    await save_contact(life.pool, life.clock, access, msgspec.structs.replace(ERIKA, given_name="Erik"))
    await save_contact(life.pool, life.clock, access, ERIKA)
    view = await life.view(access)
    assert (view.state, view.contact, view.is_bound) == ("held", ERIKA, False)


async def test_a_lapsed_reservation_is_confirmed_if_its_slot_is_free(life: Life) -> None:
    access = await life.hold()
    life.later(minutes=15)
    assert await expire_appointments(life.pool, life.clock) == 1
    assert (await life.confirm(access, "counter")).state == "confirmed"
    assert await life.events(access) == ["held", "expired", "confirmed"]
    await life.check()


async def test_a_lapsed_reservation_whose_slot_is_gone_is_told_so(life: Life) -> None:
    first = await life.hold()
    life.later(minutes=15)
    await expire_appointments(life.pool, life.clock)
    for _ in range(3):  # three clerks
        await life.hold()
    with pytest.raises(SlotTaken):
        await life.confirm(first, "counter")
    assert (await life.view(first)).state == "expired"
    life.later(minutes=15)  # those lapse too, and nobody tidies up
    assert (await life.confirm(first, "counter")).state == "confirmed"
    await life.check()


async def test_a_hold_that_lapses_in_the_moment_of_its_confirmation(life: Life) -> None:
    """Whoever comes first, it ends confirmed: the slot was free again, and the citizen there."""
    accesses = [await life.hold(at(f"{hour:02}:{minute:02}")) for hour in (8, 9, 10) for minute in (0, 15, 30, 45)]
    life.later(minutes=15)
    await asyncio.gather(
        *(life.confirm(access, "counter") for access in accesses),
        *(expire_appointments(life.pool, life.clock) for _ in range(3)),
    )
    assert {(await life.view(access)).state for access in accesses} == {"confirmed"}
    await life.check()

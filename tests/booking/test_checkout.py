"""The checkout: led to, gone on with, changed to the counter, and payment on good and bad days."""

import asyncio
from datetime import timedelta
from typing import Literal

import msgspec
import pytest
from tests.booking.sample import TENANT
from tests.booking.support.life import ERIKA, PUBLIC_URL, Life
from tests.booking.support.payment_stand_in import KEY

from booking.clients.payment import PaymentClient, PaymentRefused, open_payment
from booking.domain.errors import Conflict, HoldExhausted, Invalid, PaymentAway
from booking.usecases.begin_payment import begin_payment
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.extend_hold import extend_hold
from booking.usecases.once import Once
from booking.usecases.view_appointment import Access, AppointmentView
from kit.ids import uuid7


async def test_online_leads_to_the_checkout_and_reserves_35_minutes(life: Life) -> None:
    access = await life.hold(quantity=2)
    life.later(minutes=5)
    view = await life.confirm(access, return_url="https://portal.example/back")
    (new,) = life.payment.created
    assert (view.state, view.payment.next_url) == ("awaiting_payment", life.payment.payments[view.payment.id].next_url)
    assert view.expires_at == life.clock() + timedelta(minutes=35)
    assert view.payment.expires_at == life.clock() + timedelta(minutes=30)
    assert (new.capture, new.expires_in_s, new.items[0].amount_cents, new.items[0].quantity) == (
        "manual",
        1800,
        4600,
        2,
    )
    assert new.return_url == f"{PUBLIC_URL}/{TENANT}/termin/{access.appointment_id}/zahlung"
    assert view.return_url == "https://portal.example/back"
    assert "Erika" not in str(msgspec.json.encode(new))


async def test_paid_is_confirmed_captured_and_receipted(life: Life) -> None:
    access = await life.hold()
    await life.confirm(access)
    view = await life.pay(access)
    assert (view.state, view.payment.state, view.payment.paid.amount_cents) == ("confirmed", "paid", 4600)
    assert await life.events(access) == ["held", "awaiting_payment", "confirmed", "paid"]
    assert await life.commands(access) == [("capture", "paid")]
    await life.check()


async def test_a_double_click_opens_one_checkout(life: Life) -> None:
    access = await life.hold()
    first, second = await asyncio.gather(life.confirm(access), life.confirm(access))
    assert first.payment.id == second.payment.id
    assert len(life.payment.created) == 1
    again = await life.confirm(access)
    assert again.payment.next_url == first.payment.next_url
    assert await life.events(access) == ["held", "awaiting_payment"]
    await life.check()


@pytest.mark.parametrize("mode", ["down", "nonsense", "refuse"])
async def test_payment_down_keeps_the_time_and_the_contact_and_a_retry_goes_on(life: Life, mode: str) -> None:
    access = await life.hold()
    once = Once("confirmation", "k", b"a")
    life.payment.mode = mode
    for _ in range(2):
        with pytest.raises(PaymentAway):
            await life.confirm(access, once=once)
    view = await life.view(access)
    assert (view.state, view.contact, view.is_bound) == ("held", ERIKA, True)
    assert view.expires_at == life.clock() + timedelta(minutes=35)
    life.payment.mode = "up"
    assert (await life.confirm(access, once=once)).state == "awaiting_payment"
    assert len({key for verb, key in life.payment.calls if verb == "create"}) == 1
    await life.check()


async def test_a_later_retry_gets_a_payment_with_its_whole_time(life: Life) -> None:
    access = await life.hold()
    life.payment.mode = "down"
    with pytest.raises(PaymentAway):
        await life.confirm(access)
    life.payment.mode = "up"
    life.later(minutes=20)
    view = await life.confirm(access)
    assert view.expires_at == life.clock() + timedelta(minutes=35)
    assert view.payment.expires_at == life.clock() + timedelta(minutes=30)


async def test_payment_down_leaves_the_counter_open(life: Life) -> None:
    access = await life.hold()
    life.payment.mode = "down"
    with pytest.raises(PaymentAway):
        await life.confirm(access)
    assert (await begin(life, access, "counter")).state == "confirmed"


async def test_a_slow_payment_is_away_and_a_missing_key_too(life: Life) -> None:
    life.payment.mode = "slow"
    quick = PaymentClient(life.client._http, {TENANT: KEY})
    life.client._http.timeout = 0.2
    with pytest.raises(PaymentAway):
        await quick.read(TENANT, uuid7())
    async with open_payment(life.payment.url, {}) as keyless:
        with pytest.raises(PaymentAway):
            await keyless.read(TENANT, uuid7())
    async with open_payment("http://127.0.0.1:1", {TENANT: KEY}) as nowhere:
        with pytest.raises(PaymentAway):
            await nowhere.read(TENANT, uuid7())


async def test_a_refusal_is_an_answer_and_a_wrong_key_is_none(life: Life) -> None:
    with pytest.raises(PaymentRefused) as refused:
        await life.client.read(TENANT, uuid7())
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    async with open_payment(life.payment.url, {TENANT: "wrong"}) as stranger:
        with pytest.raises(PaymentAway):
            await stranger.read(TENANT, uuid7())


@pytest.mark.parametrize("url", ["https://evil.example/", "https://termine.example@evil.example/", "javascript:x"])
async def test_a_tampered_return_url_is_refused_and_nothing_happens(life: Life, url: str) -> None:
    access = await life.hold()
    with pytest.raises(Invalid):
        await life.confirm(access, return_url=url)
    assert (await life.view(access)).contact is None


async def test_a_lapsed_reservation_goes_to_the_checkout_if_its_slot_is_free(life: Life) -> None:
    access = await life.hold()
    life.later(minutes=15)
    await expire_appointments(life.pool, life.clock)
    view = await life.confirm(access)
    assert (view.state, view.expires_at) == ("awaiting_payment", life.clock() + timedelta(minutes=35))
    assert (await life.pay(access)).state == "confirmed"
    await life.check()


async def begin(life: Life, access: Access, mode: Literal["online", "counter"]) -> AppointmentView:
    return await begin_payment(life.pool, life.checkout, life.clock, access, mode)


async def test_going_on_leads_to_the_same_checkout(life: Life) -> None:
    access = await life.hold()
    first = await life.confirm(access)
    life.later(minutes=12)
    again = await begin(life, access, "online")
    assert again.payment.next_url == first.payment.next_url
    assert again.version == first.version


async def test_changing_to_the_counter_confirms_and_calls_the_payment_off(life: Life) -> None:
    access = await life.hold()
    view = await life.confirm(access)
    changed = await begin(life, access, "counter")
    assert (changed.state, changed.payment.mode, changed.payment.id) == ("confirmed", "counter", None)
    assert await life.commands(access) == [("cancel", None)]
    await life.hear(life.payment.change(view.payment.id, state="authorised"))  # paid in the other tab at that moment
    assert await life.commands(access) == [("cancel", None), ("cancel", None)]
    await life.check()


async def test_a_payment_that_ended_is_begun_anew(life: Life) -> None:
    access = await life.hold()
    first = await life.confirm(access)
    await life.hear(life.payment.change(first.payment.id, state="expired"))
    life.later(minutes=31)
    second = await begin(life, access, "online")
    assert second.payment.id != first.payment.id
    assert second.expires_at == life.clock() + timedelta(minutes=35)
    assert (await life.pay(access)).state == "confirmed"
    await life.check()


async def test_a_payment_under_review_is_not_begun_anew(life: Life) -> None:
    access = await life.hold()
    first = await life.confirm(access)
    await life.hear(life.payment.change(first.payment.id, state="review"))
    with pytest.raises(Conflict):
        await begin(life, access, "online")
    assert (await life.events(access))[-1] == "payment_checking"


async def test_nobody_pays_before_the_binding_step(life: Life) -> None:
    with pytest.raises(Conflict):
        await begin(life, await life.hold(), "online")


async def test_a_reservation_ends_after_90_minutes(life: Life) -> None:
    access = await life.hold()
    for _ in range(10):
        await extend_hold(life.pool, life.clock, access)
    with pytest.raises(HoldExhausted):
        await extend_hold(life.pool, life.clock, access)
    life.later(minutes=64)
    view = await life.confirm(access)
    assert view.expires_at == life.clock() + timedelta(minutes=26)
    assert life.payment.created[0].expires_in_s == 21 * 60

"""A payment that is cancelled, or whose time is up: its session is closed first, and what was paid meanwhile counts."""

import pytest
from tests.payment.support.house import TENANT, Clock, event_types, once, start, state_of
from tests.payment.support.paying import authorised, ledger, paid
from tests.payment.support.provider import MemoryProvider

from payment.domain.errors import IllegalMove, PaymentOver
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.expire_payments import expire_payments
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.tools import Tools


async def test_an_approved_order_is_not_authorised_when_the_time_is_up(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    payment = await start(tools, capture="manual")
    await choose_method(tools, TENANT, payment.id, "paypal")
    provider.latest.approve()
    clock.pass_by(minutes=31)
    await expire_payments(tools)
    assert await state_of(tools.pool, payment.id) == "expired"
    assert provider.count("authorise") == 0


async def test_cancelling_releases_reserved_money(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    answer = await cancel_payment(tools, TENANT, id_, once(), "key:test")
    assert (answer.status, answer.payment.state) == (200, "cancelled")
    assert provider.latest.status == "closed"
    assert await ledger(tools.pool) == []
    assert await event_types(tools.pool) == ["payment.authorised", "payment.cancelled"]


async def test_a_void_that_stays_unknown_goes_to_a_person(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await authorised(tools, provider)
    provider.lose("void", 100)
    await cancel_payment(tools, TENANT, id_, once(), "key:test")
    for _ in range(20):
        clock.pass_by(hours=2)
        await sweep_attempts(tools)
    assert await state_of(tools.pool, id_) == "review"


@pytest.mark.parametrize("capture", ["manual", "automatic"])
async def test_cancelling_while_the_citizen_pays(tools: Tools, provider: MemoryProvider, capture: str) -> None:
    payment = await start(tools, capture=capture)
    await choose_method(tools, TENANT, payment.id, "card")

    async def pay() -> None:
        provider.latest.pay()

    provider.at("close", pay)
    await cancel_payment(tools, TENANT, payment.id, once(), "key:test")
    await submit_refunds(tools)
    if capture == "manual":
        assert await state_of(tools.pool, payment.id) == "cancelled"
        assert await ledger(tools.pool) == []
    else:
        assert await state_of(tools.pool, payment.id) == "paid"
        assert await ledger(tools.pool) == [("capture", 1500), ("refund", -1500)]
        assert await event_types(tools.pool) == ["payment.paid", "payment.refunded"]


async def test_cancelling_before_and_during_the_choice(tools: Tools, provider: MemoryProvider) -> None:
    untouched = await start(tools)
    assert (await cancel_payment(tools, TENANT, untouched.id, once(), "key:test")).payment.state == "cancelled"
    chosen = await start(tools)
    await choose_method(tools, TENANT, chosen.id, "card")
    assert (await cancel_payment(tools, TENANT, chosen.id, once(), "key:test")).payment.state == "cancelled"
    assert provider.latest.status == "closed"
    with pytest.raises(PaymentOver):
        await choose_method(tools, TENANT, chosen.id, "card")


async def test_a_paid_payment_is_refunded_not_cancelled(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    with pytest.raises(IllegalMove, match="refund"):
        await cancel_payment(tools, TENANT, id_, once(), "key:test")


async def test_time_up_closes_the_session_first(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    untouched, chosen = await start(tools), await start(tools)
    await choose_method(tools, TENANT, chosen.id, "card")
    clock.pass_by(minutes=31)
    await expire_payments(tools)
    assert [await state_of(tools.pool, item.id) for item in (untouched, chosen)] == ["expired", "expired"]
    assert provider.latest.status == "closed"
    assert sorted(await event_types(tools.pool)) == ["payment.expired", "payment.expired"]


async def test_a_session_that_turns_out_complete_counts(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    payment = await start(tools, capture="manual")
    await choose_method(tools, TENANT, payment.id, "card")
    clock.pass_by(minutes=31)

    async def pay() -> None:
        provider.latest.pay()

    provider.at("close", pay)
    await expire_payments(tools)
    assert await state_of(tools.pool, payment.id) == "authorised"
    assert await event_types(tools.pool) == ["payment.authorised"]


async def test_a_close_without_an_answer_is_retried(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    provider.lose("close")
    clock.pass_by(minutes=31)
    await expire_payments(tools)
    assert await state_of(tools.pool, payment.id) == "expiring"
    clock.pass_by(minutes=1)
    await sweep_attempts(tools)
    assert await state_of(tools.pool, payment.id) == "expired"

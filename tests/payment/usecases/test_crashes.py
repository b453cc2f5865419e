"""Killed before or after any call of a provider: the next to come by finishes it, and nobody is charged twice."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from tests.payment.support.house import TENANT, Clock, once, start, state_of
from tests.payment.support.paying import authorised, ledger, paid, sync
from tests.payment.support.provider import Killed, MemoryProvider

from contracts.payment import NewRefund
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.capture_payment import capture_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.expire_payments import expire_payments
from payment.usecases.request_refund import request_refund
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.tools import Tools

Scene = Callable[[Tools, MemoryProvider, Clock], Awaitable[UUID]]


async def open_(tools: Tools, provider: MemoryProvider, clock: Clock) -> UUID:
    payment = await start(tools)
    with pytest.raises(Killed):
        await choose_method(tools, TENANT, payment.id, "card")
    await choose_method(tools, TENANT, payment.id, "card")
    provider.latest.pay()
    return payment.id


async def authorise(tools: Tools, provider: MemoryProvider, clock: Clock) -> UUID:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "paypal")
    provider.latest.approve()
    with pytest.raises(Killed):
        await sync(tools, payment.id)
    return payment.id


async def authorise_and_time_up(tools: Tools, provider: MemoryProvider, clock: Clock) -> UUID:
    id_ = await authorise(tools, provider, clock)
    clock.pass_by(minutes=31)
    await expire_payments(tools)
    return id_


async def capture(tools: Tools, provider: MemoryProvider, clock: Clock) -> UUID:
    id_ = await authorised(tools, provider)
    with pytest.raises(Killed):
        await capture_payment(tools, TENANT, id_, once(), "key:test")
    return id_


async def void(tools: Tools, provider: MemoryProvider, clock: Clock) -> UUID:
    id_ = await authorised(tools, provider)
    with pytest.raises(Killed):
        await cancel_payment(tools, TENANT, id_, once(), "key:test")
    return id_


async def close(tools: Tools, provider: MemoryProvider, clock: Clock) -> UUID:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    clock.pass_by(minutes=31)
    with pytest.raises(Killed):
        await expire_payments(tools)
    return payment.id


async def refund(tools: Tools, provider: MemoryProvider, clock: Clock) -> UUID:
    id_ = await paid(tools, provider)
    wanted = NewRefund(amount_cents=1500, reason="cancelled_in_time")
    with pytest.raises(Killed):
        await request_refund(tools, TENANT, id_, wanted, once(), actor="key:test")
    return id_


PAID, NOTHING, BACK = [("capture", 1500)], [], [("capture", 1500), ("refund", -1500)]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("call", "scene", "state", "booked"),
    [
        ("open", open_, "paid", PAID),
        ("authorise", authorise, "paid", PAID),
        ("authorise", authorise_and_time_up, "paid", PAID),
        ("capture", capture, "paid", PAID),
        ("void", void, "cancelled", NOTHING),
        ("close", close, "expired", NOTHING),
        ("refund", refund, "paid", BACK),
    ],
)
async def test_whoever_comes_by_finishes_it(
    tools: Tools,
    provider: MemoryProvider,
    clock: Clock,
    *,
    call: str,
    scene: Scene,
    state: str,
    booked: list[tuple[str, int]],
    when: str,
) -> None:
    provider.die(call, when)
    id_ = await scene(tools, provider, clock)
    for _ in range(3):
        clock.pass_by(minutes=2)
        await sweep_attempts(tools)
        await submit_refunds(tools)
    assert await state_of(tools.pool, id_) == state
    assert await ledger(tools.pool) == booked
    assert len({key for name, key in provider.calls if name == call}) == 1
    assert len(provider.sessions) == 1

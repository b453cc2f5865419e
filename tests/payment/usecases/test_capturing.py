"""Reserved money is taken once, whatever the provider answers."""

import asyncio

import pytest
from tests.payment.support.house import TENANT, Clock, event_types, once, start, state_of
from tests.payment.support.paying import authorised, ledger
from tests.payment.support.provider import MemoryProvider

from payment.domain.errors import IllegalMove
from payment.usecases.capture_payment import capture_payment
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.tools import Tools


async def test_capture_takes_the_money_once(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    answers = await asyncio.gather(*(capture_payment(tools, TENANT, id_, once(), "key:test") for _ in range(4)))
    assert {answer.payment.state for answer in answers} <= {"capturing", "paid"}
    assert await state_of(tools.pool, id_) == "paid"
    assert await ledger(tools.pool) == [("capture", 1500)]
    assert await event_types(tools.pool) == ["payment.authorised", "payment.paid"]


async def test_the_same_command_again_gets_the_same_answer(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    command = once(scope="heinsberg:capture", key="a:1:capture")
    first = await capture_payment(tools, TENANT, id_, command, "key:test")
    assert (first.status, first.payment.state) == (200, "paid")
    assert await capture_payment(tools, TENANT, id_, command, "key:test") == first


async def test_a_capture_without_an_answer_is_retried_by_the_sweeper(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    id_ = await authorised(tools, provider)
    provider.lose("capture")
    answer = await capture_payment(tools, TENANT, id_, once(), "key:test")
    assert (answer.status, answer.payment.state) == (202, "capturing")
    clock.pass_by(seconds=5)
    assert await sweep_attempts(tools) == 1
    assert await state_of(tools.pool, id_) == "paid"
    assert len({key for call, key in provider.calls if call == "capture"}) == 1
    assert await ledger(tools.pool) == [("capture", 1500)]


async def test_a_pending_capture_is_waited_for(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await authorised(tools, provider)
    provider.capture_status = "pending"
    await capture_payment(tools, TENANT, id_, once(), "key:test")
    assert await state_of(tools.pool, id_) == "capturing"
    provider.latest.status = "paid"
    clock.pass_by(minutes=2)
    await sweep_attempts(tools)
    assert await state_of(tools.pool, id_) == "paid"


async def test_a_refused_capture_is_told_and_the_reservation_released(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    provider.refuse("capture", "charge_expired")
    answer = await capture_payment(tools, TENANT, id_, once(), "key:test")
    assert answer.payment.state == "capture_failed"
    assert await event_types(tools.pool) == ["payment.authorised", "payment.capture_failed"]
    assert provider.latest.status == "closed"


async def test_a_payment_that_is_not_reserved_cannot_be_captured(tools: Tools) -> None:
    payment = await start(tools, capture="manual")
    with pytest.raises(IllegalMove):
        await capture_payment(tools, TENANT, payment.id, once(), "key:test")

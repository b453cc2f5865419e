"""Refunds: reserved under a lock, released by rule or by two people, sent once."""

import asyncio

import msgspec
import pytest
from tests.payment.support.house import TENANT, Clock, configure_tenants, event_types, once, start, state_of
from tests.payment.support.paying import authorised, ledger, paid
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, states, the_refund, treasurer

from contracts.money import Money
from contracts.payment import NewRefund
from payment.domain.errors import Forbidden, IllegalMove, InvalidRequest, PaymentMissing, RefundExceedsCapture
from payment.usecases.approve_refund import approve_refund
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.read_payment import read_history
from payment.usecases.request_refund import request_refund
from payment.usecases.submit_refunds import submit_refund, submit_refunds
from payment.usecases.tools import Tools


async def test_due_by_rule_goes_at_once_by_standing_order(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    answer = await ask(tools, id_, 1500, "cancelled_by_office")
    assert (answer.status, answer.payment.refunded.amount_cents, answer.payment.state) == (200, 1500, "paid")
    assert await ledger(tools.pool) == [("capture", 1500), ("refund", -1500)]
    assert await event_types(tools.pool) == ["payment.paid", "payment.refunded"]
    assert await tools.pool.fetchval("SELECT requested_by FROM refund") == "rule:cancelled_by_office"


async def test_more_than_was_captured_is_refused(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    await ask(tools, id_, 1000)
    with pytest.raises(RefundExceedsCapture, match="500 of 1500"):
        await ask(tools, id_, 501)
    await ask(tools, id_, 500)
    assert provider.count("refund") == 2


async def test_two_refunds_at_once_share_what_is_left(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    outcomes = await asyncio.gather(*(ask(tools, id_, 1000) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(outcome, RefundExceedsCapture) for outcome in outcomes) == 3
    assert (await ledger(tools.pool))[1:] == [("refund", -1000)]


async def test_a_refund_of_nothing_is_invalid(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    for cents in (0, -5):
        with pytest.raises(InvalidRequest):
            await ask(tools, id_, cents)


async def test_what_was_not_paid_is_not_given_back(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await authorised(tools, provider)
    with pytest.raises(IllegalMove):
        await ask(tools, id_, 100)


async def test_a_persons_refund_needs_a_second_person(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await paid(tools, provider)
    await ask(tools, id_, 500, "goodwill", actor="staff:carla")
    refund_id = await the_refund(tools.pool)
    assert await states(tools.pool) == ["requested"]
    assert await submit_refunds(tools) == 0
    with pytest.raises(Forbidden):
        await approve_refund(tools, refund_id, treasurer("carla", clock), once())
    with pytest.raises(PaymentMissing):
        await approve_refund(tools, refund_id, treasurer("dirk", clock, "erkelenz"), once())
    command = once()
    refund = await approve_refund(tools, refund_id, treasurer("dirk", clock), command)
    assert refund.state == "succeeded"
    assert await approve_refund(tools, refund_id, treasurer("dirk", clock), command) == refund
    with pytest.raises(IllegalMove):
        await approve_refund(tools, refund_id, treasurer("eva", clock), once())
    assert provider.count("refund") == 1


async def test_a_rules_name_does_not_spare_a_person_the_second_one(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    await ask(tools, id_, 500, "cancelled_by_office", actor="staff:carla")
    assert await states(tools.pool) == ["requested"]


async def test_without_a_standing_order_two_people_release_it(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    await configure_tenants(tools.pool, TENANT, standing_order=False)
    id_ = await paid(tools, provider)
    await ask(tools, id_, 1500, "cancelled_in_time")
    refund_id = await the_refund(tools.pool)
    assert (await approve_refund(tools, refund_id, treasurer("carla", clock), once())).state == "requested"
    with pytest.raises(Forbidden):
        await approve_refund(tools, refund_id, treasurer("carla", clock), once())
    assert (await approve_refund(tools, refund_id, treasurer("dirk", clock), once())).state == "succeeded"


async def test_a_refund_without_an_answer_is_sent_again_with_the_same_key(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    id_ = await paid(tools, provider)
    provider.lose("refund")
    answer = await ask(tools, id_, 1500)
    assert answer.payment.refunded.amount_cents == 0
    clock.pass_by(minutes=2)
    assert await submit_refunds(tools) == 1
    assert len(provider.refunds) == 1
    assert await states(tools.pool) == ["succeeded"]


async def test_who_gets_no_answer_leaves_alone_what_another_finished(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    """The worker was faster than the request, whose own call comes to nothing."""
    id_ = await paid(tools, provider)

    async def finish() -> None:
        await submit_refund(tools, TENANT, await the_refund(tools.pool))
        provider.lose("refund")

    provider.at("refund", finish)
    await ask(tools, id_, 1500)
    assert await states(tools.pool) == ["succeeded"]
    assert await tools.pool.fetchval("SELECT due_at FROM refund") is None
    await tools.pool.execute("UPDATE refund SET due_at = $1", clock())  # so it was left before this was mended
    assert [await submit_refunds(tools) for _ in range(2)] == [1, 0]


async def test_a_pending_refund_is_waited_for(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await paid(tools, provider)
    provider.refund_status = "pending"
    await ask(tools, id_, 1500)
    assert await states(tools.pool) == ["submitted"]
    provider.refund_status = "succeeded"
    clock.pass_by(minutes=11)
    await submit_refunds(tools)
    assert await states(tools.pool) == ["succeeded"]
    assert len(provider.refunds) == 1


async def test_a_failed_refund_frees_its_reservation(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    provider.refund_status = "failed"
    await ask(tools, id_, 1500)
    provider.refund_status = "succeeded"
    await ask(tools, id_, 1500)
    assert await states(tools.pool) == ["failed", "succeeded"]
    assert (await ledger(tools.pool))[1:] == [("refund", -1500)]


async def test_one_that_fails_for_good_is_told_once(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    provider.refund_status = "failed"
    await ask(tools, id_, 1500)
    await submit_refunds(tools)
    assert (await event_types(tools.pool)).count("payment.refund_failed") == 1
    assert [entry.trigger for entry in await read_history(tools, TENANT, id_)][-1] == "refund_failed"
    assert await state_of(tools.pool, id_) == "paid"


async def test_a_late_payments_refund_that_fails_is_told_too(tools: Tools, provider: MemoryProvider) -> None:
    """Cancelled while it was being paid: the money came in, and the citizen waits for it."""
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    provider.latest.pay()
    provider.refund_status = "failed"
    await cancel_payment(tools, TENANT, payment.id, once(), "key:test")
    await submit_refunds(tools)
    assert await states(tools.pool) == ["failed"]
    assert (await event_types(tools.pool))[-1] == "payment.refund_failed"


async def test_a_refund_of_another_amount_is_never_taken_for_ours(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    provider.refund_status = "pending"
    await ask(tools, id_, 1500)
    (sent,) = provider.refunds.values()
    provider.refunds[sent.refund_id] = msgspec.structs.replace(sent, amount=Money(1400))
    provider.refund_status = "succeeded"
    await submit_refund(tools, TENANT, await the_refund(tools.pool))
    assert await tools.pool.fetchval("SELECT failure FROM refund") == "amount_differs"
    assert await ledger(tools.pool) == [("capture", 1500)]


async def test_the_same_refund_command_refunds_once(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    command = once(key="a:2:refund")
    wanted = NewRefund(amount_cents=500, reason="reduced")
    first = await request_refund(tools, TENANT, id_, wanted, command, actor="key:test")
    assert await request_refund(tools, TENANT, id_, wanted, command, actor="key:test") == first
    assert provider.count("refund") == 1


async def test_nobody_changes_the_ledger(tools: Tools, provider: MemoryProvider) -> None:
    await paid(tools, provider)
    for statement in ("UPDATE ledger_entry SET amount_cents = 1", "DELETE FROM ledger_entry"):
        with pytest.raises(Exception, match="permission denied"):
            await tools.pool.execute(statement)

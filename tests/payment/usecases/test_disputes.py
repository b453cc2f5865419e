"""Disputes hold refunds, are told, and change nothing else."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from tests.payment.support.disputing import dispute, hear
from tests.payment.support.house import TENANT, Clock, once, start, state_of
from tests.payment.support.paying import ledger, paid, sync
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, states

from contracts.money import Money
from contracts.payment import NewRefund
from kit.sql import Pool
from kit.tokens import StaffClaims
from payment.domain.errors import PaymentDisputed
from payment.gateways.gateway import DisputeView
from payment.usecases.approve_refund import approve_refund
from payment.usecases.choose_method import choose_method
from payment.usecases.list_disputes import list_disputes
from payment.usecases.read_disputes import read_disputes
from payment.usecases.read_payment import read_history
from payment.usecases.request_refund import request_refund
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.tools import Tools


async def triggers(tools: Tools, id_: UUID) -> list[str]:
    return [entry.trigger for entry in await read_history(tools, TENANT, id_)]


async def looks(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM dispute_look")
    return count


async def test_recorded_once_however_often_it_is_told(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    for _ in range(3):
        await dispute(tools, provider)
    (row,) = await list_disputes(tools, TENANT, None, None, 10)
    assert (row.payment_id, row.state, row.amount_cents, row.reason) == (id_, "opened", 1500, "fraudulent")
    assert await triggers(tools, id_) == ["create", "choose", "pay", "dispute"]
    assert await state_of(tools.pool, id_) == "paid"
    assert await ledger(tools.pool) == [("capture", 1500)]


@pytest.mark.parametrize("status", ["won", "lost"])
async def test_decided(tools: Tools, provider: MemoryProvider, clock: Clock, status: str) -> None:
    id_ = await paid(tools, provider)
    await dispute(tools, provider)
    clock.pass_by(hours=1)
    await dispute(tools, provider, status)
    (row,) = await list_disputes(tools, TENANT, None, None, 10)
    assert (row.state, row.closed_at) == (status, clock())
    clock.pass_by(minutes=2)
    await read_disputes(tools)
    assert (await triggers(tools, id_))[3:] == ["dispute", f"dispute_{status}"]
    assert await looks(tools.pool) == 0


async def test_a_lost_webhook_is_made_up_for_the_next_day(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    await paid(tools, provider)
    await dispute(tools, provider)
    provider.disputes["du_1"] = msgspec.structs.replace(provider.disputes["du_1"], status="lost")
    clock.pass_by(hours=23)
    assert await read_disputes(tools) == 0
    clock.pass_by(hours=2)
    assert await read_disputes(tools) == 1
    assert [row.state for row in await list_disputes(tools, TENANT, None, None, 10)] == ["lost"]


async def test_a_reopened_case(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    for status in ("opened", "won", "opened", "lost"):
        await dispute(tools, provider, status)
    assert (await triggers(tools, id_))[3:] == ["dispute", "dispute_won", "dispute", "dispute_lost"]
    (row,) = await list_disputes(tools, TENANT, "lost", None, 10)
    assert row.closed_at


@pytest.mark.parametrize("status", ["opened", "lost"])
async def test_no_refund_is_begun(tools: Tools, provider: MemoryProvider, status: str) -> None:
    id_ = await paid(tools, provider)
    await dispute(tools, provider, status)
    with pytest.raises(PaymentDisputed):
        await ask(tools, id_, 100)
    assert await states(tools.pool) == []


async def test_won_refunds_go_on(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    await dispute(tools, provider)
    await dispute(tools, provider, "won")
    await ask(tools, id_, 100)
    assert await states(tools.pool) == ["succeeded"]


async def test_no_refund_is_released(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await paid(tools, provider)
    await request_refund(
        tools, TENANT, id_, NewRefund(amount_cents=100, reason="goodwill"), once(), actor="staff:carla"
    )
    refund_id = await tools.pool.fetchval("SELECT id FROM refund")
    dirk = StaffClaims(subject="dirk", tenant=TENANT, roles=("treasurer",), expires_at=clock() + timedelta(hours=1))
    await dispute(tools, provider)
    with pytest.raises(PaymentDisputed):
        await approve_refund(tools, refund_id, dirk, once())
    await dispute(tools, provider, "won")
    assert (await approve_refund(tools, refund_id, dirk, once())).state == "succeeded"


async def test_a_released_refund_waits_for_the_end(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    """Approved while the provider was away; then the dispute came."""
    id_ = await paid(tools, provider)
    await tools.pool.execute("UPDATE tenant SET standing_order = false")
    await ask(tools, id_, 100)
    await tools.pool.execute("UPDATE refund SET state = 'approved', due_at = $1", clock())
    await dispute(tools, provider)
    await submit_refunds(tools)
    assert (await states(tools.pool), provider.count("refund")) == (["approved"], 0)
    clock.pass_by(minutes=1)
    await dispute(tools, provider, "won")
    await submit_refunds(tools)
    assert (await states(tools.pool), provider.count("refund")) == (["succeeded"], 1)


async def test_a_provider_that_is_away_is_asked_again(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    await paid(tools, provider)
    provider.lose("read_dispute")
    await dispute(tools, provider)
    assert await list_disputes(tools, TENANT, None, None, 10) == []
    clock.pass_by(minutes=1)
    await read_disputes(tools)
    assert len(await list_disputes(tools, TENANT, None, None, 10)) == 1


async def test_what_the_provider_does_not_know_or_we_do_not_is_let_go(tools: Tools, provider: MemoryProvider) -> None:
    await paid(tools, provider)
    await hear(tools, "du_unknown")
    await dispute(tools, provider)
    provider.disputes["du_2"] = msgspec.structs.replace(
        provider.disputes["du_1"], dispute_id="du_2", capture_id="cap_of_somebody"
    )
    await hear(tools, "du_2")
    assert len(await list_disputes(tools, TENANT, None, None, 10)) == 1
    assert await looks(tools.pool) == 1


async def test_another_tenants_capture_is_not_reached(tools: Tools, provider: MemoryProvider) -> None:
    id_ = await paid(tools, provider)
    await dispute(tools, provider)
    provider.disputes["du_3"] = msgspec.structs.replace(provider.disputes["du_1"], dispute_id="du_3")
    await hear(tools, "du_3", tenant="erkelenz")
    assert await list_disputes(tools, "erkelenz", None, None, 10) == []
    assert (await triggers(tools, id_)).count("dispute") == 1


async def test_a_stray_payment_disputed_leaves_the_valid_one_as_it_is(tools: Tools, provider: MemoryProvider) -> None:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    first = provider.latest
    await choose_method(tools, TENANT, payment.id, "paypal")
    provider.latest.pay()
    await sync(tools, payment.id)
    first.status = "paid"
    stray = await tools.pool.fetchval("SELECT id FROM attempt WHERE session_id = $1", first.id)
    await tools.pool.execute(
        "UPDATE attempt SET state = 'paid', captured_cents = 1500, capture_id = $2 WHERE id = $1",
        stray,
        f"cap_{first.id}",
    )
    provider.disputes["du_4"] = DisputeView(
        dispute_id="du_4",
        status="lost",
        amount=Money(1500),
        capture_id=f"cap_{first.id}",
        reason="duplicate",
        opened_at=tools.clock(),
    )
    await hear(tools, "du_4")
    assert [row.attempt_id for row in await list_disputes(tools, TENANT, None, None, 10)] == [stray]
    assert "dispute_lost" not in await triggers(tools, payment.id)
    await ask(tools, payment.id, 1500)
    assert await states(tools.pool) == ["succeeded"]

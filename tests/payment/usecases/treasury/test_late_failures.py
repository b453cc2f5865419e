"""Cards' refunds succeed first and may fail days later: the books take it back, and the treasury transfers by hand."""

from uuid import UUID

import pytest
from tests.payment.support.house import Clock, event_types, once
from tests.payment.support.paying import ledger, paid
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, states, the_refund, treasurer
from tests.payment.support.settling import Settling, T

from payment.store.ledger import list_given_back
from payment.store.refunds import make_refund_due
from payment.usecases.close_day import close_day
from payment.usecases.read_day_closes import export_day_close
from payment.usecases.reconcile_accounts import reconcile_tenant
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.tools import Tools
from payment.usecases.transfer_refund import transfer_refund
from payment.usecases.verify_ledger import verify_ledger


@pytest.fixture
def clock() -> Clock:
    """Noon, so that an hour more is the same day."""
    clock = Clock()
    clock.now = clock.now.replace(hour=11)
    return clock


async def hear(tools: Tools) -> None:
    """A webhook about the refund came, and the worker follows it."""
    async with tools.acting_for(T) as connection:
        await make_refund_due(connection, await the_refund(tools.pool), tools.clock())
    await submit_refunds(tools)


async def refunded_cents(tools: Tools, id_: UUID) -> int:
    cents: int = await tools.pool.fetchval("SELECT refunded_cents FROM payment WHERE id = $1", id_)
    return cents


async def test_what_came_back_is_booked_told_and_transferred_by_hand(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    id_ = await paid(tools, provider)
    await ask(tools, id_, 1500)
    provider.refund_status = "failed"
    for _ in range(2):
        await hear(tools)
    assert (await states(tools.pool), await refunded_cents(tools, id_)) == (["failed"], 0)
    assert await ledger(tools.pool) == [("capture", 1500), ("refund", -1500), ("refund_reversal", 1500)]
    assert (await event_types(tools.pool))[1:] == ["payment.refunded", "payment.refund_failed"]
    async with tools.acting_for(T) as connection:
        assert await list_given_back(connection, T, id_) == []
    await transfer_refund(tools, treasurer("carla", clock), await the_refund(tools.pool), "Ü-17", once())
    assert (await states(tools.pool), await refunded_cents(tools, id_)) == (["transferred"], 1500)
    assert (await ledger(tools.pool))[3:] == [("manual_transfer", -1500)]
    async with tools.acting_for(T) as connection:
        assert [row.amount_cents for row in await list_given_back(connection, T, id_)] == [1500]
    assert (await verify_ledger(tools.pool, T)).is_intact


@pytest.mark.parametrize("status", ["succeeded", "pending"])
async def test_a_second_look_changes_nothing(tools: Tools, provider: MemoryProvider, status: str) -> None:
    id_ = await paid(tools, provider)
    await ask(tools, id_, 1500)
    provider.refund_status = status
    await hear(tools)
    assert (await states(tools.pool), await refunded_cents(tools, id_)) == (["succeeded"], 1500)
    assert await submit_refunds(tools) == 0


async def test_the_providers_account_stands_in_for_a_lost_webhook_and_the_day_closes(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    """Two others are kept, so that there is something to pay out."""
    for _ in range(2):
        await paid(tools, provider)
    await ask(tools, await paid(tools, provider), 1500)
    clock.pass_by(hours=1)
    settling.report()
    await reconcile_tenant(tools, T)
    provider.refund_status = "failed"
    settling.move("refund", next(iter(provider.refunds)), 1500)
    await settling.bank_tells(settling.pay_out())
    await reconcile_tenant(tools, T)
    assert await submit_refunds(tools) == 1
    done = await reconcile_tenant(tools, T)
    assert (done.waiting, done.exceptions) == (0, 0)
    closed = await close_day(tools, treasurer("carla", clock), clock().date(), once())
    assert closed.totals.by_kind["refund_reversal"].cents == 1500
    chunks = [chunk async for chunk in export_day_close(tools, T, closed.number)]
    assert "Rücklauf einer Erstattung;15,00;0,00;15,00;" in b"".join(chunks).decode("utf-8-sig")

"""What came in and went back whole before it was paid out waits for no payout; its fee lessens a later one."""

import pytest
from tests.payment.support.house import Clock, once
from tests.payment.support.paying import paid
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, treasurer
from tests.payment.support.settling import FEE_CENTS, Settling, T

from payment.domain.day_close import DayClose
from payment.domain.errors import DayNotBalanced
from payment.usecases.close_day import close_day
from payment.usecases.reconcile_accounts import reconcile_tenant
from payment.usecases.tools import Tools


@pytest.fixture
def clock() -> Clock:
    """Noon, so that an hour more is the same day."""
    clock = Clock()
    clock.now = clock.now.replace(hour=11)
    return clock


async def close(tools: Tools, clock: Clock) -> DayClose:
    return await close_day(tools, treasurer("carla", clock), clock().date(), once())


async def test_it_waits_for_no_payout(tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock) -> None:
    await ask(tools, await paid(tools, provider), 1500)
    clock.pass_by(hours=1)
    settling.report()
    done = await reconcile_tenant(tools, T)
    assert (done.waiting, done.not_at_bank, done.exceptions) == (0, 0, 0)
    closed = await close(tools, clock)
    assert (closed.totals.net_cents, closed.totals.fee_cents) == (-FEE_CENTS, FEE_CENTS)
    clock.pass_by(days=1)
    await paid(tools, provider)
    clock.pass_by(hours=1)
    payout = await settling.settle()
    assert payout.amount.amount_cents == 1500 - 2 * FEE_CENTS
    done = await reconcile_tenant(tools, T)
    assert (done.not_at_bank, done.exceptions) == (0, 0)
    assert (await close(tools, clock)).number == 2


async def test_it_is_not_missed_after_weeks(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await ask(tools, await paid(tools, provider), 1500)
    settling.report()
    await reconcile_tenant(tools, T)
    clock.pass_by(days=20)
    assert (await reconcile_tenant(tools, T)).exceptions == 0


async def test_it_waits_until_the_provider_has_told_of_the_refund(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    payment = await paid(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    await ask(tools, payment, 1500)
    assert (await reconcile_tenant(tools, T)).not_at_bank == 2
    with pytest.raises(DayNotBalanced):
        await close(tools, clock)


async def test_what_was_paid_out_before_is_followed_to_the_bank(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    payment = await paid(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    payout = settling.pay_out()
    await ask(tools, payment, 1500)
    settling.report()
    assert (await reconcile_tenant(tools, T)).not_at_bank == 2
    await settling.bank_tells(payout)
    assert (await reconcile_tenant(tools, T)).not_at_bank == 1

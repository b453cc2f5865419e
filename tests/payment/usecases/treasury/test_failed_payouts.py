"""A payout that the bank refused comes back: what it consisted of has not arrived until it goes out again."""

import msgspec
import pytest
from tests.payment.support.house import Clock, once
from tests.payment.support.paying import paid
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import treasurer
from tests.payment.support.settling import Settling, T

from payment.domain.day_close import DayClose
from payment.domain.errors import DayNotBalanced
from payment.domain.movement import Payout
from payment.usecases.accept_exception import accept_exception
from payment.usecases.close_day import close_day
from payment.usecases.read_exceptions import read_exceptions
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


async def reasons(tools: Tools, clock: Clock) -> list[str]:
    with pytest.raises(DayNotBalanced) as refused:
        await close(tools, clock)
    return [field for field, _ in refused.value.errors]


async def open_kinds(tools: Tools) -> list[str]:
    return sorted(found.kind for found in (await read_exceptions(tools, T, "open", None))[0])


async def fail(settling: Settling, payout: Payout) -> None:
    provider = settling.provider
    provider.payouts[provider.payouts.index(payout)] = msgspec.structs.replace(payout, status="failed")
    settling.move("payout_reversal", payout.id, payout.amount.amount_cents)
    await reconcile_tenant(settling.tools, T)


async def paid_out(tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock) -> Payout:
    await paid(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    return settling.pay_out()


@pytest.mark.parametrize("had_arrived", [False, True])
async def test_it_arrives_with_the_payout_that_goes_out_in_its_stead(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock, *, had_arrived: bool
) -> None:
    first = await paid_out(tools, provider, settling, clock)
    if had_arrived:
        await settling.bank_tells(first)
        await reconcile_tenant(tools, T)
    await fail(settling, first)
    assert await open_kinds(tools) == ["payout_failed"]
    assert await reasons(tools, clock) == ["exceptions", "entries"]
    second = settling.pay_out()
    await reconcile_tenant(tools, T)
    assert (await open_kinds(tools), await reasons(tools, clock)) == ([], ["entries"])
    await fail(settling, second)
    assert await open_kinds(tools) == ["payout_failed"]
    await settling.bank_tells(settling.pay_out())
    await reconcile_tenant(tools, T)
    assert await open_kinds(tools) == []
    assert (await close(tools, clock)).number == 1


async def test_one_that_never_goes_out_again_is_accepted_by_name(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await fail(settling, await paid_out(tools, provider, settling, clock))
    [found] = (await read_exceptions(tools, T, "open", None))[0]
    await accept_exception(tools, treasurer("dirk", clock), found.id, "Konto geschlossen, Anbieter zahlt per Scheck")
    assert (await close(tools, clock)).accepted_exceptions == 1
    clock.pass_by(days=15)
    await reconcile_tenant(tools, T)
    assert await open_kinds(tools) == ["not_paid_out"]

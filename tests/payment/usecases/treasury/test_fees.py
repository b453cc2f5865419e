"""Each fee is exported once, whether its movement comes before its capture was booked, or after its day was closed."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import pytest
from tests.payment.support.house import Clock, once, start
from tests.payment.support.paying import ledger, paid, sync
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import treasurer
from tests.payment.support.settling import FEE_CENTS, Settling, T

from payment.domain.day_close import DayClose
from payment.store.movements import list_accounts
from payment.usecases.accept_exception import accept_exception
from payment.usecases.choose_method import choose_method
from payment.usecases.close_day import close_day
from payment.usecases.read_account import read_account
from payment.usecases.read_day_closes import export_day_close
from payment.usecases.read_exceptions import read_exceptions
from payment.usecases.reconcile_accounts import reconcile_tenant
from payment.usecases.tools import Tools


@pytest.fixture
def clock() -> Clock:
    """Noon, so that an hour more is the same day."""
    clock = Clock()
    clock.now = clock.now.replace(hour=11)
    return clock


async def close(tools: Tools, clock: Clock, day: date | None = None) -> DayClose:
    return await close_day(tools, treasurer("carla", clock), day or clock().date(), once())


async def lines(tools: Tools, closed: DayClose) -> AsyncIterator[list[str]]:
    """Kind, amount and fee of each."""
    content = b"".join([chunk async for chunk in export_day_close(tools, T, closed.number)]).decode("utf-8-sig")
    for line in content.splitlines()[1:]:
        yield line.split(";")[4:7]


async def accept_all(tools: Tools, clock: Clock) -> None:
    for found in (await read_exceptions(tools, T, "open", None))[0]:
        await accept_exception(tools, treasurer("dirk", clock), found.id, "Anbieter bestätigt es")


async def unbooked(tools: Tools, provider: MemoryProvider, settling: Settling) -> UUID:
    """Paid there, and nobody of us has heard of it."""
    payment = await start(tools)
    await choose_method(tools, T, payment.id, "card")
    provider.latest.pay()
    settling.report()
    return payment.id


async def test_a_movement_that_is_faster_than_our_booking_waits_for_it(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    id_ = await unbooked(tools, provider, settling)
    clock.pass_by(minutes=10)
    assert (await reconcile_tenant(tools, T)).new_movements == 0
    await sync(tools, id_)
    assert (await reconcile_tenant(tools, T)).new_movements == 1
    assert await ledger(tools.pool) == [("capture", 1500), ("fee", -FEE_CENTS)]
    assert await tools.pool.fetchval("SELECT payment_id FROM ledger_entry WHERE kind = 'fee'") == id_


async def test_a_fee_that_was_booked_before_its_capture_is_exported_once(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    id_ = await unbooked(tools, provider, settling)
    clock.pass_by(days=2)
    await reconcile_tenant(tools, T)
    assert await ledger(tools.pool) == [("fee", -FEE_CENTS)]
    await sync(tools, id_)
    await settling.settle()
    await reconcile_tenant(tools, T)
    closed = await close(tools, clock)
    assert [line async for line in lines(tools, closed)] == [["Einzahlung", "15,00", "0,48"]]
    assert closed.totals.fee_cents == FEE_CENTS


async def test_a_fee_that_was_exported_alone_does_not_stand_beside_its_capture_later(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    id_ = await unbooked(tools, provider, settling)
    clock.pass_by(days=2)
    await reconcile_tenant(tools, T)
    await accept_all(tools, clock)
    first = await close(tools, clock)
    assert [line async for line in lines(tools, first)] == [["Gebühr", "0,00", "0,48"]]
    clock.pass_by(days=1)
    await sync(tools, id_)
    await settling.settle()
    await reconcile_tenant(tools, T)
    second = await close(tools, clock)
    assert [line async for line in lines(tools, second)] == [["Einzahlung", "15,00", "0,00"]]


async def test_a_fee_told_after_its_days_close_is_exported_on_its_own(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    id_, day = await paid(tools, provider), clock().date()
    clock.pass_by(hours=30)
    await reconcile_tenant(tools, T)
    await accept_all(tools, clock)
    first = await close(tools, clock, day)
    assert (first.totals.fee_cents, first.totals.credits.cents) == (0, 1500)
    clock.pass_by(days=1)
    await settling.settle()
    clock.pass_by(days=2)
    await reconcile_tenant(tools, T)
    assert (await read_exceptions(tools, T, "open", None))[0] == []  # it is the one that was missed
    second = await close(tools, clock)
    assert [line async for line in lines(tools, second)] == [["Gebühr", "0,00", "0,48"]]
    assert await tools.pool.fetchval("SELECT payment_id FROM ledger_entry WHERE kind = 'fee'") == id_


async def test_reading_alone_counts_no_awaited_movement_as_read(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    """A payout that names it ends the waiting: its sum needs it."""
    await unbooked(tools, provider, settling)
    await reconcile_tenant(tools, T)
    async with tools.acting_for(T) as connection:
        [account] = await list_accounts(connection, T)
    assert await read_account(tools, account) == 0
    settling.pay_out()
    clock.pass_by(minutes=5)
    assert await read_account(tools, account) == 2

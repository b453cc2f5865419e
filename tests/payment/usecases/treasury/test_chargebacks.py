"""A lost dispute books by itself, once, in whatever order the dispute and the provider's account tell of it."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.payment.support.disputing import dispute, hear
from tests.payment.support.house import TENANT, Clock, event_types, once
from tests.payment.support.paying import latest_attempt, ledger, paid
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, treasurer
from tests.payment.support.settling import FEE_CENTS, Settling

from payment.domain.errors import RefundExceedsCapture
from payment.domain.ledger import LedgerEntry
from payment.domain.movement import Movement
from payment.store.attempts import lock_attempt
from payment.store.ledger import insert_entry
from payment.store.payments import lock_payment
from payment.usecases.close_day import close_day
from payment.usecases.list_disputes import list_disputes
from payment.usecases.read_day_closes import export_day_close
from payment.usecases.read_exceptions import read_exceptions
from payment.usecases.reconcile_accounts import reconcile_tenant
from payment.usecases.refund_batches import read_tenants_refunds
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.tools import Tools
from payment.usecases.transfer_refund import transfer_refund
from payment.usecases.verify_ledger import verify_ledger

DISPUTE_FEE_CENTS = 2000
LOST = [("chargeback", -1500), ("fee", -DISPUTE_FEE_CENTS)]


@pytest.fixture
def clock() -> Clock:
    """Noon, so that an hour more is the same day."""
    clock = Clock()
    clock.now = clock.now.replace(hour=11)
    return clock


async def lose(tools: Tools, provider: MemoryProvider, **changes: Any) -> None:
    await dispute(tools, provider)
    decided = {"status": "lost", "fee_cents": DISPUTE_FEE_CENTS} | changes
    provider.disputes["du_1"] = msgspec.structs.replace(provider.disputes["du_1"], **decided)
    await hear(tools)


def taken(settling: Settling, cents: int = -1500, fee_cents: int = DISPUTE_FEE_CENTS) -> Movement:
    return settling.move("dispute", f"cap_{settling.provider.latest.id}", cents, fee_cents)


async def after_capture(tools: Tools) -> list[tuple[str, int]]:
    """What is booked besides the capture, its fee and payouts."""
    rows = await ledger(tools.pool)
    return [row for row in rows if row not in {("capture", 1500), ("fee", -FEE_CENTS)} and row[0] != "payout"]


def fee_of(payment_id: UUID, attempt_id: UUID, now: datetime) -> LedgerEntry:
    return LedgerEntry(
        tenant=TENANT,
        payment_id=payment_id,
        attempt_id=attempt_id,
        kind="fee",
        amount_cents=-1,
        currency="EUR",
        treasury_reference="T",
        provider="stripe",
        provider_reference="txn_1",
        booked_at=now,
    )


async def told(tools: Tools) -> list[tuple[str, int]]:
    found, _ = await read_exceptions(tools, TENANT, "open", None)
    return [(item.kind, item.difference_cents) for item in found]


async def test_booked_at_its_end_and_never_again(tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
    id_ = await paid(tools, provider)
    await dispute(tools, provider)
    assert await after_capture(tools) == []
    for _ in range(3):
        await lose(tools, provider)
    assert await after_capture(tools) == LOST
    rows = await tools.pool.fetch(
        "SELECT payment_id, provider, provider_reference FROM ledger_entry WHERE kind <> 'capture'"
    )
    assert {tuple(row) for row in rows} == {(id_, "stripe", "du_1")}
    (row,) = await list_disputes(tools, TENANT, "lost", None, 10)
    assert (row.lost_cents, row.fee_cents) == (1500, DISPUTE_FEE_CENTS)
    assert (await verify_ledger(tools.pool, TENANT)).is_intact


async def test_two_who_read_it_at_once_book_once(tools: Tools, provider: MemoryProvider) -> None:
    await paid(tools, provider)
    await dispute(tools, provider)
    provider.disputes["du_1"] = msgspec.structs.replace(provider.disputes["du_1"], status="lost")
    await asyncio.gather(*(hear(tools) for _ in range(4)))
    assert await after_capture(tools) == [("chargeback", -1500)]


async def test_the_provider_tells_it_later(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    await lose(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    taken(settling)
    await reconcile_tenant(tools, TENANT)
    assert await after_capture(tools) == LOST
    done = await reconcile_tenant(tools, TENANT)
    assert (done.waiting, done.exceptions) == (0, 0)


async def test_the_provider_told_it_first(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    """Stripe takes the money as the dispute is opened."""
    await paid(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    taken(settling)
    await reconcile_tenant(tools, TENANT)
    await lose(tools, provider)
    assert await after_capture(tools) == LOST


async def test_both_at_once_book_once(tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock) -> None:
    await paid(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    taken(settling)
    await asyncio.gather(reconcile_tenant(tools, TENANT), lose(tools, provider))
    assert sorted(await after_capture(tools)) == sorted(LOST)


async def test_won_after_all_comes_back(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    await lose(tools, provider, fee_cents=0)
    await dispute(tools, provider, "won")
    assert await after_capture(tools) == [("chargeback", -1500), ("chargeback", 1500)]
    clock.pass_by(hours=1)
    settling.report()
    taken(settling, -1500, 0)
    taken(settling, 1500, 0)
    await reconcile_tenant(tools, TENANT)
    assert await after_capture(tools) == [("chargeback", -1500), ("chargeback", 1500)]
    assert (await reconcile_tenant(tools, TENANT)).waiting == 0


async def test_won_at_once_books_nothing(tools: Tools, provider: MemoryProvider) -> None:
    await paid(tools, provider)
    await dispute(tools, provider)
    await dispute(tools, provider, "won")
    assert await after_capture(tools) == []


@pytest.mark.parametrize("fee_cents", [0, 1600])
async def test_a_fee_that_is_told_apart_is_the_same(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock, fee_cents: int
) -> None:
    """PayPal tells fees as movements of their own, about the payment that was disputed."""
    await paid(tools, provider)
    await lose(tools, provider, fee_cents=fee_cents)
    clock.pass_by(hours=1)
    settling.report()
    taken(settling, fee_cents=0)
    settling.move("fee", f"cap_{provider.latest.id}", -1600)
    await reconcile_tenant(tools, TENANT)
    assert sorted(await after_capture(tools)) == [("chargeback", -1500), ("fee", -1600)]


async def test_what_the_provider_never_tells_is_an_exception(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    await settling.settle()
    await reconcile_tenant(tools, TENANT)
    await lose(tools, provider)
    clock.pass_by(hours=30)
    await reconcile_tenant(tools, TENANT)
    assert await told(tools) == [("missing_at_provider", 1500)]


async def test_another_amount_than_the_dispute_says_is_an_exception(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    await lose(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    taken(settling, -1600, DISPUTE_FEE_CENTS + 100)
    for _ in range(2):
        await reconcile_tenant(tools, TENANT)
        assert await told(tools) == [("amount_differs", -100)]
    assert await after_capture(tools) == [*LOST, ("fee", -100)]


async def test_who_got_the_money_by_a_dispute_gets_it_no_second_time(
    tools: Tools, provider: MemoryProvider, clock: Clock
) -> None:
    """A refund was released before the dispute, and the provider refuses it after."""
    id_ = await paid(tools, provider)
    await tools.pool.execute("UPDATE tenant SET standing_order = false")
    await ask(tools, id_, 1500)
    await tools.pool.execute("UPDATE refund SET state = 'approved', due_at = $1", clock())
    await lose(tools, provider)
    provider.refuse("refund", "charge_disputed")
    await submit_refunds(tools)
    [refund], _ = await read_tenants_refunds(tools, TENANT, "failed", None)
    assert not refund.transfer_due
    assert "payment.refund_failed" not in await event_types(tools.pool)
    with pytest.raises(RefundExceedsCapture):
        await transfer_refund(tools, treasurer("carla", clock), refund.id, "Ü-17", once())


async def test_who_books_waits_for_nobody_who_works_on_the_payment(tools: Tools, provider: MemoryProvider) -> None:
    """A reading holds the ledger while it books; a capture holds the payment and wants the ledger: no deadlock."""
    id_ = await paid(tools, provider)
    attempt_id = await latest_attempt(tools.pool, id_)
    async with tools.acting_for(TENANT) as capturing, asyncio.timeout(5):
        await lock_payment(capturing, TENANT, id_)
        await lock_attempt(capturing, attempt_id)
        async with tools.acting_for(TENANT) as reading:
            await insert_entry(reading, fee_of(id_, attempt_id, tools.clock()))


async def test_another_currency_waits_for_the_account(tools: Tools, provider: MemoryProvider) -> None:
    await paid(tools, provider)
    await dispute(tools, provider)
    foreign = msgspec.structs.replace(provider.disputes["du_1"].amount, currency="USD")
    await lose(tools, provider, amount=foreign)
    assert await after_capture(tools) == []


async def test_the_export_has_chargeback_and_fee(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    await paid(tools, provider)
    await paid(tools, provider)
    await lose(tools, provider)
    clock.pass_by(minutes=1)
    settling.report()
    taken(settling)
    payout = settling.pay_out()
    await settling.bank_tells(payout)
    await reconcile_tenant(tools, TENANT)
    closed = await close_day(tools, treasurer("carla", clock), clock().date(), once())
    assert closed.totals.by_kind["chargeback"].cents == -1500
    assert (closed.totals.fee_cents, closed.totals.net_cents) == (
        3 * FEE_CENTS + DISPUTE_FEE_CENTS,
        payout.amount.amount_cents,
    )
    chunks = [chunk async for chunk in export_day_close(tools, TENANT, closed.number)]
    lines = b"".join(chunks).decode("utf-8-sig").splitlines()
    assert ["Rückbelastung;-15,00;20,00;-35,00;" in line for line in lines].count(True) == 1

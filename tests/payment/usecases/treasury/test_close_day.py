"""A day is closed when it is balanced; what was exported stays, byte for byte."""

import asyncio
import hashlib
import tracemalloc
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from tests.payment.support.house import Clock, once
from tests.payment.support.paying import paid
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, treasurer
from tests.payment.support.settling import FEE_CENTS, Settling, T
from tests.support.database import Database

from payment.domain.day_close import DayClose, Sum
from payment.domain.errors import DayNotBalanced, IllegalMove, InvalidRequest, PaymentMissing
from payment.domain.ledger_chain import Break
from payment.usecases.accept_exception import accept_exception
from payment.usecases.close_day import close_day
from payment.usecases.read_day_closes import export_day_close, get_day_close, read_day_closes
from payment.usecases.read_exceptions import read_exceptions
from payment.usecases.reconcile_accounts import reconcile_tenant
from payment.usecases.tools import Tools
from payment.usecases.verify_ledger import verify_ledger


@pytest.fixture
def clock() -> Clock:
    """Noon of the town, so that an hour more is the same day."""
    clock = Clock()
    clock.now = clock.now.replace(hour=11, minute=0, second=0)
    return clock


def today(clock: Clock) -> date:
    return clock().astimezone(ZoneInfo("Europe/Berlin")).date()


async def close(tools: Tools, clock: Clock, day: date | None = None, **changes: Any) -> DayClose:
    return await close_day(tools, treasurer("carla", clock, **changes), day or today(clock), once())


async def file_of(tools: Tools, number: int, tenant: str = T) -> bytes:
    return b"".join([chunk async for chunk in export_day_close(tools, tenant, number)])


async def settled_day(tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock) -> None:
    first = await paid(tools, provider)
    await ask(tools, first, 500)
    clock.pass_by(hours=1)
    await settling.settle()
    await reconcile_tenant(tools, T)


async def test_a_balanced_day_is_closed_and_exported(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await settled_day(tools, provider, settling, clock)
    closed = await close(tools, clock)
    assert (closed.number, closed.day, closed.first_number, closed.last_number) == (1, today(clock), 1, 4)
    assert (closed.totals.credits, closed.totals.debits) == (Sum(1, 1500), Sum(1, -500))
    assert (closed.totals.fee_cents, closed.totals.net_cents) == (FEE_CENTS, 1000 - FEE_CENTS)
    content = await file_of(tools, 1)
    assert hashlib.sha256(content).digest() == closed.export_hash
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == closed.lines == 3
    payout = provider.payouts[0].id
    assert f"Einzahlung;15,00;0,48;14,52;;;;;Auszug;stripe;cap_{provider.latest.id};{payout}" in lines[1]
    assert "Erstattung;-5,00;0,00;-5,00;" in lines[2]
    assert (await read_day_closes(tools, T, None)) == ([closed], None)


async def test_without_a_movement_payout_or_arrival_the_day_stays_open(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    clock.pass_by(hours=1)
    for step, waiting in ((lambda: None, 1), (settling.report, 0), (settling.pay_out, 0)):
        step()
        done = await reconcile_tenant(tools, T)
        assert (done.waiting, done.not_at_bank) == (waiting, 1)
        with pytest.raises(DayNotBalanced) as refused:
            await close(tools, clock)
        [(field, message)] = refused.value.errors
        assert (field, message[:5]) == ("entries", "1 are")
    await settling.bank_tells(*provider.payouts)
    assert (await reconcile_tenant(tools, T)).not_at_bank == 0
    assert (await close(tools, clock)).number == 1


async def test_an_exception_must_be_accepted_first(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    day = today(clock)
    clock.pass_by(hours=30)
    await reconcile_tenant(tools, T)
    with pytest.raises(DayNotBalanced) as refused:
        await close(tools, clock, day)
    assert [field for field, _ in refused.value.errors] == ["exceptions", "entries"]
    [found] = (await read_exceptions(tools, T, "open", None))[0]
    await accept_exception(tools, treasurer("dirk", clock), found.id, "Anbieter bestätigt den Ausfall")
    closed = await close(tools, clock, day)
    assert closed.accepted_exceptions == 1
    before = await file_of(tools, 1)
    await settling.settle()  # it comes after all
    await reconcile_tenant(tools, T)
    assert await file_of(tools, 1) == before


async def test_days_are_closed_once_and_in_order_without_gaps(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    first = today(clock)
    await settled_day(tools, provider, settling, clock)
    clock.pass_by(days=1)
    await settled_day(tools, provider, settling, clock)
    with pytest.raises(IllegalMove, match=str(first)):
        await close(tools, clock)
    with pytest.raises(InvalidRequest):
        await close(tools, clock, first + timedelta(days=2))
    assert (await close(tools, clock, first)).number == 1
    with pytest.raises(IllegalMove, match="was closed with number 1"):
        await close(tools, clock, first)
    second = await close(tools, clock)
    assert (second.number, second.first_number) == (2, 5)
    clock.pass_by(days=3)
    empty = await close(tools, clock)
    assert (empty.number, empty.lines, empty.first_number, empty.last_number) == (3, 1, 9, 8)
    assert (await close(tools, clock, tenant="erkelenz")).number == 1
    assert (await verify_ledger(tools.pool, T)).is_intact


async def test_what_is_booked_after_the_close_belongs_to_the_next(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await settled_day(tools, provider, settling, clock)
    await close(tools, clock)
    await settled_day(tools, provider, settling, clock)
    clock.pass_by(days=1)
    closed = await close(tools, clock)
    assert (closed.number, closed.first_number, closed.last_number) == (2, 5, 8)


async def test_two_at_once_close_once(tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock) -> None:
    await settled_day(tools, provider, settling, clock)
    outcomes = await asyncio.gather(*(close(tools, clock) for _ in range(3)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DayClose", "IllegalMove", "IllegalMove"]


async def test_the_same_key_closes_once(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await settled_day(tools, provider, settling, clock)
    command = once()
    first = await close_day(tools, treasurer("carla", clock), today(clock), command)
    assert await close_day(tools, treasurer("carla", clock), today(clock), command) == first


async def test_the_database_itself_lets_nobody_change_a_close(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock, payment_database: Database
) -> None:
    await settled_day(tools, provider, settling, clock)
    await close(tools, clock)
    owner = await asyncpg.connect(payment_database.all_tenants_owner_url)
    for statement in (
        "UPDATE day_close SET day = day - 1",
        "DELETE FROM day_close",
        "TRUNCATE day_close",
        "UPDATE day_close_line SET line = ''",
        "DELETE FROM day_close_line",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed"):
            await owner.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tools.pool.execute(statement)
    copy = (
        "INSERT INTO day_close SELECT tenant, number + {0}, day + {1}, last_number + {2}, last_number, ledger_hash,"
        " lines, totals, 0, export_hash, closed_by, closed_at FROM day_close"
    )
    for wrong in ((2, 1, 1), (1, 0, 1), (1, 1, 2)):
        with pytest.raises(asyncpg.CheckViolationError):
            await tools.pool.execute(copy.format(*wrong))
    await owner.close()


async def test_a_ledger_written_anew_after_a_close_is_found(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock, payment_database: Database
) -> None:
    await settled_day(tools, provider, settling, clock)
    await close(tools, clock)
    owner = await asyncpg.connect(payment_database.all_tenants_owner_url)
    await owner.execute(
        "ALTER TABLE ledger_entry DISABLE TRIGGER chain_ledger_entry; UPDATE ledger_entry SET amount_cents = 1600"
        " WHERE number = 1; DELETE FROM ledger_head"
    )
    for number in range(1, 5):  # the whole chain, hash by hash
        await owner.execute(
            "UPDATE ledger_entry e SET previous_hash = coalesce((SELECT hash FROM ledger_entry WHERE number = $1 - 1),"
            " e.previous_hash) WHERE number = $1",
            number,
        )
        await owner.execute("UPDATE ledger_entry e SET hash = ledger_hash(e) WHERE number = $1", number)
    await owner.execute("INSERT INTO ledger_head SELECT tenant, number, hash FROM ledger_entry WHERE number = 4")
    await owner.close()
    assert (await verify_ledger(tools.pool, T)).break_ == Break(4, "displaced")


async def test_another_tenants_close_is_not_there(tools: Tools, clock: Clock) -> None:
    await close(tools, clock)
    with pytest.raises(PaymentMissing):
        await get_day_close(tools, "erkelenz", 1)
    assert await file_of(tools, 1, "erkelenz") == b""


MANY = """
INSERT INTO ledger_entry (tenant, payment_id, attempt_id, kind, amount_cents, currency, treasury_reference, provider,
    provider_reference, booked_at)
    SELECT l.tenant, NULL, NULL, 'fee', -n, 'EUR', NULL, 'house', 'fee_' || n, l.booked_at
    FROM ledger_entry l, generate_series(1, 4000) n WHERE l.number = 1
"""


async def test_a_long_day_is_closed_and_exported_in_little_memory(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await settled_day(tools, provider, settling, clock)
    await tools.pool.execute(MANY)
    tracemalloc.start()
    closed = await close(tools, clock)
    size = 0
    async for chunk in export_day_close(tools, T, 1):
        size += len(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert closed.lines == 4003
    assert closed.totals.by_kind["fee"] == Sum(4000, -4000 * 4001 // 2)
    assert size > 200_000
    assert peak < 2_500_000

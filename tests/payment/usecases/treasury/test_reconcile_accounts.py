"""The four-way match on the database: what is read is booked once, what fits is never looked at again."""

import asyncio
from uuid import uuid4

import msgspec
import pytest
from tests.payment.support.house import Clock
from tests.payment.support.paying import ledger, paid
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import ask, treasurer
from tests.payment.support.settling import FEE_CENTS, Settling, T

from kit.sql import Pool
from payment.domain.attempt import Provider
from payment.domain.errors import IllegalMove, InvalidRequest, PaymentMissing
from payment.domain.reconciliation import reconcile
from payment.store.exceptions import TreasuryException
from payment.store.movements import list_accounts
from payment.store.open_items import list_open_items, place_movements
from payment.usecases.accept_exception import accept_exception
from payment.usecases.read_account import read_account
from payment.usecases.read_exceptions import read_exceptions
from payment.usecases.reconcile_accounts import reconcile_due_accounts, reconcile_tenant
from payment.usecases.tools import Tools
from payment.usecases.verify_ledger import verify_ledger


async def told(tools: Tools) -> list[tuple[str, int]]:
    return [(found.kind, found.difference_cents) for found in await open_exceptions(tools)]


async def open_exceptions(tools: Tools) -> list[TreasuryException]:
    return (await read_exceptions(tools, T, "open", None))[0]


async def open_rows(pool: Pool) -> tuple[int, int]:
    movements = await pool.fetchval("SELECT count(*) FROM provider_movement WHERE settled_at IS NULL")
    payouts = await pool.fetchval(
        "SELECT count(*) FROM provider_payout WHERE summed_at IS NULL OR bank_entry_id IS NULL"
    )
    return movements, payouts


async def test_what_fits_on_four_sides_is_settled(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    first, _ = await paid(tools, provider), await paid(tools, provider)
    await ask(tools, first, 500)
    clock.pass_by(hours=1)
    payout = await settling.settle()
    assert payout.amount.amount_cents == 2 * (1500 - FEE_CENTS) - 500
    done = await reconcile_tenant(tools, T)
    assert (done.new_movements, done.unread, done.waiting, done.exceptions) == (4, [], 0, 0)
    kinds = [kind for kind, _ in await ledger(tools.pool)]
    assert sorted(kinds) == ["capture", "capture", "fee", "fee", "payout", "refund"]
    assert await tools.pool.fetchval("SELECT sum(amount_cents) FROM ledger_entry") == 0
    assert await open_rows(tools.pool) == (0, 0)
    assert (await verify_ledger(tools.pool, T)).is_intact


async def test_reading_twice_and_at_once_books_once(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    clock.pass_by(hours=1)
    await settling.settle()
    await asyncio.gather(*(reconcile_tenant(tools, T) for _ in range(4)))
    assert len(await ledger(tools.pool)) == 3
    assert (await reconcile_tenant(tools, T)).new_movements == 0


async def test_paid_out_later_is_learnt_later(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    await reconcile_tenant(tools, T)
    assert await open_rows(tools.pool) == (1, 0)
    clock.pass_by(days=2)
    await settling.bank_tells(settling.pay_out())
    await reconcile_tenant(tools, T)
    assert await open_rows(tools.pool) == (0, 0)


async def test_a_payout_that_is_learnt_while_the_match_thinks_is_kept(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    await reconcile_tenant(tools, T)
    async with tools.acting_for(T) as connection:
        decided = reconcile(await list_open_items(connection, T), clock())
    payout = settling.pay_out()
    async with tools.acting_for(T) as connection:
        [account] = await list_accounts(connection, T)
    await read_account(tools, account)
    async with tools.acting_for(T) as connection:
        await place_movements(connection, T, decided.placements, clock())
    ids = await tools.pool.fetch("SELECT payout_id FROM provider_movement WHERE kind = 'payment'")
    assert [row["payout_id"] for row in ids] == [payout.id]


async def test_what_waits_too_long_is_an_exception_and_resolves_itself(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    assert (await reconcile_tenant(tools, T)).waiting == 1
    clock.pass_by(hours=30)
    await reconcile_tenant(tools, T)
    assert await told(tools) == [("missing_at_provider", -1500)]
    await settling.settle()
    await reconcile_tenant(tools, T)
    assert await told(tools) == []
    [resolved] = (await read_exceptions(tools, T, "resolved", None))[0]
    assert (resolved.state, resolved.kind) == ("resolved", "missing_at_provider")


async def test_what_differs_stays_until_a_treasurer_accepts_it_by_name(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    settling.move("other", "adj_1", -3)
    await settling.bank_tells(settling.pay_out(), difference_cents=-10)
    for _ in range(2):
        await reconcile_tenant(tools, T)
        assert sorted(await told(tools)) == [("bank_amount_differs", -10), ("unexplained_movement", -3)]
    first, second = await open_exceptions(tools)
    accepted = await accept_exception(tools, treasurer("carla", clock), first.id, "Bankgebühr")
    assert (accepted.state, accepted.accepted_by, accepted.reason) == ("accepted", "staff:carla", "Bankgebühr")
    assert await accept_exception(tools, treasurer("carla", clock), first.id, "Bankgebühr") == accepted
    with pytest.raises(IllegalMove):
        await accept_exception(tools, treasurer("dirk", clock), first.id, "doch nicht")
    with pytest.raises(PaymentMissing):
        await accept_exception(tools, treasurer("otto", clock, "erkelenz"), second.id, "fremd")
    with pytest.raises(InvalidRequest):
        await accept_exception(tools, treasurer("carla", clock), second.id, "  ")
    await reconcile_tenant(tools, T)
    assert [found.id for found in await open_exceptions(tools)] == [second.id]


async def test_money_that_nobody_booked_is_found(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    settling.move("payment", f"cap_{uuid4().hex}", 4600, reference="HS-fremd")
    clock.pass_by(hours=25)
    await reconcile_tenant(tools, T)
    [found] = await open_exceptions(tools)
    assert (found.kind, found.difference_cents, found.treasury_reference) == ("missing_in_ledger", 4600, "HS-fremd")


async def test_what_was_accepted_is_open_again_with_another_difference(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    source_id = f"cap_{uuid4().hex}"
    settling.move("payment", source_id, 4600)
    clock.pass_by(hours=25)
    await reconcile_tenant(tools, T)
    [first] = await open_exceptions(tools)
    await accept_exception(tools, treasurer("carla", clock), first.id, "Spende")
    await reconcile_tenant(tools, T)
    assert await told(tools) == []
    settling.move("payment", source_id, -600)
    clock.pass_by(hours=25)
    for _ in range(2):
        await reconcile_tenant(tools, T)
        assert await told(tools) == [("missing_in_ledger", 4000)]
    [second] = await open_exceptions(tools)
    await accept_exception(tools, treasurer("dirk", clock), second.id, "Spende, zum Teil zurück")
    await reconcile_tenant(tools, T)
    assert await told(tools) == []
    accepted = (await read_exceptions(tools, T, "accepted", None))[0]
    assert [(found.accepted_by, found.difference_cents) for found in accepted] == [
        ("staff:carla", 4600),
        ("staff:dirk", 4000),
    ]


async def test_a_dispute_is_booked_with_its_payment(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    id_ = await paid(tools, provider)
    clock.pass_by(hours=1)
    settling.report()
    settling.move("dispute", f"cap_{provider.latest.id}", -1500, 2000)
    await reconcile_tenant(tools, T)
    rows = await tools.pool.fetch(
        "SELECT kind, amount_cents FROM ledger_entry WHERE payment_id = $1 ORDER BY number", id_
    )
    assert {tuple(row) for row in rows} == {("capture", 1500), ("fee", -48), ("chargeback", -1500), ("fee", -2000)}


async def test_the_worker_comes_by_every_few_hours(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock
) -> None:
    await paid(tools, provider)
    clock.pass_by(hours=1)
    await settling.settle()
    assert await reconcile_due_accounts(tools) == 1
    assert await open_rows(tools.pool) == (0, 0)
    assert await reconcile_due_accounts(tools) == 0
    clock.pass_by(hours=7)
    assert await reconcile_due_accounts(tools) == 1


class FailsFor(MemoryProvider):
    """Not as a provider fails, which is foreseen: as software does."""

    def __init__(self, tenant: str) -> None:
        super().__init__()
        self.tenant = tenant

    async def find(self, tenant: str, provider: Provider) -> MemoryProvider:
        if tenant == self.tenant:
            raise RuntimeError
        return await super().find(tenant, provider)


async def test_one_tenants_failure_holds_up_no_other(tools: Tools, clock: Clock) -> None:
    await tools.pool.execute(
        "INSERT INTO provider_account (tenant, provider, secrets) VALUES ('erkelenz', 'stripe', '')"
    )
    assert await reconcile_due_accounts(msgspec.structs.replace(tools, gateways=FailsFor("erkelenz"))) == 2
    read = await tools.pool.fetch("SELECT tenant FROM movement_reading WHERE read_until IS NOT NULL")
    assert [row["tenant"] for row in read] == ["heinsberg"]
    clock.pass_by(minutes=16)
    assert await reconcile_due_accounts(tools) == 1
    assert await tools.pool.fetchval("SELECT count(*) FROM movement_reading WHERE read_until IS NOT NULL") == 2


async def test_a_provider_that_reports_nothing_is_not_asked(tools: Tools, clock: Clock) -> None:
    await tools.pool.execute(
        "INSERT INTO provider_account (tenant, provider, secrets) VALUES ('heinsberg', 'xbezahldienste', '')"
    )
    assert (await reconcile_tenant(tools, T)).unread == []
    clock.pass_by(hours=7)
    assert await reconcile_due_accounts(tools) == 1

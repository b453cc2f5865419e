"""The accounts stay as they are, to the byte and the hash, whatever goes beside them."""

from tests.payment.support.house import TENANT, Clock, once
from tests.payment.support.leftovers import MARKER, ORDERED, log_of, planted, traces
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.refunding import treasurer
from tests.payment.support.settling import Settling
from tests.support.database import Database

from payment.usecases.close_day import close_day
from payment.usecases.read_day_closes import export_day_close
from payment.usecases.reconcile_accounts import reconcile_tenant
from payment.usecases.sweep_leftovers import sweep_leftovers
from payment.usecases.tools import Tools
from payment.usecases.verify_ledger import verify_ledger


async def test_the_accounts_stay_to_the_byte_and_lose_their_words_when_the_law_lets_go(
    tools: Tools, provider: MemoryProvider, settling: Settling, clock: Clock, payment_database: Database
) -> None:
    clock.now = clock.now.replace(hour=11)
    await tools.pool.execute("UPDATE tenant SET retention = $1", {"accounting_years": 6})
    await planted(tools, provider)
    clock.pass_by(hours=1)
    await settling.settle()
    await reconcile_tenant(tools, TENANT)
    closed = await close_day(tools, treasurer("carla", clock), clock().date(), once())
    before = await export(tools, closed.number)
    for days in (31, 200, 365 * 6):
        clock.pass_by(days=days)
        await sweep_leftovers(tools)
    assert "order_texts" not in await log_of(tools), (
        "younger than the law's shortest, whatever the service's clock says"
    )
    await tools.pool.execute("UPDATE payment SET created_at = created_at - interval '9 years'")
    await sweep_leftovers(tools)
    assert await traces(payment_database, ORDERED, MARKER) == {"payment.outbox.payload"}, "the plumbing's, seven days"
    assert (await log_of(tools))["order_texts"] == 1
    row = await tools.pool.fetchrow("SELECT description, accounting FROM payment_item")
    assert tuple(row or ()) == ("", {})
    assert await export(tools, closed.number) == before
    assert (await verify_ledger(tools.pool, TENANT)).is_intact


async def export(tools: Tools, number: int) -> bytes:
    return b"".join([chunk async for chunk in export_day_close(tools, TENANT, number)])

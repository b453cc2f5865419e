"""Payments on their way: as far as a test needs them, and what is written of them."""

from uuid import UUID

from tests.payment.support.house import TENANT, start, state_of
from tests.payment.support.provider import MemoryProvider

from kit.sql import Pool
from payment.usecases.choose_method import choose_method
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


async def latest_attempt(pool: Pool, payment_id: UUID) -> UUID:
    id_: UUID = await pool.fetchval(
        "SELECT id FROM attempt WHERE payment_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1", payment_id
    )
    return id_


async def sync(tools: Tools, payment_id: UUID) -> None:
    await sync_attempt(tools, TENANT, await latest_attempt(tools.pool, payment_id), "provider")


async def attempt_states(pool: Pool, payment_id: UUID) -> list[str]:
    rows = await pool.fetch("SELECT state FROM attempt WHERE payment_id = $1 ORDER BY created_at, id", payment_id)
    return [row["state"] for row in rows]


async def ledger(pool: Pool) -> list[tuple[str, int]]:
    rows = await pool.fetch("SELECT kind, amount_cents FROM ledger_entry ORDER BY id")
    return [(row["kind"], row["amount_cents"]) for row in rows]


async def authorised(tools: Tools, provider: MemoryProvider) -> UUID:
    payment = await start(tools, capture="manual")
    await choose_method(tools, TENANT, payment.id, "card")
    provider.latest.pay()
    await sync(tools, payment.id)
    assert await state_of(tools.pool, payment.id) == "authorised"
    return payment.id


async def paid(tools: Tools, provider: MemoryProvider) -> UUID:
    payment = await start(tools)
    await choose_method(tools, TENANT, payment.id, "card")
    provider.latest.pay()
    await sync(tools, payment.id)
    assert await state_of(tools.pool, payment.id) == "paid"
    return payment.id

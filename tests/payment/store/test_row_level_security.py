"""As the plain role, with statements that forgot their WHERE: row-level security alone holds the tenants apart."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib.resources import files
from typing import Any

import asyncpg
import pytest
from tests.payment.support.house import Clock, key_for, once, start, tools_with
from tests.payment.support.provider import MemoryProvider
from tests.support.database import Database

from contracts.payment import NewRefund
from kit.sql import Pool, open_pool
from kit.tenants import acting_for, for_all_tenants
from kit.tokens import StaffClaims
from payment.store.webhooks import ProviderEvent, insert_provider_events
from payment.usecases.add_webhook_endpoint import add_webhook_endpoint
from payment.usecases.approve_refund import approve_refund
from payment.usecases.choose_method import choose_method
from payment.usecases.request_refund import request_refund
from payment.usecases.show_checkout import look_again
from payment.usecases.tools import Tools

A, B = "heinsberg", "erkelenz"
OF_NOBODY = {"schema_migration", "outbox", "inbox", "idempotent_answer"}
"""The plumbing's: no tenant's rows, or found by a whole key alone. Every other table must have a policy."""

POLICIES = {
    None,  # for reading alone
    "acts_for(tenant)",
    "acts_for(slug)",
    "(EXISTS ( SELECT FROM payment WHERE (payment.id = payment_item.payment_id)))",
    "(prefix = NULLIF(current_setting('app.key_prefix'::text, true), ''::text))",
    "(EXISTS ( SELECT FROM refund WHERE (refund.id = refund_approval.refund_id)))",
}

LIVED = 14
"""So many tables have rows in these tests. (That every other has the same policy, another test sees.)"""

SEES_ALL = {
    "authenticate.py",
    "deliver_webhooks.py",
    "draw_up_daily_batches.py",
    "expire_payments.py",
    "list_brands.py",
    "read_disputes.py",
    "reconcile_accounts.py",
    "submit_refunds.py",
    "sweep_attempts.py",
    "sweep_leftovers.py",
    "tell_checking.py",
    "tools.py",
    "verify_ledger.py",
}
"""The use cases that may look at every tenant at once. One more is one more place that could leak: think twice."""


@pytest.fixture
async def plain(payment_database: Database, lived: None) -> AsyncIterator[Pool]:
    """What the service has: the plain role, bound to nobody; two tenants have rows."""
    async with open_pool(payment_database.url) as pool:
        yield pool


@pytest.fixture
async def lived(house: Pool, clock: Clock) -> None:
    provider = MemoryProvider()
    async with tools_with(house, provider, clock) as tools:
        for slug in (A, B):
            await live_through(tools, provider, slug)


async def live_through(tools: Tools, provider: MemoryProvider, slug: str) -> None:
    """A payment is made, and part of it given back by a person."""
    now = tools.clock()
    await key_for(tools.unbound_pool, tools.clock, slug)
    await add_webhook_endpoint(tools, slug, "https://portal.example/hook", ["payment.paid"], once(f"{slug}:hook"))
    payment = await start(tools, slug)
    await choose_method(tools, slug, payment.id, "card")
    provider.latest.pay()
    await look_again(tools, slug, payment.id)
    wanted = NewRefund(amount_cents=700, reason="goodwill")
    await request_refund(tools, slug, payment.id, wanted, once(f"{slug}:refund"), actor="key:test")
    async with tools.acting_for(slug) as connection:
        refund_id = await connection.fetchval("SELECT id FROM refund")
        event = ProviderEvent(id=slug, type="x", object_id="x")
        await insert_provider_events(connection, slug, "stripe", [event], now)
    carla = StaffClaims(subject="carla", tenant=slug, roles=("treasurer",), expires_at=now + timedelta(hours=1))
    await approve_refund(tools, refund_id, carla, once(f"{slug}:carla"))


async def protected(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [row["tablename"] for row in rows if row["tablename"] not in OF_NOBODY]


async def counts(connection: Any, tables: list[str]) -> dict[str, int]:
    return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}


async def test_every_table_has_its_policy_and_binds_its_owner(plain: Pool) -> None:
    rows = await plain.fetch(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS is_forced,"
        " array_agg(pg_get_expr(p.polqual, c.oid)) AS seen,"
        " array_agg(pg_get_expr(p.polwithcheck, c.oid)) AS written"
        " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace GROUP BY 1, 2"
    )
    assert {row["relname"] for row in rows} >= OF_NOBODY
    for row in rows:
        if row["relname"] not in OF_NOBODY:
            assert row["is_forced"], f"CALL bind_to_tenant('{row['relname']}') in its migration"
            found = {text and re.sub(r"\s+", " ", text) for text in row["seen"] + row["written"]}
            assert found <= POLICIES, row["relname"]


async def test_a_tenant_sees_its_own_rows_and_nobody_sees_any(plain: Pool) -> None:
    tables = await protected(plain)
    async with for_all_tenants(plain) as connection:
        every = await counts(connection, tables)
    seen: dict[str, dict[str, int]] = {}
    for slug in (A, B):
        async with acting_for(plain, slug) as connection:
            seen[slug] = await counts(connection, tables)
    assert sum(map(bool, every.values())) >= LIVED
    assert {table: (seen[A][table], seen[B][table]) for table in tables} == {
        table: (every[table] // 2, every[table] // 2) for table in tables
    }
    assert set((await counts(plain, tables)).values()) == {0}
    for nobody in ("", "*", "on", "%", "nobody"):
        async with acting_for(plain, nobody) as connection:
            assert set((await counts(connection, tables)).values()) == {0}


async def test_a_row_of_another_tenant_is_neither_written_nor_moved_nor_deleted(
    plain: Pool, payment_database: Database
) -> None:
    """As the owner, who may do anything else: it is the policy that refuses."""
    async with open_pool(payment_database.owner_url) as owner:
        for table in await protected(owner):
            async with for_all_tenants(owner) as connection:
                mark = "slug" if table == "tenant" else "tenant"
                rows = await connection.fetch(f"SELECT * FROM {table}")
            async with acting_for(owner, A) as connection:
                own = await connection.fetch(f"SELECT * FROM {table}")
                if not rows:
                    continue
                other = next(row for row in rows if row not in own)
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                    async with connection.transaction():
                        await connection.execute(
                            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT ($1::{table}).*", other
                        )
                if mark in other:
                    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                        async with connection.transaction():
                            await connection.execute(f"UPDATE {table} SET {mark} = $1", B)


async def test_a_transaction_ends_and_leaves_the_connection_bound_to_nobody(payment_database: Database) -> None:
    async with open_pool(payment_database.url, size_max=1) as pool:
        async with acting_for(pool, A) as connection:
            assert await connection.fetchval("SELECT acts_for($1)", A)
        with pytest.raises(ZeroDivisionError):
            async with for_all_tenants(pool):
                raise ZeroDivisionError
        assert not await pool.fetchval("SELECT coalesce(acts_for($1), false)", A)


async def test_a_prefix_shows_one_key_and_only_while_it_is_asked_for(plain: Pool, house: Pool) -> None:
    rows = await house.fetch("SELECT prefix, tenant FROM api_key")
    for row in rows:
        found = await plain.fetch("SELECT prefix, tenant FROM api_key_of($1)", row["prefix"])
        assert found == [row]
    assert await plain.fetch("SELECT prefix FROM api_key_of('') UNION ALL SELECT prefix FROM api_key") == []


def test_only_these_use_cases_look_at_all_tenants_at_once() -> None:
    sources = [file for file in (files("payment") / "usecases").iterdir() if file.name.endswith(".py")]
    assert {file.name for file in sources if "for_all_tenants(" in file.read_text("utf-8")} == SEES_ALL


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT id FROM attempt WHERE due_at <= now() ORDER BY due_at LIMIT 20", "attempt_due"),
        ("SELECT id FROM refund WHERE due_at <= now() ORDER BY due_at LIMIT 20", "refund_due"),
        ("SELECT id FROM dispute_look WHERE due_at <= now() ORDER BY due_at LIMIT 20", "dispute_look_due"),
        ("SELECT state FROM dispute WHERE attempt_id = '00000000-0000-7000-8000-000000000000'", "dispute_by_attempt"),
        ("SELECT id FROM webhook_delivery WHERE due_at <= now() ORDER BY due_at LIMIT 20", "webhook_delivery_due"),
        ("SELECT id FROM payment WHERE state = 'pending' AND expires_at <= now() LIMIT 9", "payment_expiry"),
        ("SELECT id FROM payment WHERE tenant = 'heinsberg' AND reference = 'r'", "payment_by_reference"),
        ("SELECT id FROM attempt WHERE payment_id = '00000000-0000-7000-8000-000000000000'", "attempt_by_payment"),
        ("SELECT id FROM api_key WHERE prefix = 'abc'", "api_key_prefix_key"),
    ],
)
async def test_policies_leave_the_indexes_usable(plain: Pool, sql: str, index: str) -> None:
    """An operator that PostgreSQL does not trust would be kept from the index until the policy has looked."""
    async with acting_for(plain, A) as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {sql}"))
    assert f"using {index} " in plan or f"on {index} " in plan, plan
    assert "Index Cond" in plan, plan

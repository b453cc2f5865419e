"""The chain as the database writes it, and what the verifier says after somebody was at it with the owner's rights."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files

import asyncpg
import msgspec
import pytest
from tests.payment.support.paying import paid
from tests.payment.support.provider import MemoryProvider
from tests.support.database import Database, fresh_database

from kit.migrate import migrate
from kit.sql import Pool, open_pool
from payment.domain.ledger_chain import Break
from payment.usecases.tools import Tools
from payment.usecases.verify_ledger import verify_ledger, verify_ledgers

T = "heinsberg"


async def as_owner(database: Database, sql: str) -> None:
    connection = await asyncpg.connect(database.all_tenants_owner_url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def found(pool: Pool) -> Break | None:
    return (await verify_ledger(pool, T)).break_


async def test_what_is_booked_is_chained(tools: Tools, provider: MemoryProvider) -> None:
    for _ in range(3):
        await paid(tools, provider)
    verification = await verify_ledger(tools.unbound_pool, T)
    assert (verification.entries, verification.is_intact) == (3, True)
    assert (await verify_ledger(tools.unbound_pool, "erkelenz")).entries == 0
    rows = await tools.pool.fetch("SELECT number FROM ledger_entry ORDER BY id")
    assert [row["number"] for row in rows] == [1, 2, 3]


async def test_captures_at_the_same_time_get_numbers_without_gaps(tools: Tools, provider: MemoryProvider) -> None:
    await asyncio.gather(*(paid_alone(tools) for _ in range(8)))
    verification = await verify_ledger(tools.unbound_pool, T)
    assert (verification.entries, verification.break_) == (8, None)


async def paid_alone(tools: Tools) -> None:
    """With a provider of its own, so that many pay side by side."""
    own = MemoryProvider()
    await paid(msgspec.structs.replace(tools, gateways=own), own)


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        ("UPDATE ledger_entry SET amount_cents = 1 WHERE number = 2", Break(2, "changed")),
        ("UPDATE ledger_entry SET booked_at = booked_at - interval '1 day' WHERE number = 3", Break(3, "changed")),
        ("DELETE FROM ledger_entry WHERE number = 2", Break(2, "missing")),
        ("DELETE FROM ledger_entry WHERE number = 4", Break(4, "cut_off")),
        (
            (
                "UPDATE ledger_entry SET number = 99 WHERE number = 2;"
                " UPDATE ledger_entry SET number = 2 WHERE number = 3;"
                " UPDATE ledger_entry SET number = 3 WHERE number = 99"
            ),
            Break(2, "changed"),
        ),
        (
            (
                "UPDATE ledger_entry SET amount_cents = 1 WHERE number = 2;"
                " UPDATE ledger_entry e SET hash = ledger_hash(e) WHERE number = 2"
            ),
            Break(3, "displaced"),
        ),
    ],
)
async def test_the_first_wrong_entry_is_named(
    tools: Tools, provider: MemoryProvider, payment_database: Database, tampering: str, expected: Break
) -> None:
    for _ in range(4):
        await paid(tools, provider)
    await as_owner(payment_database, tampering)
    assert await found(tools.unbound_pool) == expected
    words = [verification.in_words() for verification in await verify_ledgers(tools.unbound_pool, T)]
    assert words == [
        f"heinsberg: entry {expected.number} {expected.damage} ({expected.number - 1} entries before it hold)"
    ]


CLOSE = """
INSERT INTO day_close (tenant, number, day, first_number, last_number, ledger_hash, lines, totals, accepted_exceptions,
    export_hash, closed_by, closed_at)
    SELECT tenant, 1, '2026-11-22', 1, number, hash, 1, '{}', 0, '', 'staff:carla', now() FROM ledger_entry
    WHERE number = 4;
"""
CUT = """
DELETE FROM ledger_entry WHERE number > 2;
UPDATE ledger_head SET number = 2, hash = (SELECT hash FROM ledger_entry WHERE number = 2);
"""


async def test_a_ledger_that_ends_before_a_day_close_was_cut_off(
    tools: Tools, provider: MemoryProvider, payment_database: Database
) -> None:
    """Whoever cut it moved the written end as well."""
    for _ in range(4):
        await paid(tools, provider)
    await as_owner(payment_database, CLOSE)
    assert await found(tools.unbound_pool) is None
    await as_owner(payment_database, CUT)
    assert await found(tools.unbound_pool) == Break(3, "cut_off")


async def test_the_service_itself_cannot_touch_chain_or_head(tools: Tools, provider: MemoryProvider) -> None:
    await paid(tools, provider)
    for statement in (
        "UPDATE ledger_entry SET hash = previous_hash",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_head SET number = 7",
        "SELECT next_in_ledger(e) FROM ledger_entry e",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tools.pool.execute(statement)
    assert await found(tools.unbound_pool) is None


@pytest.fixture
def empty_database() -> Iterator[Database]:
    yield from fresh_database("payment", "template0")


OLD_ENTRIES = """
INSERT INTO tenant (slug, profile, kassenzeichen) VALUES ('heinsberg', '{}', 'x'), ('erkelenz', '{}', 'x');
INSERT INTO payment (id, tenant, state, reference, treasury_reference, description, amount_cents, currency, capture,
    language, return_url, created_by, expires_at, created_at, updated_at)
    SELECT gen_random_uuid(), tenant, 'created', 'r', n::text, 'd', 1500, 'EUR', 'manual', 'de', 'u', 'b', now(), now(),
    now() FROM generate_series(1, 3) n, unnest('{heinsberg,erkelenz}'::text[]) tenant;
INSERT INTO attempt (id, tenant, payment_id, state, method, provider, created_at, updated_at)
    SELECT gen_random_uuid(), tenant, id, 'paid', 'card', 'stripe', now(), now() FROM payment;
INSERT INTO ledger_entry (tenant, payment_id, attempt_id, kind, amount_cents, currency, treasury_reference, provider,
    provider_reference, booked_at)
    SELECT tenant, payment_id, id, 'capture', 1500, 'EUR', 'Größe "1"\\', 'stripe', 'pi', now() FROM attempt;
"""


async def test_what_was_booked_before_the_chain_is_chained_by_the_migration(empty_database: Database) -> None:
    url = empty_database.owner_url
    await migrate(url, ["kit"], "payment_app")
    first = (files("payment") / "migrations/0001_payment.sql").read_text("utf-8").replace(":app_role", "payment_app")
    await as_owner(empty_database, first + OLD_ENTRIES)
    for file in sorted((files("payment") / "migrations").iterdir(), key=lambda file: file.name)[1:]:
        await as_owner(empty_database, file.read_text("utf-8").replace(":app_role", "payment_app"))
    async with open_pool(url) as pool:
        for tenant in ("heinsberg", "erkelenz"):
            verification = await verify_ledger(pool, tenant)
            assert (verification.entries, verification.break_) == (3, None)


def run(database: Database, *arguments: str) -> tuple[int, list[str]]:
    """`python -m payment verify-ledger`, as an operator calls it where no key is."""
    environment = os.environ | {"DATABASE_URL": database.url}
    command = [sys.executable, "-m", "payment", "verify-ledger", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


async def test_the_command_tells_the_first_wrong_entry_and_exits_so(
    tools: Tools, provider: MemoryProvider, payment_database: Database
) -> None:
    await paid(tools, provider)
    assert run(payment_database) == (0, ["heinsberg: 1 entries, intact", "erkelenz: 0 entries, intact"])
    await as_owner(payment_database, "UPDATE ledger_entry SET amount_cents = 1")
    assert run(payment_database, "--tenant", T) == (1, ["heinsberg: entry 1 changed (0 entries before it hold)"])
    assert run(payment_database, "--tenant", "erkelenz")[0] == 0
    assert run(payment_database, "--tenant", "nowhere") == (2, [])

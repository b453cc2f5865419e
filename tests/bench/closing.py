"""A day close and its export, over a thousand payments and over ten thousand: seconds, and the process's memory.

`python -m tests.bench.closing URL TENANT` closes the tenant's day in a process of its own, whose memory is measured.
"""

import asyncio
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from tests.payment.support import house
from tests.payment.support.provider import MemoryProvider

from demo.engines import Postgres, create_databases
from kit.clock import system_clock
from kit.migrate import migrate
from kit.sql import open_pool
from kit.tenants import acting_for
from kit.tokens import StaffClaims
from payment.usecases.close_day import close_day
from payment.usecases.read_day_closes import export_day_close

SIZES = (1_000, 10_000)
CHUNK = 500
"""Entries in one transaction, as the ledger's chain is written when providers are read."""
KINDS: Final = {"close": True, "match_and_close": False}
"""With everything matched before, as the worker leaves it, or all of it still to be matched by the close."""


class Closed(msgspec.Struct, frozen=True):
    seconds: float
    lines: int
    export_bytes: int
    before_mb: float
    peak_mb: float


def measure(server: Postgres) -> tuple[dict[str, Closed], dict[str, float]]:
    create_databases(server, ["payment"])
    asyncio.run(migrate(server.url("payment_owner", "payment"), ["kit", "payment"], "payment_app"))
    url = f"{server.url('payment_app', 'payment')}&app.all_tenants=on"
    figures: dict[str, Closed] = {}
    for kind, is_matched in KINDS.items():
        for size in SIZES:
            tenant = f"{kind.replace('_', '-')}-{size}"
            asyncio.run(_live_a_day(url, tenant, size, is_matched=is_matched))
            server.run("VACUUM ANALYZE", database="payment")
            figures[f"{kind}_{size}"] = _close_in_a_process(url, tenant)
            _show(f"{kind}_{size}", figures[f"{kind}_{size}"])
    grown = {f"{kind}_grows_mb": round(_grown(figures, kind), 1) for kind in KINDS}
    return figures, grown


def _grown(figures: dict[str, Closed], kind: str) -> float:
    small, large = (figures[f"{kind}_{size}"] for size in SIZES)
    return (large.peak_mb - large.before_mb) - (small.peak_mb - small.before_mb)


def _show(name: str, closed: Closed) -> None:
    print(
        f"  {name.ljust(24)}{closed.seconds:6.2f} s   {closed.lines:,} lines"
        f"   memory {closed.before_mb:.1f} → {closed.peak_mb:.1f} MB",
        flush=True,
    )


def _close_in_a_process(url: str, tenant: str) -> Closed:
    command = [sys.executable, "-m", "tests.bench.closing", url, tenant]
    done = subprocess.run(command, capture_output=True, check=False, timeout=600)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return msgspec.json.decode(done.stdout, type=Closed)


def yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)


async def _live_a_day(url: str, tenant: str, payments: int, *, is_matched: bool) -> None:
    """Straight into the tables: captures and fees, what Stripe tells of them, one payout, and the bank's entry."""
    at = datetime.combine(yesterday(), datetime.min.time(), UTC) + timedelta(hours=10)
    async with open_pool(url) as pool:
        await house.configure_tenants(pool, tenant)
        for first in range(1, payments + 1, CHUNK):
            async with acting_for(pool, tenant) as connection:
                for sql in (_PAYMENTS, _ITEMS, _ATTEMPTS, _ENTRIES):
                    await connection.execute(sql, tenant, first, min(first + CHUNK - 1, payments), at)
        async with acting_for(pool, tenant) as connection:
            await connection.execute(_MOVEMENTS, tenant, is_matched, at)
            await connection.execute(_STATEMENT, tenant, at)
            await connection.execute(_PAYOUT, tenant, is_matched, at)


async def _close(url: str, tenant: str) -> Closed:
    """As the web process does it."""
    clara = StaffClaims(subject="clara", tenant=tenant, roles=("treasurer",), expires_at=system_clock())
    async with open_pool(url) as pool, house.tools_with(pool, MemoryProvider(), house.Clock()) as tools:
        _forget_peak()
        before_mb, started = _peak_mb(), time.perf_counter()
        closed = await close_day(tools, clara, yesterday(), house.once(f"{tenant}:close"))
        size = 0
        async for chunk in export_day_close(tools, tenant, closed.number):
            size += len(chunk)
        seconds = time.perf_counter() - started
    return Closed(seconds=seconds, lines=closed.lines, export_bytes=size, before_mb=before_mb, peak_mb=_peak_mb())


def _forget_peak() -> None:
    """What starting took is not what closing takes (Linux: proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


_ID: Final = "md5($1 || '{}' || n)::uuid"
_PAYMENTS: Final = f"""
INSERT INTO payment (id, tenant, state, version, reference, treasury_reference, description, amount_cents, currency,
    capture, language, return_url, created_by, settled_attempt_id, expires_at, created_at, updated_at)
SELECT {_ID.format("payment")}, $1, 'paid', 3, 'order', 'B-' || n, 'Auszug', 1500, 'EUR', 'automatic', 'de', 'https://x',
    'bench', {_ID.format("attempt")}, $4::timestamptz, $4::timestamptz, $4::timestamptz
FROM generate_series($2::int, $3::int) n"""
_ITEMS: Final = f"""
INSERT INTO payment_item (payment_id, position, description, quantity, amount_cents, accounting)
SELECT {_ID.format("payment")}, p, 'Auszug Liegenschaftskarte', 1, 750, '{{"Haushaltsstelle": "51110.43110000"}}'
FROM generate_series($2::int, $3::int) n, generate_series(1, 2) p WHERE $4::timestamptz IS NOT NULL"""
_ATTEMPTS: Final = f"""
INSERT INTO attempt (id, tenant, payment_id, state, method, provider, session_id, capture_id, captured_cents,
    created_at, updated_at)
SELECT {_ID.format("attempt")}, $1, {_ID.format("payment")}, 'paid', 'card', 'stripe', $1 || '_cs_' || n,
    $1 || '_pi_' || n, 1500, $4::timestamptz, $4::timestamptz FROM generate_series($2::int, $3::int) n"""
_ENTRIES: Final = f"""
INSERT INTO ledger_entry (tenant, payment_id, attempt_id, kind, amount_cents, currency, treasury_reference, provider,
    provider_reference, booked_at)
SELECT $1, {_ID.format("payment")}, {_ID.format("attempt")}, kind, cents, 'EUR', 'B-' || n, 'stripe',
    $1 || '_pi_' || n, $4::timestamptz
FROM generate_series($2::int, $3::int) n, (VALUES ('capture', 1500), ('fee', -48)) AS k (kind, cents)"""
_MOVEMENTS: Final = """
INSERT INTO provider_movement (tenant, provider, id, kind, amount_cents, fee_cents, currency, source_id, reference,
    occurred_at, payout_id, ledger_number, settled_at)
SELECT $1, 'stripe', 'txn_' || number, 'payment', 1500, 48, 'EUR', provider_reference, treasury_reference, booked_at,
    'po_' || $1, CASE WHEN $2 THEN number END, CASE WHEN $2 THEN $3::timestamptz END
FROM ledger_entry WHERE tenant = $1 AND kind = 'capture'"""
_STATEMENT: Final = """
WITH paid_out AS (SELECT sum(amount_cents - fee_cents)::bigint AS cents FROM provider_movement WHERE tenant = $1),
read AS (
    INSERT INTO bank_statement (id, tenant, iban, number, digest, currency, opened_cents, closed_cents, closed_on,
        entries, imported_by, imported_at)
    SELECT md5($1 || 'statement')::uuid, $1, 'DE00', '1', '', 'EUR', 0, cents, $2::timestamptz::date, 1, 'bench', $2
    FROM paid_out)
INSERT INTO bank_entry (id, tenant, statement_id, position, amount_cents, booked_on, provider, text)
SELECT md5($1 || 'entry')::uuid, $1, md5($1 || 'statement')::uuid, 1, cents, $2::timestamptz::date, 'stripe',
    'po_' || $1 || ' STRIPE' FROM paid_out"""
_PAYOUT: Final = """
INSERT INTO provider_payout (tenant, provider, id, amount_cents, currency, status, arrives_on, trace, names_movements,
    summed_at, bank_entry_id)
SELECT $1, 'stripe', 'po_' || $1, amount_cents, 'EUR', 'paid', $3::timestamptz::date, '', true,
    CASE WHEN $2 THEN $3::timestamptz END, CASE WHEN $2 THEN id END FROM bank_entry WHERE tenant = $1"""


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(_close(*sys.argv[1:]))))

"""Tenants by the thousand, made by the database itself: what is measured is living with them, not bringing them in."""

import asyncio
import random
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import msgspec
from tests.booking.sample import profile

from booking.domain.slots import Span, span_bits
from booking.store.bits import to_bit
from kit.sql import Pool, open_pool

PATTERNS = 64
PARTS = 4
"""Connections that fill the masks side by side."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Tenants that are alike: one location, one service of a quarter of an hour, and clerks who all serve it."""

    prefix: str
    tenants: int
    lanes: int
    days: int
    taken: float = 0.5
    """Of each day, open from 8 to 16, by chance."""

    def slug(self, number: int) -> str:
        return f"{self.prefix}{number:05}"


class Populated(msgspec.Struct, frozen=True):
    masks: int
    seconds: float
    size_gb: float


async def populate(url: str, shape: Shape) -> Populated:
    """`url` as the owner."""
    started = time.perf_counter()
    async with open_pool(url, size_max=PARTS) as pool:
        size_before = await _size(pool)
        await pool.execute(_TABLES)
        await pool.execute("INSERT INTO bench_shape VALUES ($1, $2, $3)", shape.prefix, shape.tenants, shape.lanes)
        await pool.execute("INSERT INTO bench_profile VALUES ($1)", msgspec.to_builtins(profile("bench-profile")))
        await pool.executemany("INSERT INTO bench_pattern VALUES ($1, $2, $3)", _patterns(shape.taken))
        await pool.execute((Path(__file__).parent / "populate.sql").read_text("utf-8"), timeout=3600)
        bounds = [(part * shape.tenants // PARTS, (part + 1) * shape.tenants // PARTS) for part in range(PARTS)]
        fill = (_fill(pool, shape, first, last) for first, last in bounds if first < last)
        masks = sum(await asyncio.gather(*fill))
        await pool.execute("DROP TABLE bench_shape, bench_profile, bench_pattern")
        await pool.execute("VACUUM ANALYZE", timeout=3600)  # or the server does it itself, while we measure
        return Populated(masks, time.perf_counter() - started, (await _size(pool) - size_before) / 1e9)


async def add_history(url: str, tenant: str, visits: int) -> None:
    """Visits of the past two years, as they stand when all is over, with what they occupied; copies of one that is
    there. A quarter of an hour each, one lane after the other.
    """
    async with open_pool(url, size_max=1) as pool:
        await pool.execute(_HISTORY, tenant, visits, timeout=3600)
        await pool.execute("ANALYZE", timeout=3600)


async def services_of(url: str, shape: Shape) -> list[tuple[str, UUID]]:
    """Each tenant's only service."""
    async with open_pool(url, size_max=1) as pool:
        rows = await pool.fetch(
            "SELECT tenant, id FROM service WHERE tenant BETWEEN $1 AND $2 ORDER BY tenant",
            shape.slug(0),
            shape.slug(shape.tenants - 1),
        )
    return [(row["tenant"], row["id"]) for row in rows]


def first_day() -> date:
    return datetime.now(UTC).date() + timedelta(days=1)


async def _size(pool: Pool) -> int:
    size: int = await pool.fetchval("SELECT pg_database_size(current_database())")
    return size


async def _fill(pool: Pool, shape: Shape, first: int, last: int) -> int:
    status = await pool.execute(_MASKS, first_day(), shape.days, shape.slug(first), shape.slug(last - 1), timeout=3600)
    return int(status.rsplit(" ", 1)[-1])


def _patterns(taken: float) -> list[tuple[int, object, object]]:
    chance = random.Random(5)
    opened = span_bits(Span(96, 192))
    patterns = []
    for number in range(PATTERNS):
        free = opened
        for quarter in range(32, 64):
            if chance.random() < taken:
                free &= ~span_bits(Span(quarter * 3, quarter * 3 + 3))
        patterns.append((number, to_bit(opened), to_bit(free)))
    return patterns


_TABLES: LiteralString = """
    CREATE TABLE bench_shape (prefix text NOT NULL, tenants int NOT NULL, lanes int NOT NULL);
    CREATE TABLE bench_profile (profile jsonb NOT NULL);
    CREATE TABLE bench_pattern (number int PRIMARY KEY, open bit(288) NOT NULL, free bit(288) NOT NULL);
"""
_MASKS: LiteralString = f"""
    INSERT INTO day_mask (lane_id, day, tenant, open, public, free)
    SELECT l.id, $1::date + d, l.tenant, p.open, p.open, p.free
    FROM lane l CROSS JOIN generate_series(0, $2::int - 1) d
    JOIN bench_pattern p ON p.number = (l.id * 7 + d * 13) % {PATTERNS}
    WHERE l.tenant BETWEEN $3 AND $4
    ORDER BY l.id, d
"""
_HISTORY: LiteralString = """
    WITH lanes AS (
        SELECT array_agg(id ORDER BY id) AS ids, count(*)::int AS many FROM lane WHERE tenant = $1
    ), visit AS (
        SELECT gen_random_uuid() AS id, ids[n % many + 1] AS lane_id, n,
               date_trunc('hour', now()) - interval '2 days' - (n / many) * interval '15 min' AS starts_at
        FROM lanes, generate_series(0, $2::int - 1) n
    ), kept AS (
        INSERT INTO appointment
        SELECT r.* FROM visit v, (SELECT a FROM appointment a WHERE tenant = $1 LIMIT 1) AS one (a),
            LATERAL jsonb_populate_record(a, jsonb_build_object(
                'id', v.id, 'number', 'H' || lpad(upper(to_hex(v.n)), 7, '0'), 'state', 'completed',
                'lane_id', v.lane_id, 'starts_at', v.starts_at, 'ends_at', v.starts_at + interval '15 min',
                'expires_at', NULL, 'citizen_uid', v.id, 'held_at', v.starts_at - interval '9 days',
                'created_at', v.starts_at - interval '9 days', 'updated_at', v.starts_at + interval '1 hour')) AS r
        RETURNING id, lane_id, starts_at, ends_at
    )
    INSERT INTO occupation (appointment_id, lane_id, during)
    SELECT id, lane_id, tstzrange(starts_at, ends_at) FROM kept
"""

"""A country on one machine: every municipality a tenant, each with its lanes and days, half of the time taken.

Rows are made by the database itself, since a country is loaded once and what is measured is living in it.
"""

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
from kit.sql import open_pool

DAYS = 60
PATTERNS = 64
DURATION_MIN = 15
PARTS = 4
"""Connections that fill the masks side by side."""


class Country(msgspec.Struct, frozen=True):
    tenants: int
    masks: int
    load_s: float
    size_gb: float
    first_day: date


async def load_country(url: str, tenants: int) -> Country:
    """`url` as the owner. Each tenant has one location, one service and twenty clerks who all serve it."""
    started = time.perf_counter()
    first_day = datetime.now(UTC).date() + timedelta(days=1)
    async with open_pool(url, size_max=PARTS) as pool:
        await pool.execute(_TABLES)
        await pool.execute("INSERT INTO bench_size VALUES ($1)", tenants)
        await pool.execute("INSERT INTO bench_profile VALUES ($1)", msgspec.to_builtins(profile("country")))
        await pool.executemany("INSERT INTO bench_pattern VALUES ($1, $2, $3)", _patterns())
        await pool.execute((Path(__file__).parent / "country.sql").read_text("utf-8"), timeout=3600)
        bounds = [(part * tenants // PARTS, (part + 1) * tenants // PARTS) for part in range(PARTS)]
        await asyncio.gather(*(pool.execute(_MASKS, first_day, DAYS, *bound, timeout=3600) for bound in bounds))
        await pool.execute("DROP TABLE bench_size, bench_profile, bench_pattern")
        await pool.execute("ANALYZE", timeout=3600)
        masks: int = await pool.fetchval("SELECT count(*) FROM day_mask")
        size: int = await pool.fetchval("SELECT pg_database_size(current_database())")
    return Country(tenants, masks, time.perf_counter() - started, size / 1e9, first_day)


def slug(number: int) -> str:
    return f"c{number:05}"


async def service_ids(url: str, numbers: list[int]) -> dict[int, UUID]:
    async with open_pool(url, size_max=1) as pool:
        rows = await pool.fetch("SELECT tenant, id FROM service WHERE tenant = ANY($1)", [slug(n) for n in numbers])
    return {int(row["tenant"][1:]): row["id"] for row in rows}


def _patterns() -> list[tuple[int, object, object]]:
    """Days open from 8 to 16, of which each quarter of an hour is taken by chance."""
    chance = random.Random(5)
    opened = span_bits(Span(96, 192))
    patterns = []
    for number in range(PATTERNS):
        free = opened
        for quarter in range(32, 64):
            if chance.random() < 0.5:
                free &= ~span_bits(Span(quarter * 3, quarter * 3 + 3))
        patterns.append((number, to_bit(opened), to_bit(free)))
    return patterns


_TABLES: LiteralString = """
    CREATE TABLE bench_size (tenants int NOT NULL);
    CREATE TABLE bench_profile (profile jsonb NOT NULL);
    CREATE TABLE bench_pattern (number int PRIMARY KEY, open bit(288) NOT NULL, free bit(288) NOT NULL);
"""
_MASKS: LiteralString = f"""
    INSERT INTO day_mask (lane_id, day, tenant, open, public, free)
    SELECT l.id, $1::date + d, l.tenant, p.open, p.open, p.free
    FROM tenant t JOIN lane l ON l.tenant = t.slug CROSS JOIN generate_series(0, $2::int - 1) d
    JOIN bench_pattern p ON p.number = (l.id * 7 + d * 13) % {PATTERNS}
    WHERE t.position >= $3 AND t.position < $4
    ORDER BY l.id, d
"""

"""The town that the bench books in: ten lanes, forty lanes half full, forty that never close, and a hundred slots."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from tests.booking.sample import profile, service

from booking.domain.catalogue_files import Building, ClerkEntry, Files, Office, OfficesFile
from booking.domain.configuration import id_for
from booking.domain.slots import FULL, Span, span_bits
from booking.domain.visit_plan import RequestedItem, plan_visit
from booking.store.bits import from_bit, to_bit
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.configure import configure
from booking.usecases.hold_slot import Request, hold_slot
from kit.clock import system_clock
from kit.sql import Pool, open_pool

TENANT = "bench"
DAYS = 60
HISTORY = 3_000
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LANES = {"ten": 10, "forty": 40, "keep": 40, "rush": 10}
_HOURS = {"ten": "08:00-16:00", "forty": "08:00-16:00", "keep": "00:00-24:00", "rush": "08:00-10:30"}


def service_id(name: str) -> UUID:
    return id_for(TENANT, "service", name)


def files() -> Files:
    services = [service(name, office=name, max_quantity=1, fee_kind="fixed", fee_cents=4600) for name in _LANES]
    hours: Any = {name: dict.fromkeys(_WEEK, (span,)) for name, span in _HOURS.items()}
    buildings = [
        Building(tenant=TENANT, name=name, street="Markt 1", postcode="52499", city="Muster", hours=name)
        for name in _LANES
    ]
    offices = [
        Office(tenant=TENANT, unit=name, building=name, notice_min=0, window_days=DAYS, clerks=_clerks(name, count))
        for name, count in _LANES.items()
    ]
    return Files(
        [profile(TENANT)], services, OfficesFile(hours=hours, building=tuple(buildings), office=tuple(offices))
    )


def _clerks(name: str, count: int) -> tuple[ClerkEntry, ...]:
    return tuple(ClerkEntry(f"{name} {number}", f"{name}{number}@bench.example") for number in range(count))


async def build(url: str) -> None:
    async with open_pool(url) as pool:
        await configure(pool, files(), system_clock)
        await pool.execute(
            "UPDATE day_mask m SET open = $1, public = $1, free = $1"
            " FROM lane l JOIN location p ON p.id = l.location_id WHERE l.id = m.lane_id AND p.name = 'keep'",
            to_bit(FULL),
        )
        await _fill_half(pool)
        await _live(pool)


async def _live(pool: Pool) -> None:
    """A history: so that the tables, and what the planner knows of them, are those of a town at work."""
    catalogue = await CatalogueCache(pool, 60).get(TENANT)
    plans = plan_visit(catalogue, [RequestedItem(service_id("keep"))])
    for start in spread_starts(HISTORY, seed=3):
        await hold_slot(pool, catalogue, plans, Request(start, str(uuid4()), b""), system_clock())


async def _fill_half(pool: Pool) -> None:
    """Every other quarter of an hour is taken, by chance. Only masks: nothing is booked on these lanes afterwards."""
    chance = random.Random(1)
    rows = await pool.fetch(
        "SELECT m.lane_id, m.day, m.open FROM day_mask m JOIN lane l ON l.id = m.lane_id"
        " JOIN location p ON p.id = l.location_id WHERE p.name = 'forty'"
    )
    for row in rows:
        free = from_bit(row["open"])
        for quarter in range(96):
            if chance.random() < 0.5:
                free &= ~span_bits(Span(quarter * 3, quarter * 3 + 3))
        await pool.execute(
            "UPDATE day_mask SET free = $3 WHERE lane_id = $1 AND day = $2", row["lane_id"], row["day"], to_bit(free)
        )


async def minimal_tables(url: str) -> None:
    """For pgbench; the same sizes, no more than is needed."""
    async with open_pool(url) as pool:
        await pool.execute(
            """
            CREATE TABLE bench_mask (lane_id int, day date, free bit(288) NOT NULL, PRIMARY KEY (lane_id, day))
                WITH (fillfactor = 70);
            INSERT INTO bench_mask SELECT lane, date '2027-01-01' + day, ~0::bit(288)
                FROM generate_series(0, 39) lane, generate_series(0, 59) day;
            CREATE TABLE bench_appointment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lane_id int NOT NULL,
                starts_at timestamptz NOT NULL, state text NOT NULL);
            CREATE TABLE bench_occupation (appointment_id bigint PRIMARY KEY, lane_id int NOT NULL,
                during tstzrange NOT NULL, EXCLUDE USING gist (lane_id WITH =, during WITH &&));
            """
        )


def hold_bodies(name: str, starts: list[datetime]) -> list[bytes]:
    item = {"service_id": str(service_id(name)), "quantity": 1}
    return [msgspec.json.encode({"items": [item], "start": start}) for start in starts]


def spread_starts(count: int, seed: int = 2) -> list[datetime]:
    """Quarters of an hour over the days that may be booked, in disorder; 40 lanes share each."""
    first = datetime.combine(datetime.now(UTC).date() + timedelta(days=2), time.min, UTC)
    chance = random.Random(seed)
    return [first + timedelta(days=chance.randrange(DAYS - 4), minutes=15 * chance.randrange(88)) for _ in range(count)]


def rush_starts(citizens: int) -> list[datetime]:
    """Ten quarters of an hour at ten lanes: a hundred slots."""
    day: date = datetime.now(UTC).date() + timedelta(days=7)
    first = datetime.combine(day, time(8), ZoneInfo("Europe/Berlin"))
    return [first + timedelta(minutes=15 * (number % 10)) for number in range(citizens)]

"""Day masks: one row per lane and local day. They are a projection; the occupation's constraint is the guarantee."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from booking.domain.opening_hours import Closure, OpeningRule
from booking.domain.projection import LanePlace, Mask, MaskKey, OccupiedRange, Rules
from booking.store.bits import from_bit, to_bit
from kit.sql import Connection, execute, fetch_all


async def take_bits(connection: Connection, lane_id: int, day: date, bits: int) -> bool:
    """Compare-and-set: false if any of these steps is not free (any more). Nothing is locked then."""
    touched = await execute(
        connection,
        "UPDATE day_mask SET free = free & ~$3::bit(288) WHERE lane_id = $1 AND day = $2 AND free & $3 = $3",
        lane_id,
        day,
        to_bit(bits),
    )
    return touched == 1


async def insert_occupation(
    connection: Connection, appointment_id: UUID, lane_id: int, starts_at: datetime, ends_at: datetime
) -> None:
    """`ends_at` with the buffer. Raises asyncpg.ExclusionViolationError, should a mask ever be wrong."""
    await execute(
        connection,
        "INSERT INTO occupation (appointment_id, lane_id, during) VALUES ($1, $2, tstzrange($3, $4))",
        appointment_id,
        lane_id,
        starts_at,
        ends_at,
    )


async def read_rules(connection: Connection, tenant: str, first_day: date, last_day: date) -> Rules:
    lanes = await fetch_all(
        connection,
        LanePlace,
        "SELECT l.id AS lane_id, l.location_id, p.time_zone FROM lane l JOIN location p ON p.id = l.location_id"
        " WHERE l.tenant = $1 AND l.retired_at IS NULL ORDER BY l.id",
        tenant,
    )
    opening = await fetch_all(
        connection,
        OpeningRule,
        "SELECT location_id, lane_id, weekday, opens, nullif(closes, '24:00') AS closes, lower(valid) AS valid_from,"
        " upper(valid) AS valid_until FROM opening_rule WHERE tenant = $1",
        tenant,
    )
    closures = await fetch_all(
        connection,
        Closure,
        "SELECT location_id, day, closed_from, nullif(closed_to, '24:00') AS closed_to FROM closure"
        " WHERE tenant = $1 AND day BETWEEN $2 AND $3",
        tenant,
        first_day,
        last_day,
    )
    return Rules(lanes=lanes, opening=opening, closures=closures)


async def list_occupied_ranges(connection: Connection, tenant: str, since: datetime) -> list[OccupiedRange]:
    return await fetch_all(
        connection,
        OccupiedRange,
        "SELECT o.lane_id, lower(o.during) AS starts_at, upper(o.during) AS ends_at"
        " FROM occupation o JOIN lane l ON l.id = o.lane_id WHERE l.tenant = $1 AND upper(o.during) > $2",
        tenant,
        since,
    )


async def lock_tenant_masks(
    connection: Connection, tenant: str, first_day: date, last_day: date
) -> dict[MaskKey, Mask]:
    """Waits for the holds under way, and lets none in until the transaction ends."""
    rows = await connection.fetch(
        "SELECT lane_id, day, open, free FROM day_mask WHERE tenant = $1 AND day BETWEEN $2 AND $3"
        " ORDER BY lane_id, day FOR UPDATE",
        tenant,
        first_day,
        last_day,
    )
    return _masks(rows)


async def list_masks(connection: Connection, tenant: str, first_day: date, last_day: date) -> dict[MaskKey, Mask]:
    rows = await connection.fetch(
        "SELECT lane_id, day, open, free FROM day_mask WHERE tenant = $1 AND day BETWEEN $2 AND $3",
        tenant,
        first_day,
        last_day,
    )
    return _masks(rows)


def _masks(rows: Iterable[asyncpg.Record]) -> dict[MaskKey, Mask]:
    return {(row["lane_id"], row["day"]): Mask(from_bit(row["open"]), from_bit(row["free"])) for row in rows}


async def insert_masks(connection: Connection, tenant: str, masks: Mapping[MaskKey, Mask]) -> None:
    """Days that have no mask yet. One that somebody else made meanwhile stays: a hold may have taken of it already."""
    await connection.executemany(
        "INSERT INTO day_mask (lane_id, day, tenant, open, free) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        [(lane_id, day, tenant, to_bit(mask.open), to_bit(mask.free)) for (lane_id, day), mask in masks.items()],
    )


async def update_masks(connection: Connection, masks: Mapping[MaskKey, Mask]) -> None:
    """Only for masks that this transaction has locked."""
    await connection.executemany(
        "UPDATE day_mask SET open = $3, free = $4 WHERE lane_id = $1 AND day = $2",
        [(lane_id, day, to_bit(mask.open), to_bit(mask.free)) for (lane_id, day), mask in masks.items()],
    )


async def delete_masks(connection: Connection, keys: Sequence[MaskKey]) -> None:
    """Of lanes that ended. Only for masks that this transaction has locked."""
    await connection.executemany("DELETE FROM day_mask WHERE lane_id = $1 AND day = $2", keys)


async def delete_masks_before(connection: Connection, tenant: str, day: date) -> int:
    return await execute(connection, "DELETE FROM day_mask WHERE tenant = $1 AND day < $2", tenant, day)


async def longest_window_days(connection: Connection, tenant: str) -> int:
    days: int = await connection.fetchval(
        "SELECT coalesce(max(window_days), 0) FROM offering WHERE tenant = $1", tenant
    )
    return days

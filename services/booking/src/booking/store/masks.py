"""Day masks: one row per lane and local day. They are a projection; the occupation's constraint is the guarantee."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import BitString

from booking.domain.projection import Mask, MaskKey
from booking.store.bits import from_sent, to_bit
from kit.sql import Connection, execute


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


async def list_masks(
    connection: Connection, lane_ids: Collection[int], first_day: date, last_day: date
) -> dict[MaskKey, Mask]:
    rows = await connection.fetch(
        "SELECT lane_id, day, bit_send(open) AS open, bit_send(free) AS free, bit_send(public) AS public FROM day_mask"
        " WHERE lane_id = ANY($1) AND day BETWEEN $2 AND $3",
        lane_ids,
        first_day,
        last_day,
    )
    return {
        (row["lane_id"], row["day"]): Mask(from_sent(row["open"]), from_sent(row["free"]), from_sent(row["public"]))
        for row in rows
    }


async def lock_these_masks(connection: Connection, keys: Collection[MaskKey]) -> None:
    """Waits for the holds under way, and lets none in until the transaction ends."""
    await execute(
        connection,
        "SELECT 1 FROM day_mask JOIN unnest($1::int[], $2::date[]) AS wanted (lane_id, day) USING (lane_id, day)"
        " ORDER BY lane_id, day FOR UPDATE OF day_mask",
        [lane_id for lane_id, _ in keys],
        [day for _, day in keys],
    )


async def insert_masks(connection: Connection, tenant: str, masks: Mapping[MaskKey, Mask]) -> None:
    """Days that have no mask yet. One that somebody else made meanwhile stays: a hold may have taken of it already.

    Most lanes of an office look alike on all days: such lanes go together, and the database writes them out.
    """
    by_lane: defaultdict[int, list[tuple[date, Mask]]] = defaultdict(list)
    for (lane_id, day), mask in masks.items():
        by_lane[lane_id].append((day, mask))
    alike: defaultdict[tuple[tuple[date, Mask], ...], list[int]] = defaultdict(list)
    for lane_id, days in by_lane.items():
        alike[tuple(days)].append(lane_id)
    await connection.executemany(
        "INSERT INTO day_mask (lane_id, day, tenant, open, free, public)"
        " SELECT lane_id, day, $1, open, free, public FROM unnest($2::int[]) AS lane_id,"
        " unnest($3::date[], $4::bit(288)[], $5::bit(288)[], $6::bit(288)[]) AS masks (day, open, free, public)"
        " ON CONFLICT DO NOTHING",
        [(tenant, lane_ids, *_columns(days)) for days, lane_ids in alike.items()],
    )


def _columns(days: Sequence[tuple[date, Mask]]) -> tuple[list[date], list[BitString], list[BitString], list[BitString]]:
    return (
        [day for day, _ in days],
        [to_bit(mask.open) for _, mask in days],
        [to_bit(mask.free) for _, mask in days],
        [to_bit(mask.public) for _, mask in days],
    )


async def update_masks(connection: Connection, masks: Mapping[MaskKey, Mask]) -> None:
    """Only for masks that this transaction has locked."""
    await connection.executemany(
        "UPDATE day_mask SET open = $3, free = $4, public = $5 WHERE lane_id = $1 AND day = $2",
        [
            (lane_id, day, to_bit(mask.open), to_bit(mask.free), to_bit(mask.public))
            for (lane_id, day), mask in masks.items()
        ],
    )


async def delete_masks_before(connection: Connection, lane_ids: Collection[int], day: date) -> int:
    return await execute(connection, "DELETE FROM day_mask WHERE lane_id = ANY($1) AND day < $2", lane_ids, day)


async def find_last_day(connection: Connection, lane_ids: Collection[int]) -> date | None:
    """How far the masks of these lanes reach."""
    day: date | None = await connection.fetchval("SELECT max(day) FROM day_mask WHERE lane_id = ANY($1)", lane_ids)
    return day


async def longest_window_days(connection: Connection, tenant: str) -> int:
    days: int = await connection.fetchval(
        "SELECT coalesce(max(window_days), 0) FROM offering WHERE tenant = $1", tenant
    )
    return days

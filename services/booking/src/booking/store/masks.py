"""Day masks: one row per lane and local day. They are a projection; the occupation's constraint is the guarantee."""

from datetime import date, datetime
from uuid import UUID

from booking.store.bits import to_bit
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

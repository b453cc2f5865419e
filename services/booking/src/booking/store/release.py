"""Giving a slot back: the mask's bits and the occupation of an appointment that dies, moves or expired.

Order of locks, everywhere: the appointment's row, then day masks (sorted by lane and day), then occupation. Whoever
touches several masks in one transaction takes them with `lock_masks` first; so two transactions never wait for each
other in a circle.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.slots import place_of
from booking.store.bits import to_bit
from kit.sql import Connection, execute, fetch_all


class Occupied(msgspec.Struct, frozen=True):
    lane_id: int
    starts_at: datetime
    ends_at: datetime
    """Its end, buffer included."""
    time_zone: str


async def release_slot(connection: Connection, appointment_id: UUID) -> None:
    """Call it in the transaction that moved the appointment's state, after the move. Does nothing the second time."""
    await release_slots(connection, [appointment_id])


async def release_slots(connection: Connection, appointment_ids: Sequence[UUID]) -> None:
    for occupied in await list_occupied(connection, appointment_ids):
        place = place_of(occupied.starts_at, occupied.ends_at, ZoneInfo(occupied.time_zone))
        await execute(
            connection,
            "UPDATE day_mask SET free = free | (open & $3) WHERE lane_id = $1 AND day = $2",
            occupied.lane_id,
            place.day,
            to_bit(place.bits),
        )
    await execute(connection, "DELETE FROM occupation WHERE appointment_id = ANY($1)", appointment_ids)


async def hand_over(connection: Connection, holder_id: UUID, appointment_id: UUID) -> None:
    """What the one occupies is the other's from now on; the masks stay as they are."""
    await execute(
        connection, "UPDATE occupation SET appointment_id = $2 WHERE appointment_id = $1", holder_id, appointment_id
    )


async def list_occupied(connection: Connection, appointment_ids: Sequence[UUID]) -> list[Occupied]:
    return await fetch_all(
        connection,
        Occupied,
        "SELECT o.lane_id, lower(o.during) AS starts_at, upper(o.during) AS ends_at, a.time_zone"
        " FROM occupation o JOIN appointment a ON a.id = o.appointment_id"
        " WHERE o.appointment_id = ANY($1) ORDER BY o.lane_id, lower(o.during)",
        appointment_ids,
    )


async def lock_masks(connection: Connection, keys: Collection[tuple[int, date]]) -> None:
    """Lock the masks of these (lane, day) in the house's order. A reschedule calls it with the old and the new one."""
    for lane_id, day in sorted(keys):
        await execute(connection, "SELECT 1 FROM day_mask WHERE lane_id = $1 AND day = $2 FOR UPDATE", lane_id, day)

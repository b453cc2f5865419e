"""The clerk's part of a slot changes hands; rooms and devices that the visit has beside stay as they are."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import Appointment
from booking.domain.errors import SlotTaken
from booking.domain.slots import Place, place_of
from booking.store.bits import to_bit
from booking.store.lanes import get_need, retake_slot
from booking.store.masks import insert_occupation, take_bits
from booking.store.release import lock_masks
from kit.sql import Connection, execute


async def find_lane_of_clerk(connection: Connection, appointment: Appointment, clerk_id: UUID) -> int | None:
    """The clerk's lane at the visit's place, if this clerk serves all of its services there."""
    lane_id: int | None = await connection.fetchval(
        "SELECT n.id FROM lane n WHERE n.tenant = $1 AND n.location_id = $2 AND n.clerk_id = $3 AND NOT EXISTS ("
        " SELECT 1 FROM appointment_item i WHERE i.appointment_id = $4 AND NOT EXISTS ("
        " SELECT 1 FROM skill k WHERE k.offering_id = i.offering_id AND k.lane_id = n.id))",
        appointment.tenant,
        appointment.location_id,
        clerk_id,
        appointment.id,
    )
    return lane_id


async def is_other_room(connection: Connection, appointment: Appointment, lane_id: int) -> bool:
    """Whether the citizen has to be sent to another door."""
    differs: bool = await connection.fetchval(
        "SELECT n.room IS DISTINCT FROM o.room FROM lane n, lane o WHERE n.tenant = $1 AND n.id = $2 AND o.id = $3",
        appointment.tenant,
        lane_id,
        appointment.lane_id,
    )
    return differs


async def exchange_lane(connection: Connection, appointment: Appointment, lane_id: int) -> None:
    """In the transaction that records it, and before. An overbooked visit has no slot to give, and gets one.

    Raises SlotTaken where the other lane is not open or not free then.
    """
    if appointment.overbooked:
        own = msgspec.structs.replace(appointment, lane_id=lane_id)
        await retake_slot(connection, own, await get_need(connection, own))
        return
    until = await _occupied_until(connection, appointment)
    place = place_of(appointment.starts_at, until, ZoneInfo(appointment.time_zone))
    await lock_masks(connection, {(appointment.lane_id, place.day), (lane_id, place.day)})
    if not await take_bits(connection, lane_id, place.day, place.bits):
        raise SlotTaken("This clerk is not free then.")
    await _give_up(connection, appointment, place)
    await insert_occupation(connection, appointment.id, lane_id, appointment.starts_at, until)


async def _occupied_until(connection: Connection, appointment: Appointment) -> datetime:
    """The end, buffer included."""
    until: datetime = await connection.fetchval(
        "SELECT upper(during) FROM occupation WHERE appointment_id = $1 AND lane_id = $2",
        appointment.id,
        appointment.lane_id,
    )
    return until


async def _give_up(connection: Connection, appointment: Appointment, place: Place) -> None:
    await execute(
        connection,
        "UPDATE day_mask SET free = free | (open & $3) WHERE lane_id = $1 AND day = $2",
        appointment.lane_id,
        place.day,
        to_bit(place.bits),
    )
    await execute(
        connection,
        "DELETE FROM occupation WHERE appointment_id = $1 AND lane_id = $2",
        appointment.id,
        appointment.lane_id,
    )

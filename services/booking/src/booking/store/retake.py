"""Taking the very slot again that a lapsed reservation had: same clerk, same time, once."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment
from booking.domain.errors import SlotTaken
from booking.domain.slots import place_of
from booking.store.masks import insert_occupation, take_bits
from kit.sql import Connection


async def retake_slot(connection: Connection, appointment: Appointment) -> None:
    """Whoever lapsed there before us must have been released already. Raises SlotTaken."""
    until = appointment.ends_at + timedelta(minutes=await _buffer_min(connection, appointment))
    place = place_of(appointment.starts_at, until, ZoneInfo(appointment.time_zone))
    if not await take_bits(connection, appointment.lane_id, place.day, place.bits):
        raise SlotTaken
    await insert_occupation(connection, appointment.id, appointment.lane_id, appointment.starts_at, until)


async def _buffer_min(connection: Connection, appointment: Appointment) -> int:
    minutes: int = await connection.fetchval(
        "SELECT coalesce(max(o.buffer_min), 0) FROM appointment_item i JOIN offering o ON o.id = i.offering_id"
        " WHERE o.tenant = $1 AND i.appointment_id = $2",
        appointment.tenant,
        appointment.id,
    )
    return minutes

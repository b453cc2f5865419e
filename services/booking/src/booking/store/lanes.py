"""Lanes for an appointment that exists already: its own slot again, or another one."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment
from booking.domain.errors import SlotTaken
from booking.domain.lanes import Candidate
from booking.domain.slots import Place, place_of
from booking.store.bits import to_bit
from booking.store.masks import insert_occupation, take_bits
from kit.sql import Connection


async def retake_slot(connection: Connection, appointment: Appointment) -> None:
    """Same clerk, same time, once, for a reservation that had lapsed; others that lapsed there are released already.

    Raises SlotTaken.
    """
    until = appointment.ends_at + await buffer_of(connection, appointment)
    place = place_of(appointment.starts_at, until, ZoneInfo(appointment.time_zone))
    if not await take_bits(connection, appointment.lane_id, place.day, place.bits):
        raise SlotTaken
    await insert_occupation(connection, appointment.id, appointment.lane_id, appointment.starts_at, until)


async def buffer_of(connection: Connection, appointment: Appointment) -> timedelta:
    """After the visit, before the next one."""
    minutes: int = await connection.fetchval(
        "SELECT coalesce(max(o.buffer_min), 0) FROM appointment_item i JOIN offering o ON o.id = i.offering_id"
        " WHERE o.tenant = $1 AND i.appointment_id = $2",
        appointment.tenant,
        appointment.id,
    )
    return timedelta(minutes=minutes)


async def list_candidates(connection: Connection, lane_ids: Sequence[int], place: Place) -> list[Candidate]:
    """The lanes as they stand now, for whoever holds their masks locked."""
    rows = await connection.fetch(
        "SELECT lane_id, bit_count(open & ~free)::int AS load, open & $3 = $3 AS is_open, free & $3 = $3 AS is_free"
        " FROM day_mask WHERE lane_id = ANY($1) AND day = $2",
        lane_ids,
        place.day,
        to_bit(place.bits),
    )
    return [Candidate(row["lane_id"], row["load"], row["is_open"], row["is_free"]) for row in rows]

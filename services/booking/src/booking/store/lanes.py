"""Lanes for an appointment that exists already: its own slot again, or another one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.domain.appointment import Appointment
from booking.domain.lanes import Candidate, Slot, choose_lanes
from booking.domain.slots import place_of, steps_beside
from booking.store.bits import to_bit
from booking.store.masks import insert_occupation, take_bits
from booking.store.release import lock_masks
from kit.sql import Connection


class Need(NamedTuple):
    """What an appointment occupies, or would."""

    lane_groups: Sequence[Sequence[int]]
    """Its own clerk or counter, and any one of each group of resources."""
    until: datetime
    """Its end and the buffer."""


async def get_need(connection: Connection, appointment: Appointment) -> Need:
    """As its services are offered now."""
    rows = await connection.fetch(
        "SELECT array_remove(array_agg(DISTINCT l.id), NULL) AS lane_ids"
        " FROM appointment_item i JOIN offering_resource r ON r.offering_id = i.offering_id"
        " LEFT JOIN lane l ON l.resource_group = r.resource_group AND l.location_id = $3 AND l.tenant = $1"
        " AND l.retired_at IS NULL"
        " WHERE i.appointment_id = $2 GROUP BY r.resource_group ORDER BY r.resource_group",
        appointment.tenant,
        appointment.id,
        appointment.location_id,
    )
    until = appointment.ends_at + await buffer_of(connection, appointment)
    return Need([[appointment.lane_id], *(row["lane_ids"] for row in rows)], until)


async def buffer_of(connection: Connection, appointment: Appointment) -> timedelta:
    """After the visit, before the next one."""
    minutes: int = await connection.fetchval(
        "SELECT coalesce(max(o.buffer_min), 0) FROM appointment_item i JOIN offering o ON o.id = i.offering_id"
        " WHERE o.tenant = $1 AND i.appointment_id = $2",
        appointment.tenant,
        appointment.id,
    )
    return timedelta(minutes=minutes)


async def retake_slot(connection: Connection, appointment: Appointment, need: Need) -> None:
    """Same clerk, same time, once, for a reservation that had lapsed; others that lapsed there are released already.

    A room may be another one of its kind. Whose quota it was is settled. Raises SlotTaken.
    """
    place = place_of(appointment.starts_at, need.until, ZoneInfo(appointment.time_zone))
    slot = Slot(need.lane_groups, (), place, internal=True)
    await lock_masks(connection, {(lane_id, place.day) for lane_id in slot.lane_ids})
    chosen = choose_lanes(await list_candidates(connection, slot), ())
    await take_lanes(connection, appointment.id, chosen, slot, appointment.starts_at, need.until)


async def list_candidates(connection: Connection, slot: Slot) -> list[list[Candidate]]:
    """The lanes of each group as they stand now, for whoever holds their masks locked."""
    rows = await connection.fetch(
        "SELECT lane_id, bit_count(open & ~free)::int AS load, bit_count(free & $4)::int AS loose,"
        " open & $3 = $3 AND ($5 OR public & $3 = $3) AS is_open,"
        " free & $3 = $3 AND ($5 OR public & $3 = $3) AS is_free"
        " FROM day_mask WHERE lane_id = ANY($1) AND day = $2",
        slot.lane_ids,
        slot.place.day,
        to_bit(slot.place.bits),
        to_bit(steps_beside(slot.place.bits)),
        slot.internal,
    )
    found = {row["lane_id"]: Candidate(**row) for row in rows}
    return [[found[lane_id] for lane_id in lane_ids if lane_id in found] for lane_ids in slot.lane_groups]


async def take_lanes(
    connection: Connection,
    appointment_id: UUID,
    lane_ids: Sequence[int],
    slot: Slot,
    starts_at: datetime,
    until: datetime,
) -> None:
    """`lane_ids` are free candidates, whose masks the caller holds locked."""
    for lane_id in lane_ids:
        is_taken = await take_bits(connection, lane_id, slot.place.day, slot.place.bits)
        assert is_taken, "a mask that is locked changes for nobody else"
        await insert_occupation(connection, appointment_id, lane_id, starts_at, until)


async def list_counters_of_unit(connection: Connection, tenant: str, unit_id: UUID) -> list[int]:
    """Counters that serve this unit, and no other."""
    rows = await connection.fetch(
        "SELECT l.id FROM lane l JOIN skill k ON k.lane_id = l.id JOIN offering o ON o.id = k.offering_id"
        " WHERE l.tenant = $1 AND l.kind = 'counter' GROUP BY l.id HAVING bool_and(o.unit_id = $2) ORDER BY l.id",
        tenant,
        unit_id,
    )
    return [row["id"] for row in rows]

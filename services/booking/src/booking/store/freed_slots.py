"""Slots that cancelled visits left, each held by an appointment of the clock's own until somebody has it."""

from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from booking.domain.appointment import Appointment
from booking.domain.slots import Place
from booking.domain.waitlist import FreedTime
from booking.store.bits import from_bit
from kit.sql import Connection, execute, fetch_all, fetch_one


class KeepBack(msgspec.Struct, frozen=True):
    freed_after_min: int
    """As the tenant wants it."""
    is_waited_for: bool


async def read_keep_back(connection: Connection, left: Appointment) -> KeepBack:
    """Whether anything speaks for keeping back the slot that this visit leaves."""
    return await fetch_one(
        connection,
        KeepBack,
        "SELECT coalesce((profile ->> 'freed_after_min')::int, 0) AS freed_after_min, EXISTS ("
        " SELECT 1 FROM waitlist_entry w JOIN appointment a ON a.id = w.appointment_id WHERE w.tenant = $1"
        " AND a.state = 'confirmed' AND a.location_id = $2 AND a.starts_at > $3) AS is_waited_for"
        " FROM tenant WHERE slug = $1",
        left.tenant,
        left.location_id,
        left.starts_at,
    )


class NewFreedSlot(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    number: str
    left: Appointment
    now: datetime
    expires_at: datetime
    public_at: datetime
    due_at: datetime | None


async def insert_freed_slot(connection: Connection, slot: NewFreedSlot) -> None:
    """For whoever has taken the bits. No event: there is nobody to tell."""
    left = slot.left
    await execute(
        connection,
        """
        WITH held AS (
            INSERT INTO appointment (id, tenant, number, state, location_id, unit_id, lane_id, channel, starts_at,
                ends_at, time_zone, fee_kind, payment_policy, citizen_uid, held_at, expires_at, booked_via, created_at,
                updated_at)
            VALUES ($1, $2, $3, 'held', $4, $5, $6, $7, $8, $9, $10, 'none', 'none', $11, $12, $13, 'waitlist', $12,
                $12)
        ), occupation AS (
            INSERT INTO occupation (appointment_id, lane_id, during) VALUES ($1, $6, tstzrange($8, $9))
        ), audit AS (
            INSERT INTO audit_event (tenant, appointment_id, version, actor, action, at)
            VALUES ($2, $1, 1, 'clock', 'hold', $12)
        )
        INSERT INTO freed_slot (held_id, tenant, public_at, due_at) VALUES ($1, $2, $14, $15)
        """,
        slot.id,
        left.tenant,
        slot.number,
        left.location_id,
        left.unit_id,
        left.lane_id,
        left.channel,
        left.starts_at,
        left.ends_at,
        left.time_zone,
        uuid4(),
        slot.now,
        slot.expires_at,
        slot.public_at,
        slot.due_at,
    )


class DueSlot(msgspec.Struct, frozen=True):
    tenant: str
    held_id: UUID
    public_at: datetime


async def list_due(connection: Connection, now: datetime, limit: int) -> list[DueSlot]:
    """Newly freed, or its offer is declined, over its time, or no longer of use to whom it was made."""
    return await fetch_all(
        connection,
        DueSlot,
        """
        SELECT tenant, held_id, public_at FROM freed_slot WHERE due_at <= $1
        UNION
        SELECT f.tenant, f.held_id, f.public_at FROM earlier_offer o JOIN freed_slot f ON f.held_id = o.held_id
        JOIN appointment a ON a.id = o.appointment_id JOIN appointment s ON s.id = o.held_id
        WHERE o.outcome IS NULL AND (a.state <> 'confirmed' OR a.starts_at <= s.starts_at)
        LIMIT $2
        """,
        now,
        limit,
    )


async def postpone_slot(connection: Connection, held_id: UUID, due_at: datetime | None) -> None:
    await execute(connection, "UPDATE freed_slot SET due_at = $2 WHERE held_id = $1", held_id, due_at)


async def delete_freed_slot(connection: Connection, held_id: UUID) -> None:
    await execute(connection, "DELETE FROM freed_slot WHERE held_id = $1", held_id)


async def read_freed_time(connection: Connection, slot: Appointment, place: Place) -> FreedTime | None:
    """The slot and the free time around it; null where its lane is closed by now."""
    row = await connection.fetchrow(
        "SELECT free, open, public FROM day_mask WHERE lane_id = $1 AND day = $2", slot.lane_id, place.day
    )
    if row is None:
        return None
    usable = (from_bit(row["free"]) | place.bits) & from_bit(row["open"]) & from_bit(row["public"])
    return FreedTime(slot.lane_id, place.day, place.bits, usable)

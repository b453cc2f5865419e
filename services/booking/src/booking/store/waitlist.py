"""Waitlist entries: one a confirmed visit, gone with it."""

from datetime import date, datetime, time
from uuid import UUID

import msgspec

from booking.domain.appointment import Appointment
from booking.domain.catalogue import Channel
from booking.domain.waitlist import Wishes
from kit.sql import Connection, execute, fetch_all, fetch_optional


async def save_entry(connection: Connection, tenant: str, appointment_id: UUID, wishes: Wishes, now: datetime) -> None:
    """Other wishes do not lose the place in the line."""
    await execute(
        connection,
        "INSERT INTO waitlist_entry (appointment_id, tenant, weekdays, from_time, to_time, not_before, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (appointment_id)"
        " DO UPDATE SET weekdays = $3, from_time = $4, to_time = $5, not_before = $6",
        appointment_id,
        tenant,
        wishes.weekdays,
        wishes.from_time,
        wishes.to_time,
        wishes.not_before,
        now,
    )


async def find_entry(connection: Connection, tenant: str, appointment_id: UUID) -> Wishes | None:
    return await fetch_optional(
        connection,
        Wishes,
        "SELECT weekdays, from_time, to_time, not_before FROM waitlist_entry WHERE tenant = $1 AND appointment_id = $2",
        tenant,
        appointment_id,
    )


async def delete_entry(connection: Connection, tenant: str, appointment_id: UUID) -> None:
    await execute(
        connection, "DELETE FROM waitlist_entry WHERE tenant = $1 AND appointment_id = $2", tenant, appointment_id
    )


class WaitingVisit(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID
    version: int
    starts_at: datetime
    lane_id: int
    location_id: UUID
    unit_id: UUID
    channel: Channel
    service_ids: tuple[UUID, ...]
    quantities: tuple[int, ...]
    weekdays: tuple[int, ...]
    from_time: time | None
    to_time: time | None
    not_before: date | None

    @property
    def wishes(self) -> Wishes:
        return Wishes(
            weekdays=self.weekdays, from_time=self.from_time, to_time=self.to_time, not_before=self.not_before
        )


async def list_waiting(connection: Connection, slot: Appointment, now: datetime, limit: int) -> list[WaitingVisit]:
    """Who waits at that place for something earlier, and has no offer to think about. Who had the fewest offers goes
    first, then who has waited longest; nobody is offered the same slot twice.
    """
    return await fetch_all(
        connection,
        WaitingVisit,
        """
        SELECT a.id AS appointment_id, a.version, a.starts_at, a.lane_id, a.location_id, a.unit_id,
               a.channel, i.service_ids, i.quantities, w.weekdays, w.from_time, w.to_time, w.not_before
        FROM waitlist_entry w JOIN appointment a ON a.id = w.appointment_id
        CROSS JOIN LATERAL (SELECT array_agg(service_id ORDER BY position) AS service_ids,
                                   array_agg(quantity ORDER BY position) AS quantities
                            FROM appointment_item WHERE appointment_id = a.id) AS i
        CROSS JOIN LATERAL (SELECT count(*) AS offers, bool_or(outcome IS NULL AND expires_at > $4) AS is_asked,
                                   bool_or(held_id = $5) AS had_this
                            FROM earlier_offer WHERE appointment_id = a.id) AS o
        WHERE w.tenant = $1 AND a.state = 'confirmed' AND a.location_id = $2 AND a.starts_at > $3
              AND o.is_asked IS NOT TRUE AND o.had_this IS NOT TRUE
        ORDER BY o.offers, w.created_at, a.id LIMIT $6
        """,
        slot.tenant,
        slot.location_id,
        slot.starts_at,
        now,
        slot.id,
        limit,
    )

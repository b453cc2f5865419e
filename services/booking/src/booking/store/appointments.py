"""The appointment's row: read, locked, and moved by compare-and-set on its version."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from booking.domain.appointment import Appointment
from booking.domain.errors import Conflict, NotFound, SlotTaken
from kit.sql import Connection, execute, fetch_all, fetch_optional


class Item(msgspec.Struct, frozen=True):
    service_id: UUID
    service: str
    service_en: str
    """Empty where nobody translated it."""
    documents: tuple[str, ...]
    documents_en: tuple[str, ...]
    accounting: dict[str, str]
    quantity: int
    duration_min: int
    fee_cents: int | None


async def get_appointment(connection: Connection, tenant: str, appointment_id: UUID) -> Appointment:
    """Raises NotFound."""
    found = await fetch_optional(
        connection,
        Appointment,
        "SELECT id, tenant, number, state, version, location_id, unit_id, lane_id, channel, starts_at, ends_at,"
        " time_zone, fee_cents, fee_kind, payment_policy, payment_mode, payment_id, payment_state, payment_version,"
        " payment_next_url, treasury_reference, paid_cents, refunded_cents, returned_cents, counter_paid_cents,"
        " citizen_uid, citizen_sequence, held_at, expires_at, extension_count, return_url, unfinished_told_at,"
        " reminded_at, booked_via, overbooked, rebook_until, office_note, created_at, updated_at"
        " FROM appointment WHERE tenant = $1 AND id = $2",
        tenant,
        appointment_id,
    )
    if found is None:
        raise NotFound("There is no such appointment.")
    return found


async def lock_appointment(connection: Connection, tenant: str, appointment_id: UUID) -> Appointment:
    """Waits for whoever moves it now. Raises NotFound."""
    await execute(
        connection, "SELECT 1 FROM appointment WHERE tenant = $1 AND id = $2 FOR UPDATE", tenant, appointment_id
    )
    return await get_appointment(connection, tenant, appointment_id)


async def lock_appointments(
    connection: Connection, tenant: str, appointment_ids: Collection[UUID]
) -> dict[UUID, Appointment]:
    """Several at once, in the order of their ids, which everybody keeps to who locks more than one."""
    rows = await connection.fetch(
        "SELECT id FROM appointment WHERE tenant = $1 AND id = ANY($2) ORDER BY id FOR UPDATE", tenant, appointment_ids
    )
    return {row["id"]: await get_appointment(connection, tenant, row["id"]) for row in rows}


async def move_appointment(connection: Connection, before: Appointment, after: Appointment) -> None:
    """Raises Conflict if somebody else was quicker, SlotTaken if another appointment has its invitation by now."""
    try:
        touched = await _move(connection, before, after)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "appointment_by_invitation":
            raise
        raise SlotTaken("The invitation has another appointment by now.") from None
    if not touched:
        raise Conflict("The appointment was changed at the same moment. Load it again.")


async def _move(connection: Connection, before: Appointment, after: Appointment) -> int:
    return await execute(
        connection,
        "UPDATE appointment SET state = $4, version = $5, unit_id = $6, lane_id = $7, starts_at = $8, ends_at = $9,"
        " fee_cents = $10, payment_mode = $11, payment_id = $12, payment_state = $13, payment_version = $14,"
        " payment_next_url = $15, treasury_reference = $16, paid_cents = $17, refunded_cents = $18,"
        " citizen_sequence = $19, held_at = $20, expires_at = $21, extension_count = $22, return_url = $23,"
        " unfinished_told_at = $24, reminded_at = $25, updated_at = $26, overbooked = $27, rebook_until = $28,"
        " office_note = $29, counter_paid_cents = $30, fee_kind = $31, payment_policy = $32, returned_cents = $33"
        " WHERE tenant = $1 AND id = $2 AND version = $3",
        before.tenant,
        before.id,
        before.version,
        after.state,
        after.version,
        after.unit_id,
        after.lane_id,
        after.starts_at,
        after.ends_at,
        after.fee_cents,
        after.payment_mode,
        after.payment_id,
        after.payment_state,
        after.payment_version,
        after.payment_next_url,
        after.treasury_reference,
        after.paid_cents,
        after.refunded_cents,
        after.citizen_sequence,
        after.held_at,
        after.expires_at,
        after.extension_count,
        after.return_url,
        after.unfinished_told_at,
        after.reminded_at,
        after.updated_at,
        after.overbooked,
        after.rebook_until,
        after.office_note,
        after.counter_paid_cents,
        after.fee_kind,
        after.payment_policy,
        after.returned_cents,
    )


async def insert_audit(connection: Connection, after: Appointment, actor: str, action: str) -> None:
    """Append-only, ids alone."""
    await execute(
        connection,
        "INSERT INTO audit_event (tenant, appointment_id, version, actor, action, at) VALUES ($1, $2, $3, $4, $5, $6)",
        after.tenant,
        after.id,
        after.version,
        actor,
        action,
        after.updated_at,
    )


async def list_items(connection: Connection, tenant: str, appointment_id: UUID) -> list[Item]:
    return await fetch_all(
        connection,
        Item,
        "SELECT i.service_id, s.name AS service, s.name_en AS service_en, s.documents, s.documents_en,"
        " s.accounting, i.quantity, i.duration_min, i.fee_cents"
        " FROM appointment_item i JOIN appointment a ON a.id = i.appointment_id"
        " JOIN service s ON s.id = i.service_id"
        " WHERE a.tenant = $1 AND i.appointment_id = $2 ORDER BY i.position",
        tenant,
        appointment_id,
    )


class Due(msgspec.Struct, frozen=True):
    """An appointment that the worker must look at."""

    tenant: str
    id: UUID


async def list_unfinished(connection: Connection, begun_before: datetime, now: datetime, limit: int) -> list[Due]:
    """At the checkout since `begun_before`, still open, and not told yet."""
    return await fetch_all(
        connection,
        Due,
        "SELECT tenant, id FROM appointment WHERE state = 'awaiting_payment' AND expires_at > $2"
        " AND unfinished_told_at IS NULL AND payment_state IN ('created', 'pending') AND updated_at <= $1"
        " ORDER BY expires_at LIMIT $3",
        begun_before,
        now,
        limit,
    )


async def list_quiet_payments(
    connection: Connection, quiet_since: datetime, not_before: datetime, limit: int
) -> list[Due]:
    """Whose payment is under way and was not heard of since `quiet_since`: an event may be lost. In no order, so that
    a few that never move do not keep the others out.
    """
    return await fetch_all(
        connection,
        Due,
        "SELECT tenant, id FROM appointment WHERE payment_id IS NOT NULL"
        " AND payment_state IN ('created', 'pending', 'authorised', 'capturing')"
        " AND state IN ('awaiting_payment', 'confirmed', 'checked_in', 'in_service', 'completed', 'no_show', 'expired')"
        " AND updated_at BETWEEN $2 AND $1"
        " ORDER BY random() LIMIT $3",
        quiet_since,
        not_before,
        limit,
    )


async def list_to_remind(connection: Connection, now: datetime, ahead: timedelta, limit: int) -> list[Due]:
    """Confirmed visits that begin soon: `ahead`, or what their services say. Who booked within that time was just told,
    and is not reminded.
    """
    return await fetch_all(
        connection,
        Due,
        """
        SELECT a.tenant, a.id FROM appointment a CROSS JOIN LATERAL (
            SELECT coalesce(max(make_interval(hours => o.reminder_ahead_h)), $2) AS ahead
            FROM appointment_item i JOIN offering o ON o.id = i.offering_id WHERE i.appointment_id = a.id) AS its
        WHERE a.state = 'confirmed' AND a.reminded_at IS NULL AND a.starts_at > $1
          AND a.starts_at <= $1 + greatest(
              $2, (SELECT make_interval(hours => max(reminder_ahead_h)) FROM offering))
          AND a.starts_at <= $1 + its.ahead AND a.created_at < a.starts_at - its.ahead
        ORDER BY a.starts_at LIMIT $3
        """,
        now,
        ahead,
        limit,
    )


async def list_overdue_beside(
    connection: Connection, appointment: Appointment, lane_ids: Sequence[int], until: datetime, now: datetime
) -> list[Due]:
    """Lapsed reservations in these lanes at the same time."""
    return await fetch_all(
        connection,
        Due,
        "SELECT a.tenant, a.id FROM occupation o JOIN appointment a ON a.id = o.appointment_id"
        " WHERE a.tenant = $1 AND o.lane_id = ANY($2) AND o.during && tstzrange($3, $4) AND a.expires_at <= $5"
        " GROUP BY a.tenant, a.id ORDER BY a.id",
        appointment.tenant,
        lane_ids,
        appointment.starts_at,
        until,
        now,
    )


async def was_audited_since(connection: Connection, appointment_id: UUID, action: str, since: datetime) -> bool:
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM audit_event WHERE appointment_id = $1 AND action = $2 AND at > $3)",
        appointment_id,
        action,
        since,
    )
    return found


async def count_audited(connection: Connection, appointment_id: UUID, action: str) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM audit_event WHERE appointment_id = $1 AND action = $2", appointment_id, action
    )
    return count


async def find_tenant(connection: Connection, appointment_id: UUID) -> str | None:
    """For notify alone, which knows an id and serves all tenants."""
    tenant: str | None = await connection.fetchval("SELECT tenant FROM appointment WHERE id = $1", appointment_id)
    return tenant


async def save_item_fees(connection: Connection, tenant: str, appointment_id: UUID, fees: Sequence[int | None]) -> None:
    """`fees` of one piece each, in the items' order."""
    await execute(
        connection,
        "UPDATE appointment_item i SET fee_cents = f.cents FROM appointment a,"
        " unnest($3::int[]) WITH ORDINALITY AS f (cents, position)"
        " WHERE a.tenant = $1 AND a.id = $2 AND i.appointment_id = a.id AND i.position = f.position",
        tenant,
        appointment_id,
        fees,
    )

"""Who must be called, because the office cannot keep the visit and there is no mail address."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from contracts.booking import AppointmentState
from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_all


async def insert_call(
    connection: Connection,
    tenant: str,
    appointment_id: UUID,
    lane_id: int,
    starts_at: datetime,
    note: str,
    now: datetime,
) -> None:
    """Once, however often it is planned; and not again after it is done."""
    await execute(
        connection,
        "INSERT INTO call_list (id, tenant, appointment_id, lane_id, starts_at, note, listed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        uuid7(),
        tenant,
        appointment_id,
        lane_id,
        starts_at,
        note,
        now,
    )


class Call(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    appointment_id: UUID
    number: str
    state: AppointmentState
    start: datetime
    given_name: str | None
    family_name: str | None
    phone: str | None
    """All of the person is null for who walked in, and after erasure."""
    services: tuple[str, ...]
    clerk: str
    note: str
    listed_at: datetime


async def list_calls(connection: Connection, tenant: str, after: UUID | None, limit: int) -> list[Call]:
    """Those still to be made: of visits that stand as they stood then, where nobody can keep them still."""
    return await fetch_all(
        connection,
        Call,
        """
        SELECT k.id, k.appointment_id, a.number, a.state, a.starts_at AS start, p.given_name, p.family_name, p.phone,
               ARRAY(SELECT s.name FROM appointment_item i JOIN service s ON s.id = i.service_id
                     WHERE i.appointment_id = a.id ORDER BY i.position) AS services,
               coalesce(c.display_name, l.label) AS clerk, k.note, k.listed_at
        FROM call_list k JOIN appointment a ON a.id = k.appointment_id
        JOIN lane l ON l.id = k.lane_id LEFT JOIN clerk c ON c.id = l.clerk_id
        LEFT JOIN contact p ON p.appointment_id = a.id AND p.bound_at IS NOT NULL
        WHERE k.tenant = $1 AND k.done_at IS NULL AND ($2::uuid IS NULL OR k.id > $2)
          AND a.state IN ('confirmed', 'checked_in') AND (a.lane_id, a.starts_at) = (k.lane_id, k.starts_at)
          AND (a.overbooked OR EXISTS (
               SELECT 1 FROM conflict f WHERE f.appointment_id = a.id AND f.lane_id = a.lane_id
               AND f.resolved_at IS NULL AND f.cause <> 'fee'))
        ORDER BY k.id LIMIT $3
        """,
        tenant,
        after,
        limit,
    )


async def finish_call(connection: Connection, tenant: str, call_id: UUID, subject: str, now: datetime) -> bool:
    """False if there is no such call. A second time changes nothing."""
    touched = await execute(
        connection,
        "UPDATE call_list SET done_at = coalesce(done_at, $3), done_by = coalesce(done_by, $4)"
        " WHERE tenant = $1 AND id = $2",
        tenant,
        call_id,
        now,
        subject,
    )
    return touched > 0


async def delete_needless_calls(connection: Connection, tenant: str, lane_ids: Sequence[int]) -> None:
    """Of visits that can be kept again: should they be lost once more, they are called once more."""
    await execute(
        connection,
        "DELETE FROM call_list k WHERE k.tenant = $1 AND k.lane_id = ANY($2) AND NOT EXISTS ("
        " SELECT 1 FROM conflict f WHERE f.appointment_id = k.appointment_id AND f.lane_id = k.lane_id"
        " AND f.resolved_at IS NULL AND f.cause <> 'fee')",
        tenant,
        lane_ids,
    )

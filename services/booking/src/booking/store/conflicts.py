"""Visits in conflict with rules, and how they stand. A conflict is about one visit as it stood when it was found."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from booking.domain.conflicts import ConflictCause, KnownConflict, StandingVisit, Stranded
from contracts.booking import AppointmentState
from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_all

ConflictState = Literal["open", "resolved", "all"]


class ConflictEntry(msgspec.Struct, frozen=True, kw_only=True):
    """As a clerk reads it; no person's data."""

    id: UUID
    appointment_id: UUID
    number: str
    appointment_state: AppointmentState
    lane_id: int
    lane: str
    """The clerk's name, or what people call the counter or resource."""
    start: datetime
    end: datetime
    """The visit as it stood when the conflict was found."""
    cause: ConflictCause
    detail: str
    """The closure's reason, the holiday's name, the two fees."""
    found_at: datetime
    resolved_at: datetime | None
    accepted_by: str | None
    """Who keeps the visit as it stands."""


async def list_visits(
    connection: Connection, lane_ids: Collection[int], since: datetime, until: datetime
) -> list[StandingVisit]:
    """Whoever occupies these lanes, those whose reservation has just lapsed included."""
    return await fetch_all(
        connection,
        StandingVisit,
        "SELECT a.id AS appointment_id, a.number, o.lane_id, a.starts_at, a.ends_at, upper(o.during) AS occupied_until,"
        " a.expires_at FROM occupation o JOIN appointment a ON a.id = o.appointment_id"
        " WHERE o.lane_id = ANY($1) AND o.during && tstzrange($2, $3) ORDER BY a.starts_at, o.lane_id",
        lane_ids,
        since,
        until,
    )


async def list_known_conflicts(
    connection: Connection, tenant: str, lane_ids: Collection[int], since: datetime, until: datetime
) -> list[KnownConflict]:
    """Those about open times, not about fees."""
    return await fetch_all(
        connection,
        KnownConflict,
        "SELECT id, appointment_id, lane_id, starts_at, ends_at, resolved_at IS NULL AS is_open FROM conflict"
        " WHERE tenant = $1 AND (resolved_at IS NULL OR accepted_by IS NOT NULL) AND cause <> 'fee'"
        " AND lane_id = ANY($2) AND tstzrange(starts_at, ends_at) && tstzrange($3, $4)",
        tenant,
        lane_ids,
        since,
        until,
    )


async def insert_conflicts(connection: Connection, tenant: str, stranded: Sequence[Stranded], now: datetime) -> None:
    await connection.executemany(
        "INSERT INTO conflict (id, tenant, appointment_id, lane_id, starts_at, ends_at, cause, detail, found_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (
                uuid7(),
                tenant,
                item.visit.appointment_id,
                item.visit.lane_id,
                item.visit.starts_at,
                item.visit.ends_at,
                item.cause,
                item.detail,
                now,
            )
            for item in stranded
        ],
    )


async def resolve_conflicts(connection: Connection, ids: Collection[UUID], now: datetime) -> None:
    await execute(connection, "UPDATE conflict SET resolved_at = $2 WHERE id = ANY($1)", ids, now)


async def resolve_moved(connection: Connection, tenant: str, now: datetime) -> int:
    """A visit that was moved, shortened, given to somebody else, called off or is over is in conflict no longer."""
    return await execute(
        connection,
        "UPDATE conflict SET resolved_at = $2 WHERE id IN ("
        " SELECT c.id FROM conflict c WHERE c.tenant = $1 AND c.resolved_at IS NULL"
        " AND (c.ends_at <= $2 OR NOT EXISTS (SELECT 1 FROM occupation o JOIN appointment a ON a.id = o.appointment_id"
        "  WHERE o.appointment_id = c.appointment_id AND o.lane_id = c.lane_id"
        "  AND (a.starts_at, a.ends_at) = (c.starts_at, c.ends_at))) FOR UPDATE OF c SKIP LOCKED)",
        tenant,
        now,
    )


async def list_conflict_entries(
    connection: Connection,
    tenant: str,
    state: ConflictState,
    after_start: datetime | None,
    after_id: UUID | None,
    limit: int,
) -> list[ConflictEntry]:
    return await fetch_all(
        connection,
        ConflictEntry,
        "SELECT c.id, c.appointment_id, a.number, a.state AS appointment_state, c.lane_id,"
        " coalesce(k.display_name, l.label) AS lane, c.starts_at AS start, c.ends_at AS end, c.cause, c.detail,"
        " c.found_at, c.resolved_at, c.accepted_by"
        " FROM conflict c JOIN appointment a ON a.id = c.appointment_id AND a.tenant = c.tenant"
        " JOIN lane l ON l.id = c.lane_id LEFT JOIN clerk k ON k.id = l.clerk_id"
        " WHERE c.tenant = $1 AND ($2 = 'all' OR (c.resolved_at IS NULL) = ($2 = 'open'))"
        " AND ($3::timestamptz IS NULL OR (c.starts_at, c.id) > ($3, $4::uuid))"
        " ORDER BY c.starts_at, c.id LIMIT $5",
        tenant,
        state,
        after_start,
        after_id,
        limit,
    )


async def accept_conflict(connection: Connection, tenant: str, conflict_id: UUID, by: str, now: datetime) -> bool:
    """False where there is no such conflict; one that is resolved stays as it is."""
    found: bool | None = await connection.fetchval(
        "SELECT true FROM conflict WHERE tenant = $1 AND id = $2 FOR UPDATE", tenant, conflict_id
    )
    await execute(
        connection,
        "UPDATE conflict SET resolved_at = $4, accepted_by = $3 WHERE tenant = $1 AND id = $2 AND resolved_at IS NULL",
        tenant,
        conflict_id,
        by,
        now,
    )
    return bool(found)


async def delete_orphans(connection: Connection, tenant: str) -> int:
    """Conflicts of appointments that are deleted."""
    return await execute(
        connection,
        "DELETE FROM conflict c WHERE c.tenant = $1"
        " AND NOT EXISTS (SELECT 1 FROM appointment a WHERE a.id = c.appointment_id)",
        tenant,
    )

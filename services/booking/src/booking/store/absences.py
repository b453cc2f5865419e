"""Absences of clerks (Abwesenheit). Why somebody is away is nobody's business here."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_all, fetch_optional


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    clerk_id: UUID
    clerk: str
    starts_at: datetime
    ends_at: datetime
    created_by: str
    """A subject."""
    ended_at: datetime | None
    """Taken back."""


class ClerkLanes(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    subject: str | None
    lane_ids: tuple[int, ...]


_CLERK_LANES: LiteralString = (
    "SELECT c.id, c.subject, ARRAY(SELECT l.id FROM lane l WHERE l.clerk_id = c.id ORDER BY l.id) AS lane_ids"
    " FROM clerk c WHERE c.tenant = $1"
)


async def find_clerk_lanes(connection: Connection, tenant: str, clerk_id: UUID) -> ClerkLanes | None:
    return await fetch_optional(
        connection,
        ClerkLanes,
        _CLERK_LANES + " AND c.id = $2",
        tenant,
        clerk_id,
    )


async def list_clerks_of_unit(connection: Connection, tenant: str, unit_id: UUID) -> list[ClerkLanes]:
    return await fetch_all(
        connection,
        ClerkLanes,
        _CLERK_LANES + " AND c.unit_id = $2 ORDER BY c.id",
        tenant,
        unit_id,
    )


async def insert_absence(connection: Connection, tenant: str, absence: Absence, now: datetime) -> None:
    await execute(
        connection,
        "INSERT INTO absence (id, tenant, clerk_id, starts_at, ends_at, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        absence.id,
        tenant,
        absence.clerk_id,
        absence.starts_at,
        absence.ends_at,
        absence.created_by,
        now,
    )


async def is_away_throughout(connection: Connection, clerk_id: UUID, starts_at: datetime, ends_at: datetime) -> bool:
    """One absence that nobody took back covers all of that time."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM absence WHERE clerk_id = $1 AND ended_at IS NULL"
        " AND starts_at <= $2 AND ends_at >= $3)",
        clerk_id,
        starts_at,
        ends_at,
    )
    return found


async def lock_absence(connection: Connection, tenant: str, absence_id: UUID) -> Absence | None:
    return await fetch_optional(
        connection,
        Absence,
        "SELECT a.id, a.clerk_id, c.display_name AS clerk, a.starts_at, a.ends_at, a.created_by, a.ended_at"
        " FROM absence a JOIN clerk c ON c.id = a.clerk_id WHERE a.tenant = $1 AND a.id = $2 FOR UPDATE OF a",
        tenant,
        absence_id,
    )


async def end_absence(connection: Connection, tenant: str, absence_id: UUID, now: datetime) -> None:
    await execute(connection, "UPDATE absence SET ended_at = $3 WHERE tenant = $1 AND id = $2", tenant, absence_id, now)


async def list_absences(
    connection: Connection, tenant: str, since: datetime, clerk_id: UUID | None, after: UUID | None, limit: int
) -> list[Absence]:
    """What is not over, in the order in which it was entered."""
    return await fetch_all(
        connection,
        Absence,
        "SELECT a.id, a.clerk_id, c.display_name AS clerk, a.starts_at, a.ends_at, a.created_by, a.ended_at"
        " FROM absence a JOIN clerk c ON c.id = a.clerk_id WHERE a.tenant = $1 AND a.ends_at > $2"
        " AND a.ended_at IS NULL AND ($3::uuid IS NULL OR a.clerk_id = $3) AND ($4::uuid IS NULL OR a.id > $4)"
        " ORDER BY a.id LIMIT $5",
        tenant,
        since,
        clerk_id,
        after,
        limit,
    )

"""Entries that lie in a mailbox which is no longer their clerk's."""

from datetime import datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_all


class LeftBehind(msgspec.Struct, frozen=True):
    tenant: str
    appointment_id: UUID


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    clerk_id: UUID
    starts_at: datetime
    ends_at: datetime


async def list_left_behind(connection: Connection, now: datetime, limit: int) -> list[LeftBehind]:
    """Visits to come. The same address in other letters is the same mailbox."""
    return await fetch_all(
        connection,
        LeftBehind,
        "SELECT c.tenant, g.appointment_id FROM assignment g JOIN clerk c ON c.id = g.clerk_id"
        " WHERE g.live AND g.starts_at > $1 AND lower(g.email) <> lower(c.email)"
        " ORDER BY g.starts_at, g.id LIMIT $2",
        now,
        limit,
    )


async def end_left_behind(connection: Connection, appointment_id: UUID, now: datetime) -> list[Ended]:
    return await fetch_all(
        connection,
        Ended,
        "UPDATE assignment g SET live = false, sequence = sequence + 1, changed_at = $2 FROM clerk c"
        " WHERE c.id = g.clerk_id AND g.appointment_id = $1 AND g.live AND lower(g.email) <> lower(c.email)"
        " RETURNING g.id, g.clerk_id, g.starts_at, g.ends_at",
        appointment_id,
        now,
    )


async def move_open_task(connection: Connection, ended_id: UUID, new_id: UUID) -> None:
    """Whoever said no in the former mailbox has said it of the visit: the entry's first revision is refused, too."""
    await execute(
        connection,
        "UPDATE reassign_task SET assignment_id = $2, sequence = 0 WHERE id = (SELECT t.id FROM reassign_task t"
        " JOIN assignment g ON g.id = t.assignment_id"
        " WHERE g.id = $1 AND t.closed_at IS NULL AND t.sequence = g.sequence - 1)",
        ended_id,
        new_id,
    )

"""How each clerk's calendar learns of visits: what the clerk chose, or else what the office gives."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from contracts.calendars import CalendarChannel
from kit.sql import Connection, execute, fetch_optional


class ClerkCalendar(msgspec.Struct, frozen=True, kw_only=True):
    clerk_id: UUID
    tenant: str
    subject: str | None
    channel: CalendarChannel
    is_chosen: bool
    feed_id: UUID | None
    """What the token of the feed's address is made of."""
    version: int


_FIND: LiteralString = (
    "SELECT c.id AS clerk_id, c.tenant, c.subject, coalesce(k.channel, c.calendar) AS channel,"
    " k.channel IS NOT NULL AS is_chosen, k.feed_id, coalesce(k.version, 0) AS version"
    " FROM clerk c LEFT JOIN clerk_calendar k ON k.clerk_id = c.id"
    " WHERE c.tenant = $1 AND c.id = $2 AND c.retired_at IS NULL"
)


async def find_clerk_calendar(connection: Connection, tenant: str, clerk_id: UUID) -> ClerkCalendar | None:
    return await fetch_optional(connection, ClerkCalendar, _FIND, tenant, clerk_id)


async def lock_clerk_calendar(
    connection: Connection, tenant: str, clerk_id: UUID, now: datetime
) -> ClerkCalendar | None:
    await execute(
        connection,
        "INSERT INTO clerk_calendar (clerk_id, tenant, updated_at)"
        " SELECT id, tenant, $3 FROM clerk WHERE tenant = $1 AND id = $2 AND retired_at IS NULL ON CONFLICT DO NOTHING",
        tenant,
        clerk_id,
        now,
    )
    await execute(
        connection, "SELECT 1 FROM clerk_calendar WHERE tenant = $1 AND clerk_id = $2 FOR UPDATE", tenant, clerk_id
    )
    return await find_clerk_calendar(connection, tenant, clerk_id)


async def save_choice(connection: Connection, chosen: ClerkCalendar, now: datetime) -> None:
    """Of a row that is locked."""
    await execute(
        connection,
        "UPDATE clerk_calendar SET channel = CASE WHEN $2 THEN $3 END, feed_id = $4, version = $5, updated_at = $6"
        " WHERE clerk_id = $1",
        chosen.clerk_id,
        chosen.is_chosen,
        chosen.channel,
        chosen.feed_id,
        chosen.version,
        now,
    )


async def list_told_otherwise(connection: Connection, tenant: str) -> list[UUID]:
    """Clerks whom their office does not invite, and who chose nothing; those who left too, since they may come back."""
    rows = await connection.fetch(
        "SELECT c.id FROM clerk c LEFT JOIN clerk_calendar k ON k.clerk_id = c.id"
        " WHERE c.tenant = $1 AND c.calendar <> 'invite' AND k.channel IS NULL ORDER BY c.id",
        tenant,
    )
    return [row["id"] for row in rows]


async def list_visits_to_come(connection: Connection, clerk_id: UUID, now: datetime) -> list[UUID]:
    """Appointments that stand in this clerk's calendar, the soonest first."""
    rows = await connection.fetch(
        "SELECT appointment_id FROM assignment WHERE clerk_id = $1 AND live AND starts_at > $2 ORDER BY starts_at, id",
        clerk_id,
        now,
    )
    return [row["appointment_id"] for row in rows]
